import { TailraceError } from '../../error/tailrace-error.ts'
import type { RegistryAuth, RegistryOptions } from './options.ts'

/** One address of the registry, without the login that may have stood in it. */
export interface RegistryAddress {
  /** Ends without a slash. */
  readonly base: string
  readonly secure: boolean
  readonly auth: RegistryAuth | undefined
}

/** @throws TailraceError TR_CONFIG_INVALID without addresses, and for one that is none. It is never printed: a password may stand in it. */
export function addressesOf({ urls, auth }: RegistryOptions): RegistryAddress[] {
  const list = (typeof urls === 'string' ? urls.split(',') : urls).map((url) => url.trim()).filter((url) => url !== '')
  if (list.length === 0) throw invalid('registry.urls names no address')
  return list.map((text, index) => {
    const which = list.length === 1 ? 'registry.urls' : `registry.urls, address ${index + 1},`
    if (!URL.canParse(text)) throw invalid(`${which} is no URL`)
    const url = new URL(text)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid(`${which} begins with neither http: nor https:`)
    if (url.search !== '' || url.hash !== '') throw invalid(`${which} has a query or a fragment`)
    return { base: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, secure: url.protocol === 'https:', auth: auth ?? loginOf(url, which) }
  })
}

function loginOf({ username, password }: URL, which: string): RegistryAuth | undefined {
  if (username === '' && password === '') return undefined
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    throw invalid(`${which} has a user or password that is not percent-encoded correctly`)
  }
}

function invalid(message: string): TailraceError {
  return new TailraceError('TR_CONFIG_INVALID', { message, where: { option: 'registry.urls' } })
}

/** The Authorization header, and what must not be repeated of it. */
export interface Credentials {
  readonly header: string
  readonly secrets: readonly string[]
}

export async function credentialsOf(auth: RegistryAuth | undefined): Promise<Credentials | undefined> {
  if (auth === undefined) return undefined
  if ('bearer' in auth) {
    const token = typeof auth.bearer === 'function' ? await auth.bearer() : auth.bearer
    return { header: `Bearer ${token}`, secrets: [token] }
  }
  const encoded = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return { header: `Basic ${encoded}`, secrets: [encoded, auth.password] }
}

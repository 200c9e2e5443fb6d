import type { Socket } from 'node:net'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { MysqlConnection, SslMode } from './options.ts'

const SSL_MODES: readonly SslMode[] = ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity']

/** A connection with every default filled in. Secrets are private members, which no log, inspection or JSON shows. */
export class ResolvedConnection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly sslMode: SslMode
  readonly sslCa: string | undefined
  readonly sslCert: string | undefined
  readonly connectTimeoutMs: number
  readonly connect: ((port: number, host: string) => Socket) | undefined
  readonly #password: MysqlConnection['password']
  readonly #sslKey: string | undefined

  constructor(from: string | MysqlConnection, connect: ((port: number, host: string) => Socket) | undefined) {
    const parts = typeof from === 'string' ? fromUrl(from) : from
    this.host = parts.host ?? 'localhost'
    this.port = parts.port ?? 3306
    this.user = parts.user ?? process.env['USER'] ?? 'root'
    this.sslMode = parts.sslMode ?? 'preferred'
    this.sslCa = parts.sslCa
    this.sslCert = parts.sslCert
    this.connectTimeoutMs = parts.connectTimeoutMs ?? 10_000
    this.connect = connect
    this.#password = parts.password
    this.#sslKey = parts.sslKey
    if (!SSL_MODES.includes(this.sslMode)) throw new TailraceError('TR_CONFIG_INVALID', { message: `sslMode must be one of ${SSL_MODES.join(', ')}` })
    if (!Number.isInteger(this.port) || this.port < 1 || this.port > 65535) throw new TailraceError('TR_CONFIG_INVALID', { message: 'port must be between 1 and 65535' })
  }

  get password(): MysqlConnection['password'] {
    return this.#password
  }

  get sslKey(): string | undefined {
    return this.#sslKey
  }

  /** `user@host:port`, for messages. */
  toString(): string {
    return `${this.user}@${this.host}:${this.port}`
  }
}

/** `mysql://user:password@host:port?ssl-mode=…&ssl-ca=…`, names as the `mysql` client has them; `mariadb://` is the same. */
function fromUrl(text: string): MysqlConnection {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // the text may hold a password: it is not repeated
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The connection is not a URL of the form mysql://user:password@host:3306' })
  }
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') throw new TailraceError('TR_CONFIG_INVALID', { message: `The connection URL must begin with mysql:// or mariadb://, not ${url.protocol}//` })
  const given = (name: string): string | undefined => url.searchParams.get(name) ?? undefined
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '')
  const timeout = given('connect-timeout')
  return {
    ...optional('host', host === '' ? undefined : host),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...optional('user', url.username === '' ? undefined : decodeURIComponent(url.username)),
    ...optional('password', url.password === '' ? undefined : decodeURIComponent(url.password)),
    ...(optional('sslMode', given('ssl-mode')?.toLowerCase()) as { sslMode?: SslMode }), ...optional('sslCa', given('ssl-ca')), ...optional('sslCert', given('ssl-cert')), ...optional('sslKey', given('ssl-key')),
    ...(timeout === undefined ? {} : { connectTimeoutMs: Number(timeout) * 1000 }),
  }
}

function optional<Name extends string>(name: Name, value: string | undefined): { [K in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string }
}

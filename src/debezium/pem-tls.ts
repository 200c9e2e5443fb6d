import { readFileSync } from 'node:fs'
import { TailraceError } from '../error/tailrace-error.ts'
import { defined, type Settings } from './settings.ts'

/** What `node:tls` takes under these names. */
export interface PemTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly checkServerIdentity?: () => undefined
}

/** Settings of Java's TLS, as far as they are PEM; `propertyOf` says where one of them is. Errors: TR_CONFIG_FILE for a file that cannot be read. */
export function pemTls(settings: Settings, propertyOf: (name: string) => string): PemTls {
  const text = (name: string): string | undefined => settings.given(propertyOf(name))
  const file = (name: string): string | undefined => (text(name) === undefined ? undefined : readPem(propertyOf(name), text(name)!))
  const store = file('keystore.location')
  return defined({
    ca: text('truststore.certificates') ?? file('truststore.location'),
    cert: text('keystore.certificate.chain') ?? store,
    key: text('keystore.key') ?? store,
    passphrase: text('key.password'),
    // an empty value is one: Java's way to say so
    checkServerIdentity: settings.isEmpty(propertyOf('endpoint.identification.algorithm')) ? () => undefined : undefined,
  })
}

function readPem(property: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new TailraceError('TR_CONFIG_FILE', { message: `The file of ${property} cannot be read`, where: { property }, cause: error })
  }
}

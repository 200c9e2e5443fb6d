import type { Socket } from 'node:net'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { PostgresConnection, SslMode } from './options.ts'

const SSL_MODES: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/** A connection with every default filled in. Secrets are private members, which no log, inspection or JSON shows. */
export class ResolvedConnection {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly sslmode: SslMode
  readonly sslrootcert: string | undefined
  readonly sslcert: string | undefined
  readonly applicationName: string
  readonly connectTimeoutMs: number
  readonly connect: ((port: number, host: string) => Socket) | undefined
  readonly #password: PostgresConnection['password']
  readonly #sslkey: string | undefined
  readonly #sslpassword: string | undefined

  constructor(from: string | PostgresConnection, connect: ((port: number, host: string) => Socket) | undefined) {
    const parts = typeof from === 'string' ? fromUrl(from) : from
    this.host = parts.host ?? 'localhost'
    this.port = parts.port ?? 5432
    this.user = parts.user ?? process.env['USER'] ?? 'postgres'
    this.database = parts.database ?? this.user
    this.sslmode = parts.sslmode ?? 'prefer'
    this.sslrootcert = parts.sslrootcert
    this.sslcert = parts.sslcert
    this.applicationName = parts.applicationName ?? 'tailrace'
    this.connectTimeoutMs = parts.connectTimeoutMs ?? 10_000
    this.connect = connect
    this.#password = parts.password
    this.#sslkey = parts.sslkey
    this.#sslpassword = parts.sslpassword
    if (!SSL_MODES.includes(this.sslmode)) throw new TailraceError('TR_CONFIG_INVALID', { message: `sslmode must be one of ${SSL_MODES.join(', ')}` })
    if (!Number.isInteger(this.port) || this.port < 1 || this.port > 65535) throw new TailraceError('TR_CONFIG_INVALID', { message: 'port must be between 1 and 65535' })
  }

  get password(): PostgresConnection['password'] {
    return this.#password
  }

  get sslkey(): string | undefined {
    return this.#sslkey
  }

  get sslpassword(): string | undefined {
    return this.#sslpassword
  }

  /** `user@host:port/database`, for messages. */
  toString(): string {
    return `${this.user}@${this.host}:${this.port}/${this.database}`
  }
}

/** `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…` */
function fromUrl(text: string): PostgresConnection {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // the text may hold a password: it is not repeated
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The connection is not a URL of the form postgres://user:password@host:5432/database' })
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw new TailraceError('TR_CONFIG_INVALID', { message: `The connection URL must begin with postgres://, not ${url.protocol}//` })
  const query = url.searchParams
  const text_ = (name: string): string | undefined => query.get(name) ?? undefined
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || text_('host')
  const sslmode = text_('sslmode') as SslMode | undefined
  const timeout = text_('connect_timeout')
  return {
    ...(host === undefined ? {} : { host }),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(url.pathname.length > 1 ? { database: decodeURIComponent(url.pathname.slice(1)) } : {}),
    ...(url.username === '' ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(sslmode === undefined ? {} : { sslmode }),
    ...optional('sslrootcert', text_('sslrootcert')), ...optional('sslcert', text_('sslcert')), ...optional('sslkey', text_('sslkey')), ...optional('applicationName', text_('application_name')),
    ...(timeout === undefined ? {} : { connectTimeoutMs: Number(timeout) * 1000 }),
  }
}

function optional<Name extends string>(name: Name, value: string | undefined): { [K in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string }
}

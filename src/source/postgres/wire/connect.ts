import { Socket, type SocketConstructorOpts } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { checkServerIdentity, type ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { systemClock } from '../../../time/clock.ts'
import { toServerError } from './server-error.ts'
import { READ_AHEAD } from '../../read-coalescing.ts'
import type { ResolvedConnection } from '../connection.ts'

/**
 * What both connections, snapshot and replication, must agree on, whatever the role or database sets: the text forms that
 * values are decoded from, and no time limit that would cut a long read. They travel in the startup packet, which
 * overrides ALTER ROLE … SET.
 */
const SESSION = [
  'datestyle=ISO', 'intervalstyle=postgres', 'bytea_output=hex', 'extra_float_digits=1', 'timezone=UTC', 'lc_monetary=C', 'xmloption=content', 'quote_all_identifiers=off',
  'statement_timeout=0', 'lock_timeout=0', 'idle_in_transaction_session_timeout=0', 'idle_session_timeout=0', 'synchronize_seqscans=off',
].map((setting) => `-c ${setting}`).join(' ')

/** The same for a limit that came with version 17: before that the name is unknown, and in a startup packet unknown names are errors. */
const NO_TRANSACTION_TIMEOUT = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'"

/** `replication`: a walsender that also takes SQL (replication=database). */
export type ConnectionUse = 'query' | 'replication'

type PgModule = { default: typeof pg }
let loaded: Promise<typeof pg> | undefined

/** `pg` is an optional peer: it is loaded when the first connection is made. */
async function loadPg(): Promise<typeof pg> {
  try {
    return (await (loaded ??= import('pg').then((module) => (module as unknown as PgModule).default)))
  } catch (cause) {
    loaded = undefined
    throw new TailraceError('TR_CONFIG_INVALID', { message: 'The package pg is not installed', remedy: 'npm install pg', cause })
  }
}

/** A logged-in connection. Aborting ends it. Errors: TR_PG_CONNECT, TR_PG_AUTH, TR_PG_TLS, TR_PG_DATABASE_MISSING. */
export async function connect(to: ResolvedConnection, use: ConnectionUse, signal: AbortSignal): Promise<pg.Client> {
  const modes = to.sslmode === 'prefer' ? (['require', 'disable'] as const) : to.sslmode === 'allow' ? (['disable', 'require'] as const) : ([to.sslmode] as const)
  let failure: unknown
  for (const mode of modes) {
    try {
      return await attempt(to, use, mode, signal)
    } catch (error) {
      failure = error
      if (!otherModeMayHelp(to, error)) break
    }
  }
  throw toServerError(failure, 'connecting')
}

/** libpq's `prefer` and `allow` try the other kind when the server refuses this one, not when the login is wrong. */
function otherModeMayHelp(to: ResolvedConnection, error: unknown): boolean {
  const { message = '', code = '' } = error as { message?: string; code?: string }
  return to.sslmode === 'prefer' ? /does not support SSL/.test(message) : /no pg_hba.conf entry/.test(message) || code === '28000'
}

async function attempt(to: ResolvedConnection, use: ConnectionUse, mode: ResolvedConnection['sslmode'], signal: AbortSignal): Promise<pg.Client> {
  signal.throwIfAborted()
  const { Client } = await loadPg()
  const password = typeof to.password === 'function' ? await to.password() : to.password
  const config = {
    host: to.host, port: to.port, database: to.database, user: to.user, ...(password === undefined ? {} : { password }),
    application_name: to.applicationName, connectionTimeoutMillis: to.connectTimeoutMs, keepAlive: true, keepAliveInitialDelayMillis: 30_000,
    client_encoding: 'UTF8', options: SESSION, ssl: tlsOptions(to, mode),
    ...(use === 'replication' ? { replication: 'database' } : {}),
    stream: () => (to.connect === undefined ? new Socket({ readableHighWaterMark: READ_AHEAD } as SocketConstructorOpts) : new DeferredSocket(to).socket),
  }
  const client = new Client(config)
  // An error event without a listener would end the process; every failure is also seen by whoever waits for a reply.
  client.on('error', () => {})
  // not end(): a client that is ended while it connects never settles connect()
  const abort = (): void => void socketOf(client).destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    await client.connect()
    await client.query(NO_TRANSACTION_TIMEOUT)
    return client
  } catch (error) {
    socketOf(client).destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Milliseconds to wait for the other side to hang up. */
const GOODBYE_MS = 1_000

/** Says goodbye and waits for the server to hang up, but not for ever: across a network that swallows everything it never does. Never rejects. */
export async function disconnect(client: pg.Client): Promise<void> {
  const cancel = systemClock.after(GOODBYE_MS, () => socketOf(client).destroy())
  await client.end().catch(() => {})
  cancel()
}

/** The socket that `pg` uses at the moment; TLS replaces it. */
function socketOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream
}

/** `pg` asks for a socket first and connects it later; the injected function makes a connected one. */
class DeferredSocket {
  readonly socket: Socket

  constructor(to: ResolvedConnection) {
    this.socket = to.connect!(to.port, to.host)
    // pg calls connect(port, host) on what it gets: this socket is on its way already
    this.socket.connect = () => this.socket
  }
}

function tlsOptions(to: ResolvedConnection, mode: ResolvedConnection['sslmode']): ConnectionOptions | false {
  if (mode === 'disable') return false
  const ca = pem(to.sslrootcert)
  const cert = pem(to.sslcert)
  const key = pem(to.sslkey)
  // libpq: with a root certificate, `require` verifies the chain as verify-ca does
  const verify = mode === 'verify-full' || mode === 'verify-ca' || ca !== undefined
  return {
    minVersion: 'TLSv1.2',
    ...({ highWaterMark: READ_AHEAD } as ConnectionOptions),
    rejectUnauthorized: verify,
    checkServerIdentity: mode === 'verify-full' ? checkServerIdentity : () => undefined,
    ...(mode === 'verify-full' && !/^[\d.:]+$/.test(to.host) ? { servername: to.host } : {}),
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }),
    ...(to.sslpassword === undefined ? {} : { passphrase: to.sslpassword }),
  }
}

/** PEM text as it is, otherwise a path; read on every connect, so that rotated certificates are picked up. */
function pem(value: string | undefined): string | undefined {
  if (value === undefined || value.includes('-----BEGIN')) return value
  if (!existsSync(value)) throw new TailraceError('TR_PG_TLS', { message: `The certificate file ${value} does not exist`, where: { file: value } })
  return readFileSync(value, 'utf8')
}

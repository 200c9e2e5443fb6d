import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type mysql2 from 'mysql2'
import { TailraceError } from '../../../error/tailrace-error.ts'
import type { ResolvedConnection } from '../connection.ts'
import { READ_AHEAD } from '../../read-coalescing.ts'
import { MysqlClient } from './client.ts'
import { signEd25519 } from './ed25519.ts'
import { PacketSocket } from './packet-socket.ts'
import { CONNECTING, toServerError } from './server-error.ts'
import { checkIdentity, rememberHost, sslOptions } from './tls.ts'

export type { MysqlClient } from './client.ts'

type Mysql2 = typeof mysql2
let loaded: Promise<Mysql2> | undefined

/** `mysql2` is an optional peer: it is loaded when the first connection is made. */
async function loadMysql2(): Promise<Mysql2> {
  try {
    return await (loaded ??= import('mysql2').then((module) => (module as unknown as { default: Mysql2 }).default))
  } catch (cause) {
    loaded = undefined
    throw new TailraceError('TR_MYSQL_CLIENT', { message: 'The package mysql2 is not installed', remedy: 'npm install mysql2', cause })
  }
}

/**
 * Off: what changes the form of statements and answers (query attributes, tracking of the session), a `sql_mode` of its own
 * (IGNORE_SPACE), and reading of files for the server.
 */
const FLAGS = ['-CLIENT_QUERY_ATTRIBUTES', '-SESSION_TRACK', '-IGNORE_SPACE', '-LOCAL_FILES', '-CONNECT_WITH_DB', '-FOUND_ROWS']

type AuthPlugins = NonNullable<mysql2.ConnectionOptions['authPlugins']>

function authPlugins(password: string, tls: boolean): AuthPlugins {
  return {
    // MariaDB's, which `mysql2` does not have
    client_ed25519: () => (scramble) => signEd25519(Buffer.from(password, 'utf8'), scramble.subarray(0, 32)),
    // as it is where nobody listens, or where it is empty; `mysql2` would encrypt it in older versions, or write the word "undefined"
    ...(tls || password === '' ? { sha256_password: () => () => Buffer.from(`${password}\0`, 'utf8') } : {}),
  }
}

const KEEP_ALIVE_MS = 30_000

/** A logged-in connection. Aborting ends it. Errors: TR_MYSQL_CLIENT, TR_MYSQL_CONNECT, TR_MYSQL_AUTH, TR_MYSQL_TLS, TR_MYSQL_LIMIT. */
export async function connect(to: ResolvedConnection, signal: AbortSignal): Promise<MysqlClient> {
  try {
    const password = typeof to.password === 'function' ? await to.password() : to.password
    return await login(to, password ?? '', to.sslMode !== 'disabled', signal).catch(async (error: unknown) => {
      if (to.sslMode !== 'preferred' || (error as { code?: string }).code !== 'HANDSHAKE_NO_SSL_SUPPORT') throw error
      return await login(to, password ?? '', false, signal)
    })
  } catch (error) {
    throw toServerError(error, CONNECTING)
  }
}

/** Says goodbye; the server rolls back what is open. Never rejects. */
export async function disconnect(client: MysqlClient): Promise<void> {
  await client.close()
}

async function login(to: ResolvedConnection, password: string, tls: boolean, signal: AbortSignal): Promise<MysqlClient> {
  signal.throwIfAborted()
  const { createConnection } = await loadMysql2()
  const connection = createConnection({
    host: to.host, port: to.port, user: to.user, password, connectTimeout: to.connectTimeoutMs, charset: 'utf8mb4_general_ci', flags: FLAGS, authPlugins: authPlugins(password, tls),
    stream: () => openSocket(to), ...(tls ? { ssl: sslOptions(to) } : {}),
  })
  // An error event without a listener would end the process; every failure is also seen by whoever waits for a reply.
  connection.on('error', () => {})
  const abort = (): void => void socketOf(connection).destroy(new Error('aborted'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error === null ? resolve() : reject(error))))
    const socket = socketOf(connection)
    // older versions keep the encrypted socket to themselves
    if (tls && !(socket instanceof TLSSocket)) throw unusable()
    checkIdentity(socket, to)
    const client = new MysqlClient(new PacketSocket(socket), connection.threadId)
    // the server may be told to ignore the character set of the login
    await client.query('SET NAMES utf8mb4')
    return client
  } catch (error) {
    socketOf(connection).destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function openSocket(to: ResolvedConnection): Socket {
  const socket = to.connect === undefined ? connectTcp({ host: to.host, port: to.port, readableHighWaterMark: READ_AHEAD } as NetConnectOpts) : to.connect(to.port, to.host)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  rememberHost(socket, to.host)
  return socket
}

/** The socket that `mysql2` uses at the moment; TLS replaces it. The one private part of it that is touched. Errors: TR_MYSQL_CLIENT. */
function socketOf(connection: mysql2.Connection): Socket {
  const { stream } = connection as unknown as { stream?: Socket }
  if (typeof stream?.destroy !== 'function') throw unusable()
  return stream
}

function unusable(): TailraceError {
  return new TailraceError('TR_MYSQL_CLIENT', { message: 'This version of mysql2 does not show its socket', remedy: 'Install mysql2 3.15 or later, of major version 3' })
}

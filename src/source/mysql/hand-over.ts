import { pause } from '../../async/abort.ts'
import type { Reach } from '../../observe/failpoint.ts'
import type { Clock } from '../../time/clock.ts'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import type { ResolvedConnection } from './connection.ts'
import type { Query } from './control.ts'
import type { Flavor, LogEnd } from './flavor.ts'
import { quoteTable } from './identifier.ts'
import type { LockingMode } from './options.ts'
import type { ServerFacts } from './server.ts'
import type { TableName } from './catalog.ts'
import { connect, disconnect, type MysqlClient } from './wire/connect.ts'
import { isDenied, toServerError } from './wire/server-error.ts'

/** How often prepared XA transactions are asked for, while there are any. */
const ASK_AGAIN_MS = 100

export interface HandOverOptions {
  readonly connection: ResolvedConnection
  readonly flavor: Flavor
  readonly facts: ServerFacts
  readonly locking: LockingMode
  readonly lockTimeoutMs: number
  readonly clock: Clock
  readonly reach: Reach
}

/** A connection inside a consistent snapshot, and where the stream begins behind it. */
export interface HandOver {
  readonly worker: MysqlClient
  /** Asks it. */
  readonly query: Query
  readonly place: LogEnd
  /** Ends the locks: `extended` at the end, the others once the tables' definitions are read. */
  readonly unlock: () => Promise<void>
  /** Ends the locks and the connection. */
  readonly close: () => Promise<void>
}

/**
 * The exact hand-over from snapshot to stream. MariaDB says for a consistent snapshot where the log stands behind it. In MySQL the log may
 * already have a transaction that no snapshot sees yet (semi-synchronous replication waits in between), and only a lock waits for
 * it: the global one, or, where that is not granted, one on each captured table. Without any, `gtid_executed` is read before the
 * snapshot: what is committed in between is in both. Whoever locks no writers holds the tables' definitions: an ALTER TABLE shows in them,
 * and in the rows, before it is in the log, and a snapshot in between would have it and be placed before it.
 */
export async function handOver(options: HandOverOptions, tables: readonly TableName[], signal: AbortSignal): Promise<HandOver> {
  const worker = await connect(options.connection, signal)
  const query: Query = (sql, values) => worker.query(sql, values)
  let locker: MysqlClient | undefined
  try {
    for (const setting of sessionSettings(options)) await query(setting)
    const locks = options.locking !== 'none' && (options.flavor.readSnapshotPlace === undefined || options.locking === 'extended')
    const end = options.clock.monotonicMs() + options.lockTimeoutMs
    let before: LogEnd
    let place: LogEnd | undefined
    do {
      if (locker !== undefined) await disconnect(locker)
      // before the lock, which keeps them from ending; and again behind the snapshot, which one may have come before
      await waitForPrepared(query, end, options.clock, signal)
      locker = await lock(options, signal, (client) => (locks ? lockWriters(client, tables, options.reach) : holdTables(client, tables)))
      before = await options.flavor.readLogEnd(query, options.facts)
      await query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
      options.reach('source.snapshot-exported')
      place = await options.flavor.readSnapshotPlace?.(query, options.facts)
    } while (await hasPrepared(query, end, options.clock))
    if (place === undefined && !locks && before.gtids === undefined) {
      throw new TailraceError('TR_MYSQL_SETTING', { message: 'Without a lock, only GTIDs say where the log stands behind a snapshot, and the server has none', where: { variable: 'gtid_mode' }, remedy: 'Set snapshot.locking to minimal, or gtid_mode=ON' })
    }
    const held = locker
    const unlock = (): Promise<void> => disconnect(held)
    return { worker, query, place: place ?? before, unlock, close: async () => void (await Promise.all([unlock(), disconnect(worker)])) }
  } catch (error) {
    await disconnect(worker)
    if (locker !== undefined) await disconnect(locker)
    throw isTailraceError(error) ? error : toServerError(error, 'preparing the snapshot')
  }
}

/** Rows of a prepared XA transaction are in the log before the snapshot's place, and are visible only once it is committed. */
async function waitForPrepared(query: Query, end: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (await hasPrepared(query, end, clock)) {
    await pause(ASK_AGAIN_MS, clock, signal)
    signal.throwIfAborted()
  }
}

/** Errors: TR_MYSQL_SNAPSHOT, at the end of the time. */
async function hasPrepared(query: Query, end: number, clock: Clock): Promise<boolean> {
  // it needs XA_RECOVER_ADMIN in MySQL; without it, the XA COMMIT behind the snapshot stops the stream
  const prepared = await query('XA RECOVER').catch((error: unknown) => {
    if (isDenied(error) || isRecoverDenied(error)) return []
    throw error
  })
  if (prepared.length > 0 && clock.monotonicMs() >= end) throw new TailraceError('TR_MYSQL_SNAPSHOT', { message: `${prepared.length} XA transactions are prepared and neither committed nor rolled back`, where: { prepared: prepared.length }, remedy: 'End them (XA RECOVER lists them); the snapshot is tried again' })
  return prepared.length > 0
}

/** MySQL says no with ER_XAER_RMERR, and why only in a note (sql/xa/sql_xa_recover.cc, Sql_cmd_xa_recover::check_xa_recover_privilege). */
function isRecoverDenied(error: unknown): boolean {
  return toServerError(error, 'asking for prepared transactions').where['errno'] === 1401
}

/** Services whose accounts have RELOAD and may not do this say so with the error of a login, 1045 (Amazon RDS). */
function isLockDenied(error: unknown): boolean {
  return isDenied(error) || toServerError(error, 'locking the tables').code === 'TR_MYSQL_AUTH'
}

function sessionSettings({ lockTimeoutMs }: HandOverOptions): readonly string[] {
  return [
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    "SET SESSION time_zone = '+00:00'",
    // a zero date, or one that does not exist, is what it is
    "SET SESSION sql_mode = ''",
    `SET SESSION lock_wait_timeout = ${Math.max(1, Math.ceil(lockTimeoutMs / 1000))}`,
    'SET SESSION net_write_timeout = 86400, SESSION wait_timeout = 86400',
  ]
}

/** On a connection of its own: a transaction would end the locks of its connection. */
async function lock({ connection, lockTimeoutMs }: HandOverOptions, signal: AbortSignal, take: (client: MysqlClient) => Promise<void>): Promise<MysqlClient> {
  const locker = await connect(connection, signal)
  try {
    await locker.query(`SET SESSION lock_wait_timeout = ${Math.max(1, Math.ceil(lockTimeoutMs / 1000))}`)
    await take(locker)
    return locker
  } catch (error) {
    await disconnect(locker)
    const failure = toServerError(error, 'locking the tables')
    throw failure.code === 'TR_MYSQL_LOCK_TIMEOUT' ? new TailraceError('TR_MYSQL_SNAPSHOT', { message: failure.message, where: failure.where, cause: failure }) : failure
  }
}

async function lockWriters(client: MysqlClient, tables: readonly TableName[], reach: Reach): Promise<void> {
  await client.query('FLUSH TABLES WITH READ LOCK').catch(async (error: unknown) => {
    if (!isLockDenied(error)) throw error
    if (tables.length > 0) await client.query(`LOCK TABLES ${tables.map(({ database, name }) => `${quoteTable(database, name)} READ`).join(', ')}`)
  })
  reach('source.snapshot-locked')
}

async function holdTables(client: MysqlClient, tables: readonly TableName[]): Promise<void> {
  await client.query('START TRANSACTION')
  // definitions can be read without the right to read rows
  for (const table of tables) await client.query(holdTable(table)).catch((error: unknown) => (isDenied(error) ? undefined : Promise.reject(error as Error)))
}

/**
 * Inside of a transaction nobody can alter, rename, truncate or drop the table behind it until the transaction ends; what somebody began is
 * waited for, and is in the log then (https://dev.mysql.com/doc/refman/9.7/en/metadata-locking.html).
 */
export function holdTable({ database, name }: TableName): string {
  return `SELECT 1 FROM ${quoteTable(database, name)} LIMIT 0`
}

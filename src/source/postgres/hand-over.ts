import type pg from 'pg'
import type { Clock } from '../../time/clock.ts'
import type { Reach } from '../../observe/failpoint.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { CatalogTable } from './catalog.ts'
import type { ResolvedConnection } from './connection.ts'
import type { Query, Row } from './control.ts'
import { quoteLiteral, quoteTable } from './identifier.ts'
import { createSlot } from './slot.ts'
import { connect, disconnect } from './wire/connect.ts'
import { toServerError } from './wire/server-error.ts'

export interface HandOverOptions {
  readonly connection: ResolvedConnection
  readonly slot: string
  /** The slot exists already, or must not outlive the snapshot: a temporary one exports the snapshot instead. */
  readonly temporary: boolean
  readonly lockTimeoutMs: number
  readonly createTimeoutMs: number
}

/** A connection inside the exported snapshot, and where the stream begins behind it. */
export interface HandOver {
  readonly worker: pg.Client
  /** Asks it. */
  readonly query: Query
  readonly consistentPoint: bigint
}

/**
 * The exact hand-over from snapshot to stream. The worker locks the tables ACCESS SHARE first and only then the slot is
 * made: a rewriting ALTER TABLE between slot and read would show the table empty in the snapshot, and the stream would not
 * have the rows either (https://www.postgresql.org/docs/current/mvcc-caveats.html). LOCK TABLE takes no snapshot, so the
 * slot's one can still be imported.
 */
export async function handOver(options: HandOverOptions, tables: readonly CatalogTable[], control: Query, clock: Clock, reach: Reach, signal: AbortSignal): Promise<HandOver> {
  const worker = await connect(options.connection, 'query', signal)
  const query: Query = async (sql, values = []) => (await worker.query<Row>(sql, [...values])).rows
  let exporter: pg.Client | undefined
  try {
    await worker.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // row-level security would silently leave rows out: an error is better
    await worker.query('SET LOCAL row_security = off')
    await worker.query(`SET LOCAL lock_timeout = ${options.lockTimeoutMs}`)
    if (tables.length > 0) await worker.query(`LOCK TABLE ${tables.map((table) => quoteTable(table.schema, table.name)).join(', ')} IN ACCESS SHARE MODE`).catch(lockFailed)
    exporter = await connect(options.connection, 'replication', signal)
    const name = options.temporary ? temporarySlotName(options.slot) : options.slot
    const created = await createSlot(exporter, control, name, options.temporary, options.createTimeoutMs, clock)
    reach('source.slot-created')
    reach('source.snapshot-exported')
    await worker.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(created.snapshotName)}`).catch((error: unknown) => {
      throw new TailraceError('TR_PG_SNAPSHOT', { message: 'The exported snapshot could not be imported', cause: toServerError(error, 'importing the snapshot') })
    })
    reach('source.snapshot-imported')
    return { worker, query, consistentPoint: created.consistentPoint }
  } catch (error) {
    await disconnect(worker)
    throw toServerError(error, 'preparing the snapshot')
  } finally {
    // once imported, the snapshot lives in the worker's transaction; a temporary slot goes with its connection
    if (exporter !== undefined) await disconnect(exporter)
  }
}

function lockFailed(error: unknown): never {
  const { code = '' } = error as { code?: string }
  const failure = toServerError(error, 'locking the tables')
  // lock_not_available, or a table that was dropped since it was listed: another attempt may do
  if (code === '55P03' || code === '42P01') throw new TailraceError('TR_PG_SNAPSHOT', { message: failure.message, where: failure.where, cause: failure })
  throw failure
}

function temporarySlotName(slot: string): string {
  return `${slot.slice(0, 40)}_snap_${process.pid}`
}

import type pg from 'pg'
import type { Clock } from '../../time/clock.ts'
import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Query } from './control.ts'
import { quoteIdentifier } from './identifier.ts'
import { parseLsn } from './position.ts'
import { fromSqlstate, toServerError, type ServerNotice } from './wire/server-error.ts'

/** A row of pg_replication_slots. */
export interface Slot {
  readonly name: string
  readonly plugin: string | null
  readonly database: string | null
  readonly temporary: boolean
  readonly twoPhase: boolean
  readonly activePid: number | null
  readonly restartLsn: bigint | undefined
  /** C: what the server holds as confirmed. Undefined while the slot is being made. */
  readonly confirmedLsn: bigint | undefined
  /** `lost`: the server has removed WAL the slot needs. */
  readonly walStatus: string | null
}

export async function readSlot(query: Query, name: string): Promise<Slot | undefined> {
  const [row] = await query(
    'select slot_name, plugin, database, temporary, two_phase, active_pid, restart_lsn::text as restart, confirmed_flush_lsn::text as confirmed, wal_status from pg_replication_slots where slot_name = $1', [name])
  if (row === undefined) return undefined
  const lsn = (text: unknown): bigint | undefined => (typeof text === 'string' ? parseLsn(text) : undefined)
  return {
    name, plugin: row['plugin'] as string | null, database: row['database'] as string | null, temporary: row['temporary'] as boolean, twoPhase: row['two_phase'] as boolean,
    activePid: row['active_pid'] as number | null, restartLsn: lsn(row['restart']), confirmedLsn: lsn(row['confirmed']), walStatus: row['wal_status'] as string | null,
  }
}

/**
 * The slot, once nobody is making it any more. The walsender of a process that died while it made a slot notices only when
 * the transactions it waits for have ended, and then takes the slot with it: until it is finished, a slot is ephemeral
 * (src/backend/replication/slot.c). A snapshot taken beside such a slot would have no stream to go on with.
 */
export async function readFinishedSlot(query: Query, name: string, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<Slot | undefined> {
  const deadline = clock.monotonicMs() + timeoutMs
  for (;;) {
    const slot = await readSlot(query, name)
    if (slot === undefined || slot.database === null || slot.activePid === null || slot.confirmedLsn !== undefined) return slot
    if (signal.aborted || clock.monotonicMs() >= deadline) {
      throw new TailraceError('TR_PG_SLOT_CREATE', { message: `The slot ${name} is still being created by process ${slot.activePid}`, where: { slot: name, pid: slot.activePid } })
    }
    await pause(100, clock, signal)
  }
}

/** The slot, once no other connection uses it. Errors: TR_PG_SLOT_ACTIVE. */
export async function readFreeSlot(query: Query, name: string, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<Slot | undefined> {
  const deadline = clock.monotonicMs() + timeoutMs
  for (;;) {
    const slot = await readSlot(query, name)
    if (slot === undefined || slot.activePid === null) return slot
    if (signal.aborted || clock.monotonicMs() >= deadline) throw await slotActiveError(query, name)
    await pause(100, clock, signal)
  }
}

/** The server will not stream from it any more. */
export function isLost(slot: Slot): boolean {
  return slot.walStatus === 'lost' || (slot.restartLsn === undefined && slot.confirmedLsn !== undefined)
}

/** A slot just made: where it starts, and the snapshot that shows exactly what committed before. */
export interface CreatedSlot {
  readonly consistentPoint: bigint
  readonly snapshotName: string
}

/**
 * CREATE_REPLICATION_SLOT waits until every transaction that already writes has ended; after `timeoutMs` the blocking
 * processes are named. The exported snapshot lives until `client` does anything else.
 */
export async function createSlot(client: pg.Client, query: Query, name: string, temporary: boolean, timeoutMs: number, clock: Clock): Promise<CreatedSlot> {
  const pid = (client as unknown as { processID: number }).processID
  let timedOut = false
  let blockers: number[] = []
  const cancel = clock.after(timeoutMs, () => {
    timedOut = true
    // a walsender in that wait does not notice that its client went away
    void query('select pg_blocking_pids($1) as pids', [pid]).then(([row]) => (blockers = row?.['pids'] as number[]), () => {}).then(() => query('select pg_terminate_backend($1)', [pid])).catch(() => {})
  })
  try {
    const { rows } = await client.query<{ consistent_point: string; snapshot_name: string }>(`CREATE_REPLICATION_SLOT ${quoteIdentifier(name)}${temporary ? ' TEMPORARY' : ''} LOGICAL pgoutput EXPORT_SNAPSHOT`)
    return { consistentPoint: parseLsn(rows[0]!.consistent_point)!, snapshotName: rows[0]!.snapshot_name }
  } catch (error) {
    if (timedOut) {
      throw new TailraceError('TR_PG_SLOT_CREATE', { message: `The slot ${name} could not be created within ${timeoutMs} ms: transactions of the processes ${blockers.join(', ') || '(unknown)'} must end first`, where: { slot: name, blockers: blockers.join(',') } })
    }
    throw toServerError(error, `creating the slot ${name}`)
  } finally {
    cancel()
  }
}

/** Errors of the walsender, told apart by SQLSTATE and by the object they name; texts differ between versions. */
export function toSlotError(notice: ServerNotice, slot: string, publication: string): TailraceError {
  const where = { slot, sqlstate: notice.sqlstate }
  const told = `PostgreSQL reports ${notice.sqlstate}: ${notice.message}`
  if (notice.sqlstate === '42704' && /publication/.test(notice.message)) return new TailraceError('TR_PG_PUBLICATION_CHANGED', { message: told, where: { ...where, publication } })
  if (notice.sqlstate === '42704') return new TailraceError('TR_PG_SLOT_MISSING', { message: told, where })
  // 55000 object_not_in_prerequisite_state: "can no longer get changes", "has been invalidated"; 58P01: WAL segment removed
  if (notice.sqlstate === '55000' && /wal_level/.test(notice.message)) return new TailraceError('TR_PG_WAL_LEVEL', { message: told, where })
  if (notice.sqlstate === '55000' || notice.sqlstate === '58P01') return new TailraceError('TR_PG_SLOT_LOST', { message: told, where })
  return fromSqlstate(notice, 'streaming')
}

/** Why the slot cannot serve this engine, whatever its position; undefined when it can. */
export function whyUnsuitable(slot: Slot, database: string): string | undefined {
  return slot.plugin !== 'pgoutput' ? `its plugin is ${slot.plugin ?? 'none'}, not pgoutput`
    : slot.database !== database ? `it belongs to the database ${slot.database}`
    : slot.twoPhase ? 'it has two_phase enabled'
    : undefined
}

/** Errors: TR_PG_SLOT_UNSUITABLE. */
export function checkSuitable(slot: Slot, database: string): void {
  const why = whyUnsuitable(slot, database)
  if (why !== undefined) throw new TailraceError('TR_PG_SLOT_UNSUITABLE', { message: `The slot ${slot.name} cannot be used: ${why}`, where: { slot: slot.name } })
}

/** Who uses a slot, for the message. */
export async function slotActiveError(query: Query, name: string): Promise<TailraceError> {
  const [row] = await query('select s.active_pid, a.application_name, a.client_addr::text as address from pg_replication_slots s left join pg_stat_activity a on a.pid = s.active_pid where s.slot_name = $1', [name])
  const pid = Number(row?.['active_pid'] ?? 0)
  const who = [row?.['application_name'], row?.['address']].filter(Boolean).join(' at ')
  return new TailraceError('TR_PG_SLOT_ACTIVE', { message: `The slot ${name} is in use by process ${pid}${who === '' ? '' : ` (${who})`}`, where: { slot: name, pid } })
}

export async function dropSlot(query: Query, name: string): Promise<void> {
  await query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1', [name])
}


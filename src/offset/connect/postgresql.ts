import { PgPosition, type AfterChange } from '../../source/postgres/position.ts'
import type { ConnectFields } from './connect-json.ts'
import { UnreadableFields, type SourceFields } from './fields-contract.ts'

/*
 * What the fields mean: PostgresOffsetContext, PostgresStreamingChangeEventSource and WalPositionLocator of Debezium 3.6.1.
 *
 *   lsn          where the last event stands: a change's record, a COMMIT's end, a BEGIN (since PostgreSQL 15 that of its first change)
 *   lsn_proc     the last one that was an event's last: the BEGIN of a transaction, and a message within one, do not count
 *   lsn_commit   the end of the last transaction that ended; the server is told this one
 *   messageType  what stands at lsn
 *
 * The end of a commit record is, as a rule, where the next transaction's first change begins, so that lsn = lsn_commit says nothing:
 * messageType does.
 */

const ROWS = new Set(['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'])
const DECISIVE = ['lsn', 'lsn_proc', 'lsn_commit', 'messageType', 'snapshot', 'last_snapshot_record', 'snapshot_completed'] as const

/** Positions of PostgreSQL in Debezium's fields, and back. */
export const postgresqlFields: SourceFields = {
  decisive: DECISIVE,
  write: (position) => write(PgPosition.fromJSON(position)),
  time: (micros) => ({ ts_usec: micros }),
  read: (fields) => read(fields).toJSON(),
}

function write({ phase, lsn, part, after }: PgPosition): ConnectFields {
  if (phase === 'snapshot') return { lsn: signed(lsn), snapshot: 'INITIAL', last_snapshot_record: false, snapshot_completed: false }
  if (part?.recordLsn !== undefined) return inside(part.recordLsn, 'INSERT', lsn)
  if (after !== undefined && after.kind !== 'message') return inside(after.changeLsn, after.kind === undefined ? undefined : 'INSERT', lsn)
  // Without lsn_proc Debezium does not search for a place, but takes all that the server sends from lsn on, as after a snapshot. With
  // lsn_proc and messageType COMMIT it would take a later change at the same LSN for the place, and leave out what is before it.
  return { lsn: signed(lsn), lsn_commit: signed(lsn) }
}

/** Debezium goes on at the next LSN: whatever else stands at this one counts as done. */
function inside(changeLsn: bigint, messageType: string | undefined, before: bigint): ConnectFields {
  return { lsn: signed(changeLsn), lsn_proc: signed(changeLsn), ...(before === 0n ? {} : { lsn_commit: signed(before) }), ...(messageType === undefined ? {} : { messageType }) }
}

function read(fields: ConnectFields): PgPosition {
  const unfinished = Object.keys(fields).find((name) => name.startsWith('incremental_snapshot_'))
  if (unfinished !== undefined) throw new UnreadableFields('unfinished', 'an incremental snapshot is under way')
  const lsn = lsnOf(fields, 'lsn')
  if (lsn === undefined) throw new UnreadableFields('damaged', fields['file'] === undefined ? 'it has no lsn' : 'it is of a MySQL or MariaDB connector')
  const done = lsnOf(fields, 'lsn_proc')
  const commit = lsnOf(fields, 'lsn_commit')
  if (isSnapshot(fields)) return new PgPosition('snapshot', lsn)
  const after = afterChange(fields, lsn, done, commit)
  // no transaction has ended: the first that is sent is the one that the change is of
  if (after !== undefined) return new PgPosition('stream', commit ?? 0n, undefined, undefined, after)
  return new PgPosition('stream', commit ?? done ?? lsn)
}

/** Is a snapshot under way, which starts over? */
function isSnapshot(fields: ConnectFields): boolean {
  const { snapshot = null, last_snapshot_record: last, snapshot_completed: completed } = fields
  if (snapshot === null || snapshot === false || snapshot === 'false' || isTrue(last) || isTrue(completed)) return false
  if (snapshot === 'BLOCKING') throw new UnreadableFields('unfinished', 'a blocking snapshot is under way')
  // before version 3 it was a boolean
  if (snapshot === 'INITIAL' || isTrue(snapshot)) return true
  throw new UnreadableFields('damaged', 'its snapshot is of no known kind')
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

/** The change of an open transaction that was delivered last; undefined when none was, or when it is not certain. */
function afterChange({ messageType: type = null }: ConnectFields, lsn: bigint, done: bigint | undefined, commit: bigint | undefined): AfterChange | undefined {
  if (type === null) return done !== undefined && done === lsn && lsn !== commit ? { changeLsn: lsn } : undefined
  if (typeof type !== 'string') throw new UnreadableFields('damaged', 'its messageType is not a word')
  // of a TRUNCATE of several tables only the last is an event's last
  if (ROWS.has(type)) return done === lsn ? { changeLsn: lsn, kind: 'row' } : undefined
  // a message outside of transactions is an end of its own: lsn_commit says so
  if (type === 'MESSAGE') return lsn === commit ? undefined : { changeLsn: lsn, kind: 'message' }
  return undefined
}

function lsnOf(fields: ConnectFields, name: string): bigint | undefined {
  const value = fields[name] ?? null
  if (value === null) return undefined
  if (typeof value !== 'bigint' || value < -(2n ** 63n) || value >= 2n ** 63n) throw new UnreadableFields('damaged', `its ${name} is not an LSN`)
  return BigInt.asUintN(64, value)
}

/** Java's long has a sign. */
function signed(lsn: bigint): bigint {
  return BigInt.asIntN(64, lsn)
}

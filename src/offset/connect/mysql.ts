import type { GtidPosition } from '../../source/mysql/gtid/gtid-position.ts'
import { GtidSet } from '../../source/mysql/gtid/gtid-set.ts'
import { MariadbGtidList } from '../../source/mysql/gtid/mariadb-gtid-list.ts'
import { MysqlPosition, type PartOfTransaction } from '../../source/mysql/position.ts'
import { isTailraceError } from '../../error/tailrace-error.ts'
import type { ConnectFields } from './connect-json.ts'
import { UnreadableFields, type SourceFields } from './fields-contract.ts'

/*
 * What the fields mean: BinlogOffsetContext and BinlogStreamingChangeEventSource of Debezium 3.6.1.
 *
 *   file, pos    where the transaction begins that the last event is of (its BEGIN, behind the GTID event), or where all before is done
 *   gtids        what is done before that
 *   event, row   events of it that are done, with its BEGIN, and rows of the next one that are; left out where they are 0
 *   ts_sec, server_id   time and server of the last event
 *   snapshot     while one is under way
 *   transaction_id, transaction_data_collection_order_…   the counts of transaction metadata, which begin anew with a transaction here
 */

const DECISIVE = ['file', 'pos', 'gtids', 'event', 'row', 'snapshot', 'snapshot_completed'] as const
/** The BEGIN and a table map: no row has come before so many events. */
const EVENTS_BEFORE_ROWS = 2

/** Positions of MySQL in Debezium's fields, and back. */
export const mysqlFields: SourceFields = binlogFields((text) => GtidSet.parse(text))

/** The same of MariaDB. */
export const mariadbFields: SourceFields = binlogFields((text) => MariadbGtidList.parse(text))

function binlogFields(parseGtids: (text: string) => GtidPosition): SourceFields {
  return {
    decisive: DECISIVE,
    write: (position) => write(MysqlPosition.fromJSON(position, parseGtids)),
    time: (micros) => ({ ts_sec: micros / 1_000_000n }),
    read: (fields) => read(fields, parseGtids).toJSON(),
  }
}

function write({ phase, file, pos, gtids, part, xa, serverId, seconds }: MysqlPosition): ConnectFields {
  // rows of a transaction that is prepared stand before the position, and Debezium, which would have sent them then, must not miss them
  if (xa.length > 0) return {}
  return {
    ...(seconds === 0 ? {} : { ts_sec: BigInt(seconds) }),
    file, pos: BigInt(part?.begin ?? pos),
    ...(gtids === undefined ? {} : { gtids: gtids.toString() }),
    ...(phase === 'snapshot' ? { snapshot: 'INITIAL' } : {}),
    ...(part === undefined || part.row === 0 ? {} : { row: BigInt(part.row) }),
    ...(serverId === 0 ? {} : { server_id: BigInt(serverId) }),
    ...(part === undefined || part.event === 0 ? {} : { event: BigInt(part.event) }),
  }
}

function read(fields: ConnectFields, parseGtids: (text: string) => GtidPosition): MysqlPosition {
  const unfinished = Object.keys(fields).find((name) => name.startsWith('incremental_snapshot_'))
  if (unfinished !== undefined) throw new UnreadableFields('unfinished', 'an incremental snapshot is under way')
  const { file = null } = fields
  if (file === null) throw new UnreadableFields('damaged', fields['lsn'] === undefined ? 'it has no file' : 'it is of a PostgreSQL connector')
  if (typeof file !== 'string') throw new UnreadableFields('damaged', 'its file is not a name')
  const pos = natural(fields, 'pos')
  if (pos === undefined) throw new UnreadableFields('damaged', 'it has no pos')
  const part = partOf(fields, pos)
  return new MysqlPosition(isSnapshot(fields) ? 'snapshot' : 'stream', { file, pos }, gtidsOf(fields, parseGtids), { part, serverId: natural(fields, 'server_id') ?? 0, seconds: natural(fields, 'ts_sec') ?? 0 })
}

function partOf(fields: ConnectFields, begin: number): PartOfTransaction | undefined {
  const event = natural(fields, 'event') ?? 0
  const row = natural(fields, 'row') ?? 0
  // nothing of it was sent: a statement that changes tables, which is read again, or a beginning
  return row === 0 && event <= EVENTS_BEFORE_ROWS ? undefined : { rows: undefined, event, row, begin, gtid: undefined }
}

function gtidsOf({ gtids = null }: ConnectFields, parseGtids: (text: string) => GtidPosition): GtidPosition | undefined {
  if (gtids === null) return undefined
  try {
    if (typeof gtids === 'string') return parseGtids(gtids)
  } catch (error) {
    if (!isTailraceError(error)) throw error
  }
  throw new UnreadableFields('damaged', 'its gtids are none')
}

/** Is a snapshot under way, which starts over? */
function isSnapshot({ snapshot = null, snapshot_completed: completed = null }: ConnectFields): boolean {
  if (snapshot === null || snapshot === false || snapshot === 'false' || completed === true || completed === 'true') return false
  if (snapshot === 'BLOCKING') throw new UnreadableFields('unfinished', 'a blocking snapshot is under way')
  // before version 3 it was a boolean
  if (snapshot === 'INITIAL' || snapshot === true || snapshot === 'true') return true
  throw new UnreadableFields('damaged', 'its snapshot is of no known kind')
}

function natural(fields: ConnectFields, name: string): number | undefined {
  const value = fields[name] ?? null
  if (value === null) return undefined
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnreadableFields('damaged', `its ${name} is not a number`)
  return Number(value)
}

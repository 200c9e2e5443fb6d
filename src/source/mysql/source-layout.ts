import { writeBigNatural, writeNatural, writePadded } from '../../byte/digits.ts'
import type { ChangeEvent, SourceInfo } from '../../event/change-event.ts'
import type { RowWriter } from '../../event/cell-writer.ts'
import type { Schema } from '../../event/schema.ts'
import type { SourceField, SourceLayout } from '../../event/table.ts'
import type { Gtid } from './gtid/gtid-position.ts'
import type { MysqlRowImage } from './row-image.ts'
import type { MysqlTransaction } from './transaction.ts'

/** `connector` of events: which of the two servers they are of. */
export type ConnectorName = 'mysql' | 'mariadb'

const STRING: Schema = { type: 'string', optional: false }
const OPTIONAL_STRING: Schema = { type: 'string', optional: true }
const INT32: Schema = { type: 'int32', optional: false }
const INT64: Schema = { type: 'int64', optional: false }
const OPTIONAL_INT64: Schema = { type: 'int64', optional: true }
const SNAPSHOT: Schema = {
  type: 'string', optional: true, name: 'io.debezium.data.Enum', version: 1,
  parameters: { allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental' },
  default: (writer) => writer.string('false'),
}

const nothing = (writer: RowWriter): void => writer.null()
const text = (value: string) => (writer: RowWriter): void => writer.string(value)

/** Debezium's `source` block for MySQL and MariaDB, in its field order (BinlogSourceInfoStructMaker of Debezium 3.6). */
export function sourceLayout(connector: ConnectorName, database: string, table: string | null): SourceLayout {
  const fields: SourceField[] = [
    { field: { name: 'version', schema: STRING }, constant: (writer, names) => writer.string(names.version) },
    { field: { name: 'connector', schema: STRING }, constant: text(connector) },
    { field: { name: 'name', schema: STRING }, constant: (writer, names) => writer.string(names.logicalName) },
    { field: { name: 'ts_ms', schema: INT64 }, perTransaction: true },
    { field: { name: 'snapshot', schema: SNAPSHOT }, perTransaction: true },
    { field: { name: 'db', schema: STRING }, constant: text(database) },
    { field: { name: 'sequence', schema: OPTIONAL_STRING }, constant: nothing },
    { field: { name: 'ts_us', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'ts_ns', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'table', schema: OPTIONAL_STRING }, constant: table === null ? nothing : text(table) },
    { field: { name: 'server_id', schema: INT64 }, perTransaction: true },
    { field: { name: 'gtid', schema: OPTIONAL_STRING }, perTransaction: true },
    { field: { name: 'file', schema: STRING }, perTransaction: true },
    { field: { name: 'pos', schema: INT64 } },
    { field: { name: 'row', schema: INT32 } },
    { field: { name: 'thread', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'query', schema: OPTIONAL_STRING }, perTransaction: true },
  ]
  return { name: `io.debezium.connector.${connector}.Source`, fields, write: writeSource }
}

const ZERO = Buffer.from('0', 'latin1')
const digits = Buffer.alloc(32)

function writeSource(event: ChangeEvent, writer: RowWriter, changing = false): void {
  const transaction = event.transaction as MysqlTransaction
  if (!changing) writeShared(event, transaction, writer)
  writer.column(13)
  writer.integer(positionOf(event))
  writer.column(14)
  writer.integer(rowOf(event))
  if (changing) return
  writer.column(15)
  const { thread } = transaction.facts
  if (thread === undefined) writer.null()
  else writer.long(digits, 0, writeNatural(digits, 0, thread))
  writer.column(16)
  if (transaction.query === undefined) writer.null()
  else writer.string(transaction.query)
}

function writeShared(event: ChangeEvent, { timestampMicros, facts }: MysqlTransaction, writer: RowWriter): void {
  const micros = writeBigNatural(digits, 0, timestampMicros)
  writePadded(digits, micros, 0, 3)
  writer.column(3)
  if (micros > 3) writer.long(digits, 0, micros - 3)
  else writer.long(ZERO, 0, 1)
  writer.column(4)
  // Debezium leaves the field of a streamed change empty: what is read, `false`, is the schema's default
  if (event.snapshot === 'false') writer.null()
  else writer.string(event.snapshot)
  writer.column(7)
  writer.long(digits, 0, micros)
  writer.column(8)
  writer.long(digits, 0, timestampMicros === 0n ? micros : micros + 3)
  writer.column(10)
  writer.long(digits, 0, writeNatural(digits, 0, facts.serverId))
  writer.column(11)
  if (facts.gtid === undefined) writer.null()
  else writer.plain(gtidText, 0, writeGtid(facts.gtid))
  writer.column(12)
  // a transaction is never cut by the end of a file
  writer.string(facts.place.file)
}

/** What comes before the number of the GTID that was written last: nearly all of a log are one server's. */
let headGroup = ''
let headServer = 0
let headEnd = 0
/** A UUID, a tag of 32 characters and a number. */
const gtidText = Buffer.alloc(128)

/** Its text into {@link gtidText}; returns where it ends. */
function writeGtid(gtid: Gtid): number {
  const { group, server, number } = gtid
  if (group !== headGroup || server !== headServer) {
    headGroup = group
    headServer = server
    headEnd = gtidText.write(gtid.text.slice(0, -String(number).length), 'latin1')
  }
  return writeBigNatural(gtidText, headEnd, number)
}

/** Where the change's event begins in its file. */
export function positionOf(event: ChangeEvent): number {
  return event.high * 4_294_967_296 + event.low
}

/** 0-based number of the row in its event. */
function rowOf(event: ChangeEvent): number {
  return ((event.afterImage ?? event.beforeImage) as MysqlRowImage | undefined)?.row ?? 0
}

/** The same as a JavaScript object. */
export function sourceInfo(connector: ConnectorName, database: string, table: string, event: ChangeEvent): SourceInfo {
  const { timestampMicros: micros, facts, query } = event.transaction as MysqlTransaction
  return {
    connector, db: database, schema: database, table, snapshot: event.snapshot,
    ts_ms: Number(micros / 1000n), ts_us: micros, ts_ns: micros * 1000n,
    server_id: facts.serverId, gtid: facts.gtid?.text ?? null, file: facts.place.file, pos: positionOf(event), row: rowOf(event), thread: facts.thread ?? null, query: query ?? null,
  }
}

import { writeNatural } from '../../byte/digits.ts'
import type { ChangeEvent, SourceInfo } from '../../event/change-event.ts'
import type { RowWriter } from '../../event/cell-writer.ts'
import type { Schema } from '../../event/schema.ts'
import type { SourceField, SourceLayout } from '../../event/table.ts'
import type { PgTransaction } from './transaction.ts'

const STRING: Schema = { type: 'string', optional: false }
const OPTIONAL_STRING: Schema = { type: 'string', optional: true }
const INT64: Schema = { type: 'int64', optional: false }
const OPTIONAL_INT64: Schema = { type: 'int64', optional: true }
const SNAPSHOT: Schema = {
  type: 'string', optional: true, name: 'io.debezium.data.Enum', version: 1,
  parameters: { allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental' },
  default: (writer) => writer.string('false'),
}

const nothing = (writer: RowWriter): void => writer.null()
const text = (value: string) => (writer: RowWriter): void => writer.string(value)

/** Debezium's `source` block for PostgreSQL, in its field order (PostgresSourceInfoStructMaker of Debezium 3.6). */
export function sourceLayout(database: string, schema: string, table: string): SourceLayout {
  const fields: SourceField[] = [
    { field: { name: 'version', schema: STRING }, constant: (writer, names) => writer.string(names.version) },
    { field: { name: 'connector', schema: STRING }, constant: text('postgresql') },
    { field: { name: 'name', schema: STRING }, constant: (writer, names) => writer.string(names.logicalName) },
    { field: { name: 'ts_ms', schema: INT64 }, perTransaction: true },
    { field: { name: 'snapshot', schema: SNAPSHOT }, perTransaction: true },
    { field: { name: 'db', schema: STRING }, constant: text(database) },
    { field: { name: 'sequence', schema: OPTIONAL_STRING }, composed: { begin: (event) => (event.transaction as PgTransaction).sequence.toString('latin1'), end: '"]' } },
    { field: { name: 'ts_us', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'ts_ns', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'schema', schema: STRING }, constant: text(schema) },
    { field: { name: 'table', schema: STRING }, constant: text(table) },
    { field: { name: 'txId', schema: OPTIONAL_INT64 }, perTransaction: true },
    { field: { name: 'lsn', schema: OPTIONAL_INT64 } },
    { field: { name: 'xmin', schema: OPTIONAL_INT64 }, constant: nothing },
    { field: { name: 'origin', schema: OPTIONAL_STRING }, constant: nothing },
    { field: { name: 'origin_lsn', schema: OPTIONAL_INT64 }, constant: nothing },
  ]
  return { name: 'io.debezium.connector.postgresql.Source', fields, write: writeSource }
}

/** `["<last commit>","<lsn>"]` is composed here: 2 quotes, brackets, comma and two numbers of at most 20 digits. */
const sequence = Buffer.alloc(64)

function writeSource(event: ChangeEvent, writer: RowWriter, changing = false): void {
  const transaction = event.transaction as PgTransaction
  if (!changing) {
    writer.column(3)
    writer.long(transaction.millis, 0, transaction.millis.length)
    writer.column(4)
    // Debezium leaves the field of a streamed change empty: what is read, `false`, is the schema's default
    if (event.snapshot === 'false') writer.null()
    else writer.string(event.snapshot)
  }
  writer.column(6)
  const head = transaction.sequence
  const start = head.length
  const end = start + writeLsn(event.high, event.low, start)
  if (changing) writer.digits(sequence, start, end)
  else {
    head.copy(sequence)
    sequence[end] = 0x22
    sequence[end + 1] = 0x5d
    writer.text(sequence, 0, end + 2)
    writer.column(7)
    writer.long(transaction.micros, 0, transaction.micros.length)
    writer.column(8)
    writer.long(transaction.nanos, 0, transaction.nanos.length)
    writer.column(11)
    if (transaction.xid === undefined) writer.null()
    else writer.long(transaction.xid, 0, transaction.xid.length)
  }
  writer.column(12)
  writer.long(sequence, start, end)
}

/** The LSN as decimal digits into `sequence`; returns how many. */
function writeLsn(high: number, low: number, at: number): number {
  // beyond 2^53 a double loses digits
  if (high >= 0x200000) return sequence.write(String((BigInt(high) << 32n) | BigInt(low)), at, 'latin1')
  return writeNatural(sequence, at, high * 4_294_967_296 + low) - at
}

/** The same as a JavaScript object. */
export function sourceInfo(database: string, schema: string, table: string, event: ChangeEvent): SourceInfo {
  const transaction = event.transaction as PgTransaction
  const micros = transaction.timestampMicros
  const lsn = (BigInt(event.high) << 32n) | BigInt(event.low)
  return {
    connector: 'postgresql', db: database, schema, table, snapshot: event.snapshot,
    ts_ms: Number(micros / 1000n), ts_us: micros, ts_ns: micros * 1000n,
    txId: transaction.xid === undefined ? null : Number(transaction.id), lsn, commitLsn: transaction.commitLsn,
    sequence: `[${transaction.lastCommit === undefined ? 'null' : `"${transaction.lastCommit}"`},"${lsn}"]`,
  }
}

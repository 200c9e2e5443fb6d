import type { RowWriter } from '../event/cell-writer.ts'
import type { Transaction, TransactionMarker } from '../event/transaction.ts'
import type { Field, Schema } from '../event/schema.ts'
import { inJavaHashOrder } from './java-hash-order.ts'
import { messageTopic } from './topic-name.ts'

const TEXT: Schema = { type: 'string', optional: false }
const LONG: Schema = { type: 'int64', optional: false }

const COLLECTION: Schema = {
  type: 'struct', optional: true, name: 'event.collection', version: 1,
  fields: [{ name: 'data_collection', schema: TEXT }, { name: 'event_count', schema: LONG }],
}

/** The fields of a transaction's record (io.debezium.pipeline.txmetadata.TransactionStructMaker). */
export const TRANSACTION_FIELDS: readonly Field[] = [
  { name: 'status', schema: TEXT },
  { name: 'id', schema: TEXT },
  { name: 'event_count', schema: { type: 'int64', optional: true } },
  { name: 'data_collections', schema: { type: 'array', optional: true, items: COLLECTION } },
  { name: 'ts_ms', schema: LONG },
]

export const TRANSACTION_KEY_SCHEMA: Schema = { type: 'struct', optional: false, name: 'io.debezium.connector.common.TransactionMetadataKey', version: 1, fields: [{ name: 'id', schema: TEXT }] }
export const TRANSACTION_VALUE_SCHEMA: Schema = { type: 'struct', optional: false, name: 'io.debezium.connector.common.TransactionMetadataValue', version: 1, fields: TRANSACTION_FIELDS }

/** Writes {@link TRANSACTION_FIELDS}. `ts_ms` is the commit's, not the processing time. */
export function writeTransaction({ id, counts }: TransactionMarker, { timestampMicros }: Transaction, logicalName: string, writer: RowWriter): void {
  writer.column(0)
  writer.string(counts === undefined ? 'BEGIN' : 'END')
  writer.column(1)
  writer.string(id)
  writer.column(2)
  if (counts === undefined) writer.null()
  else writer.integer(counts.reduce((sum, { events }) => sum + events, 0))
  writer.column(3)
  if (counts === undefined) writer.null()
  else writeCounts(counts.map(({ table, events }) => ({ table: table === '' ? messageTopic(logicalName) : table, events })), writer)
  writer.column(4)
  writer.integer(Math.floor(Number(timestampMicros) / 1000))
}

function writeCounts(counts: NonNullable<TransactionMarker['counts']>, writer: RowWriter): void {
  writer.beginArray()
  for (const { table, events } of inJavaHashOrder(counts, (count) => count.table)) {
    writer.element()
    writer.beginStruct()
    writer.member('data_collection')
    writer.string(table)
    writer.member('event_count')
    writer.integer(events)
    writer.endStruct()
  }
  writer.endArray()
}

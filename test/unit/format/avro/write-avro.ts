import type { Schema, WriteValue } from '../../../../src/event/schema.ts'
import { avroSchema } from '../../../../src/format/avro/avro-schema.ts'
import { fieldNode } from '../../../../src/format/avro/field-node.ts'
import { AvroWriter } from '../../../../src/format/avro/avro-writer.ts'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { readAvro } from '../../../oracle/avro-reader.ts'

/** The bytes of one value, in a batch that has room for `capacity` bytes and holds some already. */
export function writeAvro(schema: Schema, write: WriteValue, capacity = 4): Buffer {
  const batch = new RecordBatch(capacity)
  batch.reserve(3).write('abc')
  batch.length = 3
  const writer = new AvroWriter()
  writer.begin(batch)
  writer.use([fieldNode(schema, true, 'c')])
  writer.column(0)
  write(writer)
  writer.end()
  if (batch.bytes.toString('latin1', 0, 3) !== 'abc') throw new Error('what was in the batch has changed')
  return Buffer.from(batch.bytes.subarray(3, batch.length))
}

/** What avsc reads from them. */
export function roundTrip(schema: Schema, write: WriteValue, capacity?: number): unknown {
  const record: Schema = { type: 'struct', optional: false, name: 'R', fields: [{ name: 'c', schema }] }
  return (readAvro(avroSchema(record), writeAvro(schema, write, capacity)) as { c: unknown }).c
}

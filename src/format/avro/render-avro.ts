import { RecordBatch } from '../record-batch.ts'
import type { AvroNode } from './avro-node.ts'
import { AvroWriter } from './avro-writer.ts'

/** The bytes that `write` produces for these fields, for the constant parts that are prepared once. */
export function renderAvro(nodes: readonly AvroNode[], write: (writer: AvroWriter) => void): Buffer {
  const batch = new RecordBatch(512)
  const writer = new AvroWriter()
  writer.begin(batch)
  writer.use(nodes)
  write(writer)
  writer.end()
  return Buffer.from(batch.bytes.subarray(0, batch.length))
}

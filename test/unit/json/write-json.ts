import { RecordBatch } from '../../../src/format/record-batch.ts'
import { JsonWriter } from '../../../src/json/json-writer.ts'

/** What `write` writes into a batch that has room for `capacity` bytes and holds `before` already. */
export function writeJson(write: (writer: JsonWriter) => void, capacity = 16, before = ''): string {
  return writeBytes(write, capacity, before).toString()
}

export function writeBytes(write: (writer: JsonWriter) => void, capacity = 16, before = ''): Buffer {
  const batch = new RecordBatch(capacity)
  const start = Buffer.byteLength(before)
  batch.reserve(start).write(before)
  batch.length = start
  const writer = new JsonWriter()
  writer.begin(batch)
  write(writer)
  writer.end()
  if (batch.bytes.toString('utf8', 0, start) !== before) throw new Error('what was in the batch has changed')
  return Buffer.from(batch.bytes.subarray(start, batch.length))
}

/** A slice in the middle of other bytes that would be visible if they were read. */
export function slice(content: string | Uint8Array): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
  const middle = Buffer.from(content as string)
  return { bytes: Buffer.concat([Buffer.from('"\\#'), middle, Buffer.from('9"\\9#')]), start: 3, end: 3 + middle.length }
}

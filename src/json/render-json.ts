import { RecordBatch } from '../format/record-batch.ts'
import { JsonWriter } from './json-writer.ts'

/** The JSON text that `write` produces, for the constant parts that are prepared once. */
export function renderJson(write: (writer: JsonWriter) => void): Buffer {
  const batch = new RecordBatch(512)
  const writer = new JsonWriter()
  writer.begin(batch)
  write(writer)
  return writer.take(0)
}

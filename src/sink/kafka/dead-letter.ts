import type { TailraceError } from '../../error/tailrace-error.ts'
import type { HeaderSet } from '../../format/format.ts'
import type { RecordBatch } from '../../format/record-batch.ts'
import type { RecordSlices } from '../../kafka/partition-batch.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'

/** Headers are named as Kafka Connect names those of its dead letters. */
const PREFIX = '__tailrace.errors.'

/**
 * A record that Kafka does not take, as one that it does: the original key, the value as far as it fits, and in headers the topic,
 * the error's code, how long the value was, and where the engine resumes behind it.
 */
export function deadLetter(records: RecordBatch, index: number, failure: TailraceError, maxRecordBytes: number, offset: StoredOffset | undefined): RecordSlices & { readonly headers: HeaderSet } {
  const keyStart = records.keyStart[index]!
  const keyEnd = records.keyEnd[index]!
  const valueStart = records.valueStart[index]!
  const valueEnd = records.valueEnd[index]!
  const facts: Record<string, string> = {
    topic: records.destination[index]!, code: failure.code, 'value.bytes': String(Math.max(0, valueEnd - valueStart)), ...(offset === undefined ? {} : { position: JSON.stringify(offset.position) }),
  }
  const own = Object.entries(facts).map(([name, text]) => ({ name: PREFIX + name, value: Buffer.from(text) }))
  const original = records.headers[index]!.filter(({ value }) => value.length <= maxRecordBytes / 16)
  const keyFits = keyEnd - keyStart <= maxRecordBytes / 4
  const room = Math.floor(maxRecordBytes / 2)
  return {
    bytes: records.bytes,
    keyStart: keyFits ? keyStart : -1,
    keyEnd: keyFits ? keyEnd : -1,
    valueStart,
    valueEnd: Math.min(valueEnd, valueStart + room),
    headers: [...original, ...own],
  }
}

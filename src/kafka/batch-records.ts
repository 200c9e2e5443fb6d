import type { PartitionBatch } from './partition-batch.ts'
import { VarintReader } from './varint.ts'

/** A record as clients with encoders of their own take it. */
export interface KafkaRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly name: string; readonly value: Buffer }[]
  readonly timestampMs: number
}

/** Reads back what was appended to a batch that is not compressed. The buffers are slices of it. */
export function batchRecords(batch: PartitionBatch): KafkaRecord[] {
  const reader = new VarintReader(batch.uncompressed, 0)
  return Array.from({ length: batch.count }, () => readRecord(reader, batch.firstTimestampMs))
}

function readRecord(reader: VarintReader, firstTimestampMs: number): KafkaRecord {
  reader.next() // length
  reader.at++ // attributes
  const timestampMs = firstTimestampMs + reader.next()
  reader.next() // offset
  const key = reader.slice()
  const value = reader.slice()
  const headers = Array.from({ length: reader.next() }, () => ({ name: reader.slice()!.toString(), value: reader.slice() ?? Buffer.alloc(0) }))
  return { key, value, headers, timestampMs }
}

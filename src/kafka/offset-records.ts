import type { StoredOffset } from '../offset/offset-store.ts'
import type { Accumulator } from './accumulator.ts'
import type { KafkaClient } from './client.ts'
import type { KafkaConnection } from './options.ts'

/** What an offset topic has for an engine. */
export interface OffsetRecord {
  readonly offset: StoredOffset
  /** The transaction that stored it; undefined: whoever stored it did not say. */
  readonly transaction: string | undefined
}

/** An offset topic, as a sink needs it that stores offsets in its own transactions. */
export interface OffsetRecords {
  readonly connection: KafkaConnection
  /** Sees to it that the topic is there and is kept for ever. Errors: TR_OFFSET_TOPIC, and those of the client. */
  prepare(client: KafkaClient, signal: AbortSignal): Promise<void>
  /** The newest offset of an engine. Errors: TR_OFFSET_CORRUPT, TR_OFFSET_READ. */
  read(client: KafkaClient, engine: string, signal: AbortSignal): Promise<OffsetRecord | undefined>
  /** Adds the record that stores an offset. `transaction` names it: offsets alone do not, a snapshot's batches all have the same. */
  append(into: Accumulator, offset: StoredOffset, timestampMs: number, transaction?: string): void
}

/** Member of an offset store that keeps its offsets in Kafka: `() => OffsetRecords`. */
export const OFFSET_RECORDS: unique symbol = Symbol.for('tailrace.kafka.offset-records')

import type { ChangeEvent } from '../event/change-event.ts'
import type { TableVersion } from '../event/table.ts'
import type { RecordBatch } from './record-batch.ts'

/** Turns events into records of bytes. A format keeps no state that a restart would miss. */
export interface Format {
  /** Appends the records of one event: none (filtered), one, or more (a delete and its tombstone). `nowMicros` is the processing time. */
  encode(event: ChangeEvent, into: RecordBatch, nowMicros: bigint): void
  /** Compiles what `encode` will need for a table, so that an error comes before its first event. */
  prepare?(table: TableVersion): void
  /**
   * What `encode` needs for these events that has to be asked for first (a schema registry's ids); undefined where it is all there. A
   * transient error is retried by the engine, any other stops it.
   */
  ready?(events: readonly ChangeEvent[], signal: AbortSignal): Promise<void> | undefined
}

/** A header's value is already encoded. */
export interface Header {
  readonly name: string
  readonly value: Buffer
}

/** Prepared once and shared by many records; identity is what caches are keyed by. */
export type HeaderSet = readonly Header[]

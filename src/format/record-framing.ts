import type { HeaderSet } from './format.ts'

/**
 * Constant text that a sink wants around keys and values. A format that writes it makes the batch's bytes what the sink
 * sends, without another copy.
 */
export interface RecordFraming {
  /** Before the key of a record for this destination; `partition` where the format places it (RecordBatch.placed). */
  opening(destination: string, partition?: number): string
  /** Between key and value. */
  readonly middle: string
  /** In the place of a key or value that is absent. */
  readonly absent: string
  /** Behind the value. */
  closing(headers: HeaderSet): string
}

/** Nothing around keys and values. */
export const NO_FRAMING: RecordFraming = { opening: () => '', middle: '', absent: '', closing: () => '' }

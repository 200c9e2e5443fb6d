import type { ChangeEvent } from '../event/change-event.ts'
import type { RecordBatch } from '../format/record-batch.ts'
import type { RecordFraming } from '../format/record-framing.ts'

/** What a sink gets. Valid until `write` resolves: buffers are used again for a later batch. */
export interface Batch {
  /** Empty when the sink accepts records: events are garbage once they are encoded. */
  readonly events: readonly ChangeEvent[]
  /** There when the sink accepts records. Deliver [records.first, records.end). */
  readonly records: RecordBatch | undefined
}

/** Where changes go. The engine never has two writes in flight, and never writes after a rejection. */
export interface Sink extends AsyncDisposable {
  /** `events`: takes ChangeEvents. `records`: takes what the engine's format has encoded. */
  readonly accepts: 'events' | 'records'
  /** Records: what the sink wants around keys and values; a format may write it (`RecordBatch.framed` says so). Default nothing. */
  readonly framing?: RecordFraming
  /**
   * Resolves `durable` (with all that was accepted before), or `accepted` when only `flush` makes it durable. A rejection means: not
   * delivered, the engine stops. It is final, whatever the error's kind: a sink that can retry does so itself. Once the signal has
   * aborted it has a second to settle.
   */
  write(batch: Batch, signal: AbortSignal): Promise<'durable' | 'accepted'>
  /** Resolves once everything accepted is durable. A rejection means that some of it may be lost: the engine stops. */
  flush(signal: AbortSignal): Promise<void>
}

import type { ChangeEvent } from '../event/change-event.ts'
import type { RecordBatch } from '../format/record-batch.ts'
import type { RecordFraming } from '../format/record-framing.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { Logger } from '../observe/logger.ts'
import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { Clock } from '../time/clock.ts'

/** What the engine lends to a sink. */
export interface SinkContext {
  /** The engine's name. */
  readonly engine: string
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  readonly reach: Reach
  /** A warning for the engine's `warning` event. */
  readonly warn: (error: TailraceError) => void
}

/** What a sink gets. Valid until `write` resolves: buffers are used again for a later batch. */
export interface Batch {
  /** Empty when the sink accepts records: events are garbage once they are encoded. */
  readonly events: readonly ChangeEvent[]
  /** There when the sink accepts records. Deliver [records.first, records.end). */
  readonly records: RecordBatch | undefined
  /** Where the engine resumes once this batch is durable. There when the sink has joined the offsets. */
  readonly offset?: StoredOffset
}

/** Where changes go. The engine never has two writes in flight, and never writes after a rejection. */
export interface Sink extends AsyncDisposable {
  /** `events`: takes ChangeEvents. `records`: takes what the engine's format has encoded. */
  readonly accepts: 'events' | 'records'
  /** Records: what the sink wants around keys and values; a format may write it (`RecordBatch.framed` says so). Default nothing. */
  readonly framing?: RecordFraming
  /**
   * Given by a sink that stores the offset with the records, all or nothing. Called once, before `open`. What it returns takes the
   * place of `offsets`; each batch then carries its offset, and `durable` says that both are stored. A position that moved without a
   * record comes as a batch without one. Errors: TR_CONFIG_INVALID for a store that it cannot write to.
   */
  readonly joinOffsets?: (offsets: OffsetStore) => OffsetStore
  /** Once, before the first write: connects, and finds out what is wrong. A rejection is final. */
  readonly open?: (context: SinkContext, signal: AbortSignal) => Promise<void>
  /**
   * Resolves `durable` (with all that was accepted before), or `accepted` when only `flush` makes it durable. A rejection means: not
   * delivered, the engine stops. It is final, whatever the error's kind: a sink that can retry does so itself. Once the signal has
   * aborted it has a second to settle.
   */
  write(batch: Batch, signal: AbortSignal): Promise<'durable' | 'accepted'>
  /** Resolves once everything accepted is durable. A rejection means that some of it may be lost: the engine stops. */
  flush(signal: AbortSignal): Promise<void>
}

import type { ChangeEvent } from '../event/change-event.ts'
import type { Format } from '../format/format.ts'
import type { Logger } from '../observe/logger.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import type { Sink } from '../sink/sink.ts'
import type { Source } from '../source/source.ts'
import type { Clock } from '../time/clock.ts'
import type { RetryOptions } from './retry.ts'

/** A function over a batch: resolves when every event's effect is durable. A rejection stops the engine with the position untouched. */
export type Handler<Row = Record<string, unknown>, Key = Record<string, unknown>> = (events: readonly ChangeEvent<Row, Key>[], signal: AbortSignal) => void | Promise<void>

/** Options of {@link createEngine}. */
export interface EngineOptions<Row = Record<string, unknown>, Key = Record<string, unknown>> {
  /** Names this engine in its offset, its logs and, by default, its topics. */
  readonly name: string
  /** The database, for example `postgres(…)`. One source serves one engine. */
  readonly source: Source
  /** Where the position is kept: `fileOffsets(path)`, `memoryOffsets()`, or a store of your own. */
  readonly offsets: OffsetStore
  /** A sink or a function. Left out, the engine is read with `for await`. */
  readonly sink?: Sink | Handler<Row, Key>
  /** For sinks that take records. Default Debezium's JSON with the engine's name as topic prefix. */
  readonly format?: Format
  readonly offsetFlush?: {
    /** Milliseconds between saves while changes flow; 0: after every batch. Default 1000. */
    readonly intervalMs?: number
    /** Events or records after which a save does not wait for the interval. Default 100000. */
    readonly every?: number
    /** Milliseconds that saving may keep failing before the engine stops with TR_OFFSET_WRITE. Default 10000. */
    readonly failAfterMs?: number
  }
  readonly limits?: {
    /** Events in a batch. Default 1024. */
    readonly maxBatchEvents?: number
    /** Raw bytes behind a batch, whichever is reached first. Default 131072: what fits a processor's cache costs least. */
    readonly maxBatchBytes?: number
  }
  /** Retries after transient errors. */
  readonly retry?: RetryOptions
  /** Stop after exactly so many events or records. Default never. */
  readonly stopAfter?: number
  /** Stop when nothing was delivered for so many milliseconds while streaming. Default never. */
  readonly stopWhenIdleMs?: number
  /** Milliseconds a stop waits for the sink to settle its batch. Default 30000. Error TR_ENGINE_STOP_TIMEOUT. */
  readonly stopTimeoutMs?: number
  /** Default: silent. `console` and pino fit. */
  readonly logger?: Logger
  /** Clock, random numbers and failpoints: for tests and simulations. */
  readonly runtime?: { readonly clock?: Clock; readonly random?: () => number; readonly reach?: Reach }
}

import type { Batch, Sink } from '../sink/sink.ts'
import type { Clock } from '../time/clock.ts'
import { FaultScript, type Faults } from './fault.ts'

/** Options of {@link faultySink}. */
export interface FaultySinkOptions {
  readonly write?: Faults
  readonly flush?: Faults
  /** What delays wait by. Default the system's clock. */
  readonly clock?: Clock
}

/** A sink whose calls can be made to fail. */
export interface FaultySink extends Sink {
  /** Calls so far, those that failed too. */
  readonly writes: number
  readonly flushes: number
}

/**
 * A sink around another one that rejects, delays, never settles, or says `accepted`, at given calls:
 *
 *     const sink = faultySink(memorySink(), { write: { 3: { fault: 'reject' } } })
 */
export function faultySink(inner: Sink, options: FaultySinkOptions = {}): FaultySink {
  const write = new FaultScript(options.write, 'TR_SINK_FAILED', options.clock)
  const flush = new FaultScript(options.flush, 'TR_SINK_FAILED', options.clock)
  return {
    accepts: inner.accepts,
    ...(inner.framing === undefined ? {} : { framing: inner.framing }),
    get writes() {
      return write.calls
    },
    get flushes() {
      return flush.calls
    },
    async write(batch: Batch, signal: AbortSignal) {
      const { result, fault } = await write.call(() => inner.write(batch, signal))
      return fault?.fault === 'accepted' ? 'accepted' : result
    },
    async flush(signal: AbortSignal) {
      await flush.call(() => inner.flush(signal))
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}

import { pause } from '../async/abort.ts'
import { TailraceError } from '../error/tailrace-error.ts'
import type { ClientContext } from './client.ts'

const FIRST_MS = 50
const LONGEST_MS = 5_000
const WARN_EVERY_MS = 10_000

/** Waits between attempts that grow while nothing succeeds, with half of each at random. */
export class Backoff {
  readonly #context: Pick<ClientContext, 'clock' | 'random' | 'warn'>
  readonly #limitMs: number
  #attempts = 0
  #since: number | undefined
  #warnedAt = -Infinity

  /** `limitMs`: how long attempts may go on without success. */
  constructor(context: Pick<ClientContext, 'clock' | 'random' | 'warn'>, limitMs: number) {
    this.#context = context
    this.#limitMs = limitMs
  }

  /** Tries until it succeeds, fails for good, or the limit is reached. Errors: those of `work`, TR_KAFKA_UNAVAILABLE. */
  async insist<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (;;) {
      try {
        const result = await work()
        this.succeeded()
        return result
      } catch (error) {
        if (!(error instanceof TailraceError) || error.kind !== 'transient' || signal.aborted) throw error
        const delayMs = this.next(error)
        if (delayMs === undefined) throw new TailraceError('TR_KAFKA_UNAVAILABLE', { message: `Kafka could not be used for ${this.#limitMs} ms`, cause: error })
        await pause(delayMs, this.#context.clock, signal)
      }
    }
  }

  succeeded(): void {
    this.#attempts = 0
    this.#since = undefined
  }

  /** Milliseconds until the next attempt; undefined once the limit is reached. Warns of the reason, now and then. */
  next(reason: TailraceError): number | undefined {
    const now = this.#context.clock.monotonicMs()
    this.#since ??= now
    if (now - this.#since >= this.#limitMs) return undefined
    if (now - this.#warnedAt >= WARN_EVERY_MS) {
      this.#warnedAt = now
      this.#context.warn(reason)
    }
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#attempts++, 20))
    return ceiling / 2 + (ceiling / 2) * this.#context.random()
  }
}

import { isTailraceError, TailraceError } from '../error/tailrace-error.ts'

export interface RetryOptions {
  /** Milliseconds before the first retry; doubles each time. Default 200. */
  readonly initialDelayMs?: number
  /** Longest delay. Default 30000. */
  readonly maxDelayMs?: number
  /** Retries in a row without a batch of the log delivered in between; then the error is final. Default unlimited. */
  readonly maxAttempts?: number
  /** The same before the source was opened for the first time. Default 3: a wrong address should not be tried for ever. */
  readonly maxStartAttempts?: number
}

/** Decides by kind: only transient errors are retried, with exponential back-off and full jitter. */
export class Retry {
  readonly #initialDelayMs: number
  readonly #maxDelayMs: number
  readonly #maxAttempts: number
  readonly #maxStartAttempts: number
  readonly #random: () => number
  #attempts = 0
  #opened = false
  total = 0

  constructor(options: RetryOptions, random: () => number) {
    this.#initialDelayMs = options.initialDelayMs ?? 200
    this.#maxDelayMs = options.maxDelayMs ?? 30_000
    this.#maxAttempts = options.maxAttempts ?? Infinity
    this.#maxStartAttempts = Math.min(options.maxStartAttempts ?? 3, this.#maxAttempts)
    this.#random = random
  }

  get attempts(): number {
    return this.#attempts
  }

  opened(): void {
    this.#opened = true
  }

  /** Something was delivered: the trouble before is over. */
  progressed(): void {
    this.#attempts = 0
  }

  /** Milliseconds to wait before the next attempt; undefined when the error is final. */
  delayAfter(error: TailraceError): number | undefined {
    const most = this.#opened ? this.#maxAttempts : this.#maxStartAttempts
    if (error.kind !== 'transient' || this.#attempts >= most) return undefined
    const ceiling = Math.min(this.#maxDelayMs, this.#initialDelayMs * 2 ** Math.min(this.#attempts, 30))
    this.#attempts++
    this.total++
    // half of it is certain, so that a jitter of nothing never makes a tight loop
    return ceiling / 2 + (ceiling / 2) * this.#random()
  }
}

/** Anything that is not ours is a bug here: it must not be retried as if the network had done it. */
export function toTailraceError(error: unknown): TailraceError {
  return isTailraceError(error) ? error : new TailraceError('TR_ENGINE_INVARIANT', { message: error instanceof Error ? `Unexpected: ${error.message}` : 'Unexpected', cause: error })
}

/** Whatever a sink rejects with is final: it retries by itself, and only it knows whether a second attempt is safe. */
export function toSinkError(error: unknown): TailraceError {
  return isTailraceError(error) && error.kind !== 'transient' ? error : new TailraceError('TR_SINK_FAILED', { cause: error })
}

import type { ErrorCode } from '../../error/code.ts'
import type { TailraceError } from '../../error/tailrace-error.ts'
import type { SinkContext } from '../sink.ts'

/** Milliseconds between two warnings of one code. */
const APART_MS = 10_000

/** Passes on one warning of a code and ten seconds: trouble lasts, and comes back with each request. */
export class WarningLimit {
  readonly #context: Pick<SinkContext, 'warn' | 'clock'>
  readonly #warnedAt = new Map<ErrorCode, number>()

  constructor(context: Pick<SinkContext, 'warn' | 'clock'>) {
    this.#context = context
  }

  warn(error: TailraceError): void {
    const now = this.#context.clock.monotonicMs()
    if (now - (this.#warnedAt.get(error.code) ?? -Infinity) < APART_MS) return
    this.#warnedAt.set(error.code, now)
    this.#context.warn(error)
  }
}

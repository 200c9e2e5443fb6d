import type { Settings } from './settings.ts'

/** Growing waits with jitter: half of each is certain, so that chance never makes a tight loop. */
export class BackOff {
  readonly #settings: Pick<Settings, 'initialDelayMs' | 'maxDelayMs'>
  readonly #random: () => number
  #failures = 0
  #failedAt = -Infinity
  #until = -Infinity

  constructor(settings: Pick<Settings, 'initialDelayMs' | 'maxDelayMs'>, random: () => number) {
    this.#settings = settings
    this.#random = random
  }

  /** Something failed that was not followed by a success yet. */
  get troubled(): boolean {
    return this.#failures > 0
  }

  /** When the next attempt is due, by the clock's monotonic time. */
  get until(): number {
    return this.#until
  }

  /**
   * Requests that were under way together fail together: those sent before the last failure was known make the wait no longer.
   * `progressed`: not all of it failed, so the wait is the shortest again. True where it counted.
   */
  failed(sentAt: number, now: number, progressed = false): boolean {
    if (this.#failures > 0 && sentAt < this.#failedAt) return false
    if (progressed) this.#failures = 0
    const { initialDelayMs, maxDelayMs } = this.#settings
    const ceiling = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    this.#failedAt = now
    this.#until = now + ceiling / 2 + (ceiling / 2) * this.#random()
    return true
  }

  /** An answer to what was sent before the last failure proves nothing. */
  succeeded(sentAt: number): void {
    if (sentAt < this.#failedAt) return
    this.#failures = 0
    this.#until = -Infinity
  }
}

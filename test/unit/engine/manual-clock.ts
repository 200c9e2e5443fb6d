import type { Clock } from '../../../src/time/clock.ts'

/** Time that a test moves. */
export class ManualClock implements Clock {
  #now = 0
  #timers: { readonly at: number; readonly callback: () => void }[] = []

  nowMicros(): bigint {
    return BigInt(this.#now) * 1000n
  }

  monotonicMs(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get waiting(): number {
    return this.#timers.length
  }

  /** Lets time pass, and then everything happen that follows. */
  async pass(ms: number): Promise<void> {
    this.#now += ms
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
      this.#timers = this.#timers.filter((other) => other !== timer)
      timer.callback()
    }
    await settle()
  }
}

export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

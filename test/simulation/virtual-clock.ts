import type { Clock } from '../../src/time/clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** Time that passes only when it is told to. Of timers that are due together, the one that was set first comes first. */
export class VirtualClock implements Clock {
  #now = 0
  #count = 0
  #timers: Timer[] = []

  nowMicros(): bigint {
    return 1_767_225_600_000_000n + BigInt(Math.round(this.#now * 1000))
  }

  monotonicMs(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#count++, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Goes to the next timer and calls it; false when there is none. */
  advance(): boolean {
    let next: Timer | undefined
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer
    if (next === undefined) return false
    this.#timers = this.#timers.filter((other) => other !== next)
    this.#now = next.at
    next.callback()
    return true
  }

  /** The same time for someone who can die: what it has set never calls back then. */
  mortal(alive: () => boolean): Clock {
    return {
      nowMicros: () => this.nowMicros(),
      monotonicMs: () => this.monotonicMs(),
      after: (ms, callback) => this.after(ms, () => {
        if (alive()) callback()
      }),
    }
  }
}

/** Time, injected so that tests and simulations own it. */
export interface Clock {
  /** Wall clock, microseconds since 1970-01-01 UTC. */
  nowMicros(): bigint
  /** Never goes back; milliseconds from an arbitrary start. */
  monotonicMs(): number
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void
}

const originMicros = BigInt(Math.round(performance.timeOrigin * 1000))

/** The system's clock. */
export const systemClock: Clock = {
  nowMicros: () => originMicros + BigInt(Math.floor(performance.now() * 1000)),
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

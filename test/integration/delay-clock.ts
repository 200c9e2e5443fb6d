import { systemClock, type Clock } from '../../src/time/clock.ts'

/** So long that nothing else waits for it. */
export const DELAY_MS = 1_234_567

/** The system's clock, but that {@link DELAY_MS} are over as soon as something is done. */
export function clockOf(meanwhile: () => Promise<unknown>): Clock {
  return {
    ...systemClock,
    after(ms, callback) {
      if (ms !== DELAY_MS) return systemClock.after(ms, callback)
      void meanwhile().then(callback)
      return () => {}
    },
  }
}

import type { Clock } from '../time/clock.ts'

/** Resolves after `ms`, or at once when the signal aborts: the caller looks at the signal. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** Waits for `work`, but once the signal has aborted only `graceMs` longer: then it rejects with the signal's reason. */
export function patiently<T>(work: Promise<T>, graceMs: number, clock: Clock, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {}
    const aborted = (): void => {
      cancel = clock.after(graceMs, () => reject(signal.reason as Error))
    }
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted, { once: true })
    const settled = (): void => {
      cancel()
      signal.removeEventListener('abort', aborted)
    }
    work.finally(settled).then(resolve, reject)
  })
}

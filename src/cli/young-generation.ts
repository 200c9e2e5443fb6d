import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves of the young generation, in bytes: V8 doubles it from 1 MiB each to 16 MiB each. */
const ENOUGH = 8 * 1024 * 1024

/**
 * Ends the growth of the young generation at 4 MiB a half. What is read lives for a batch: in 1 MiB too much of it gets old and waits for
 * a collection of everything, in 16 MiB it takes 25 MiB more and falls out of the processor's cache. For a process of our own; a library
 * leaves its host's heap alone (there `node --max-semi-space-size=4` says the same). V8 reads the flag whenever it may grow.
 */
export function boundYoungGeneration(): void {
  let factor = 0
  const bound = (): void => {
    const size = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0
    const next = size < ENOUGH ? 2 : 1
    if (next !== factor) setFlagsFromString(`--semi-space-growth-factor=${(factor = next)}`)
  }
  bound()
  // V8 shrinks it as well, while there is little to do
  new PerformanceObserver(bound).observe({ entryTypes: ['gc'] })
}

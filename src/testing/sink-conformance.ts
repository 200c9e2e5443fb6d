import type { Sink } from '../sink/sink.ts'
import type { ConformanceCheck } from './conformance-check.ts'
import { EVENT_RULES, RECORD_RULES } from './sink-payload-rule.ts'
import type { SinkPlace } from './sink-place.ts'
import { Bench, COMMON_RULES, type Rule } from './sink-rule.ts'

/**
 * The rules of {@link Sink}, to be run with any test runner. `make` gives a new, empty place for each check.
 *
 *     for (const check of sinkConformance('records', make)) test(check.name, check.run)
 */
export function sinkConformance(accepts: Sink['accepts'], make: () => SinkPlace | Promise<SinkPlace>): readonly ConformanceCheck[] {
  const rules: Readonly<Record<string, Rule>> = { ...COMMON_RULES, ...(accepts === 'events' ? EVENT_RULES : RECORD_RULES) }
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    async run() {
      const place = await make()
      const bench = new Bench(accepts, place)
      try {
        await bench.open()
        await rule(bench)
      } finally {
        await bench.sink[Symbol.asyncDispose]()
        await place.remove?.()
      }
    },
  }))
}

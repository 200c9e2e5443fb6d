import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { KafkaSurroundings } from './kafka-surroundings.ts'
import { kafkaReport } from './report.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()
const FAULTS = 10

withKafka('an engine that writes to Kafka exactly once', () => {
  const surroundings = new KafkaSurroundings()

  beforeAll(async () => surroundings.start(), 180_000)
  afterAll(async () => surroundings[Symbol.asyncDispose]())

  it(`${FAULTS} faults: a consumer of committed records sees every change once, in order, and none that was aborted`, async () => {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    console.log(`chaos: TAILRACE_SEED=${seed}`)
    const result = await surroundings.run({ faults: FAULTS, seed })
    console.log(kafkaReport(result).join('\n'))
    expect(result.violations).toEqual([])
    expect(result.changes).toBeGreaterThan(100)
    expect(result.consumed).toBe(result.changes)
    expect([...result.faults.values()].reduce((sum, count) => sum + count, 0)).toBe(FAULTS)
  }, 300_000)
})

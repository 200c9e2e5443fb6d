import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { KAFKA_MUTATIONS } from './kafka-mutation.ts'
import { KafkaSurroundings } from './kafka-surroundings.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()

withKafka('a mistake in writing to Kafka exactly once', () => {
  const surroundings = new KafkaSurroundings()

  beforeAll(async () => surroundings.start(), 180_000)
  afterAll(async () => surroundings[Symbol.asyncDispose]())

  describe('is found out when', () => {
    for (const { name, faults, ...patch } of KAFKA_MUTATIONS) {
      // with two instances, one waits for what the other one does: such runs are beside each other
      const test = faults.some((fault) => fault === 'zombie' || fault === 'overlap') ? it.concurrent : it
      // chance decides what is under way when a fault comes: three runs at most have to show it
      test(name, { timeout: 120_000, retry: 2 }, async () => {
        const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
        using mutant = surroundings.child.patched([patch])
        const { lost, repeated, reordered, phantom, violations } = await surroundings.run({ child: mutant, faults, writers: 3, patienceMs: 20_000, seed, untilWrong: true, keepLogs: false })
        console.log(`${name} (TAILRACE_SEED=${seed}): lost ${lost}, repeated ${repeated}, reordered ${reordered}, phantom ${phantom}; ${violations[0]}`)
        expect(violations).not.toEqual([])
        // a mutant that does not even run is no proof
        expect(violations.filter((violation) => /Unexpected|no error/.test(violation))).toEqual([])
      })
    }
  })
})

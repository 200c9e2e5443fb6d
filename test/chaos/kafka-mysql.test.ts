import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireConfluentReader, requireKafka, requireKafkaClient, requireMariadb, requireMysql, requireRegistry } from '../server/require.ts'
import type { Patch } from './compiled-child.ts'
import type { KillAt } from './engine-process.ts'
import { KafkaSurroundings } from './kafka-surroundings.ts'
import { KAFKA_MUTATIONS } from './kafka-mutation.ts'
import { MUTATIONS } from './mysql/mutation.ts'
import { kafkaReport } from './report.ts'

await requireMysql()
await requireMariadb('11.8')
await requireKafkaClient()
await requireRegistry()
await requireConfluentReader()
const withKafka = await requireKafka()

/** `npm run chaos -- kafka --from mysql` has as many faults as are wanted. */
const FAULTS = 6
const WRITERS = 3

function seed(): number {
  const chosen = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
  console.log(`chaos: TAILRACE_SEED=${chosen}`)
  return chosen
}

const RUNS = [{ title: 'MySQL in JSON', from: 'mysql', avro: false }, { title: 'MariaDB in Avro', from: 'mariadb', avro: true }] as const

/** Mistakes that others find as well: one of the sink, one of the source. */
const MISTAKES: readonly (Patch & { readonly name: string })[] = [named(KAFKA_MUTATIONS, 'the offset is not part of the transaction but of the next one'), named(MUTATIONS, 'what of a transaction was delivered is forgotten')]
/** Behind a transaction's commit: what of it is not stored comes again. */
const COMMITTED: KillAt = { point: 'kafka.transaction-after', nth: 8 }

function named(all: readonly (Patch & { readonly name: string })[], name: string): Patch & { readonly name: string } {
  return all.find((mistake) => mistake.name === name)!
}

withKafka.each(RUNS)('an engine that writes changes of $title to Kafka exactly once', ({ from, avro }) => {
  const surroundings = new KafkaSurroundings({ from, avro })

  beforeAll(async () => surroundings.start(), 180_000)
  afterAll(async () => surroundings[Symbol.asyncDispose]())

  it(`${FAULTS} faults, while the schema changes too: a consumer of committed records sees every change once, in order, as the log has it`, async () => {
    const result = await surroundings.run({ faults: FAULTS, writers: WRITERS, patienceMs: 45_000, seed: seed(), say: console.log })
    console.log(kafkaReport(result).join('\n'))
    expect(result.violations).toEqual([])
    expect(result.changes).toBeGreaterThan(100)
    expect(result.consumed).toBe(result.changes)
    expect([...result.faults.values()].reduce((sum, count) => sum + count, 0)).toBe(FAULTS)
  }, 300_000)

  describe.skipIf(avro)('finds out when', () => {
    for (const { name, ...patch } of MISTAKES) {
      // a batch is less than a transaction has, so that offsets are inside one; chance decides what is under way when a fault comes: three runs at most have to show it
      it(name, { timeout: 150_000, retry: 2 }, async () => {
        using mutant = surroundings.child.patched([patch])
        const { lost, repeated, reordered, phantom, altered, violations } = await surroundings.run({ child: mutant, faults: [COMMITTED, COMMITTED, COMMITTED, COMMITTED, COMMITTED], writers: WRITERS, patienceMs: 20_000, seed: seed(), maxBatchEvents: 4, untilWrong: true, keepLogs: false })
        console.log(`${name}: lost ${lost}, repeated ${repeated}, reordered ${reordered}, phantom ${phantom}, altered ${altered}; ${violations[0]}`)
        expect(violations).not.toEqual([])
        // a mutant that does not even run is no proof
        expect(violations.filter((violation) => /Unexpected|no error|did not begin/.test(violation))).toEqual([])
      })
    }
  })
})

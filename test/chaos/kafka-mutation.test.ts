import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { CompiledChild } from './compiled-child.ts'
import { KAFKA_MUTATIONS } from './kafka-mutation.ts'
import { KAFKA_CHAOS_SETTINGS, runKafkaChaos, type KafkaChaosOptions, type KafkaChaosResult } from './kafka-run.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()

withKafka('a mistake in writing to Kafka exactly once', () => {
  let child: CompiledChild
  let server: PostgresServer
  let kafka: KafkaServer
  let proxy: TcpProxy
  let reader: KafkaClient

  beforeAll(async () => {
    child = CompiledChild.compile('kafka-child')
    server = await startPostgres({ major: 17, settings: KAFKA_CHAOS_SETTINGS })
    proxy = await startTcpProxy(0)
    kafka = await startKafka({ proxy })
    reader = await startKafkaClient()
  }, 180_000)

  afterAll(async () => {
    child[Symbol.dispose]()
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
    await proxy?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  async function run(options: Pick<KafkaChaosOptions, 'child' | 'faults' | 'writers' | 'patienceMs'>): Promise<KafkaChaosResult> {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    console.log(`chaos: TAILRACE_SEED=${seed}`)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    try {
      return await runKafkaChaos({ server, kafka, proxy, reader, folder, seed, ...options })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  describe('is found out when', () => {
    for (const { name, faults, ...patch } of KAFKA_MUTATIONS) {
      // chance decides what is under way when a fault comes: three runs at most have to show it
      it(name, { timeout: 120_000, retry: 2 }, async () => {
        using mutant = child.patched([patch])
        const { lost, repeated, reordered, phantom, violations } = await run({ child: mutant, faults, writers: 3, patienceMs: 20_000 })
        console.log(`${name}: lost ${lost}, repeated ${repeated}, reordered ${reordered}, phantom ${phantom}; ${violations[0]}`)
        expect(violations).not.toEqual([])
        // a mutant that does not even run is no proof
        expect(violations.filter((violation) => /Unexpected|no error/.test(violation))).toEqual([])
      })
    }
  })
})

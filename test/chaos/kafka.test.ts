import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { CompiledChild } from './compiled-child.ts'
import { KAFKA_CHAOS_SETTINGS, runKafkaChaos, type KafkaChaosOptions, type KafkaChaosResult } from './kafka-run.ts'
import { kafkaReport } from './report.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()
const FAULTS = 10

withKafka('an engine that writes to Kafka exactly once', () => {
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

  async function run(options: Pick<KafkaChaosOptions, 'child' | 'faults' | 'writers'>): Promise<KafkaChaosResult> {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    console.log(`chaos: TAILRACE_SEED=${seed}`)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    try {
      return await runKafkaChaos({ server, kafka, proxy, reader, folder, seed, ...options })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it(`${FAULTS} faults: a consumer of committed records sees every change once, in order, and none that was aborted`, async () => {
    const result = await run({ child, faults: FAULTS })
    console.log(kafkaReport(result).join('\n'))
    expect(result.violations).toEqual([])
    expect(result.changes).toBeGreaterThan(100)
    expect(result.consumed).toBe(result.changes)
    expect([...result.faults.values()].reduce((sum, count) => sum + count, 0)).toBe(FAULTS)
  }, 300_000)
})

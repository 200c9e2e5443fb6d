import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { KafkaOutput } from './kafka-output.ts'
import { PostgresGround } from './postgres-ground.ts'
import { report } from './report.ts'
import { runScenario } from './run.ts'
import { readScenario, sinkScenarios } from './scenario.ts'
import type { Tally } from './difference.ts'

await requirePostgres(15)
await requireKafkaClient()
const withKafka = await requireKafka()

withKafka('records equal Debezium’s after a way through Kafka', () => {
  const names = sinkScenarios()
  const tally: Tally = []
  const outcome = new Map<string, string>()
  let server: PostgresServer
  let kafka: KafkaServer
  let client: KafkaClient
  let output: KafkaOutput

  beforeAll(async () => {
    ;[server, kafka, client] = await Promise.all([startPostgres({ major: 15 }), startKafka({ autoCreate: true }), startKafkaClient()])
    output = new KafkaOutput(kafka, client)
  }, 180_000)
  afterAll(async () => {
    for (const each of [output, client, kafka, server]) await each?.[Symbol.asyncDispose]()
    process.stdout.write(report('goldens through Kafka', 'PostgreSQL 15', outcome, tally))
  })

  it.each(names)('%s', { timeout: 90_000 }, async (name) => {
    outcome.set(name, 'did not finish')
    const difference = await runScenario(readScenario(name), new PostgresGround(server), tally, output).catch((error: unknown) => {
      outcome.set(name, String(error))
      throw error
    })
    outcome.set(name, difference)
    if (difference !== '') expect.fail(`\n${difference}`)
  })
})

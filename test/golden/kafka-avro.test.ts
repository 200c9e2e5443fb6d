import { afterAll, beforeAll, expect, it } from 'vitest'
import { startConfluentReader, type ConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { requireConfluentReader, requireKafka, requireKafkaClient, requirePostgres, requireRegistry } from '../server/require.ts'
import { avroProperties, Excuses, NOT_IN_AVRO, writableSetup } from './avro-difference.ts'
import { readAvro } from './avro-read.ts'
import type { Tally } from './difference.ts'
import { KafkaOutput } from './kafka-output.ts'
import { PostgresGround } from './postgres-ground.ts'
import { report } from './report.ts'
import { runScenario } from './run.ts'
import { readScenario, sinkScenarios } from './scenario.ts'

const CONVERTER = 'io.confluent.connect.avro.AvroConverter'

await requirePostgres(15)
await requireKafka()
await requireKafkaClient()
await requireConfluentReader()
const withRegistry = await requireRegistry()

withRegistry('records equal Debezium’s after a way through Kafka in Avro', () => {
  const names = sinkScenarios().filter((name) => !NOT_IN_AVRO.has(name))
  const tally: Tally = []
  const excuses = new Excuses()
  const outcome = new Map<string, string>()
  let server: PostgresServer
  let kafka: KafkaServer
  let registry: RegistryServer
  let client: KafkaClient
  let confluent: ConfluentReader
  let output: KafkaOutput

  beforeAll(async () => {
    // the scenarios change tables in ways that no level of compatibility allows
    ;[server, kafka, registry] = await Promise.all([startPostgres({ major: 15 }), startKafka({ autoCreate: true }), startRegistry({ compatibility: 'NONE' })])
    ;[client, confluent] = await Promise.all([startKafkaClient(), startConfluentReader()])
    const properties = { 'key.converter': CONVERTER, 'value.converter': CONVERTER, 'converter.schema.registry.url': registry.url }
    output = new KafkaOutput(kafka, client, (scenario) => ({ ...properties, ...avroProperties(scenario) }), readAvro(confluent, registry.url))
    output.setup = writableSetup
    output.excuses = (mismatch) => excuses.take(mismatch)
  }, 240_000)
  afterAll(async () => {
    for (const each of [output, client, confluent, registry, kafka, server]) await each?.[Symbol.asyncDispose]()
    process.stdout.write(report('goldens through Kafka in Avro', 'PostgreSQL 15', outcome, tally, [...excuses.describe(), ...[...NOT_IN_AVRO].map(([name, reason]) => `left out, ${name}: ${reason}`)]))
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

import { afterAll, beforeAll, expect, test } from 'vitest'
import { kafkaSchemaHistory } from '../../src/kafka.ts'
import { schemaHistoryConformance, type HistoryPlace } from '../../src/testing/index.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'

const withKafka = await requireKafka()

let kafka: KafkaServer

beforeAll(async () => {
  kafka = await startKafka()
}, 120_000)

afterAll(async () => kafka?.[Symbol.asyncDispose]())

let topics = 0

withKafka('a schema history in Kafka keeps the rules of schema histories', () => {
  const place = (): HistoryPlace => {
    const topic = `schema-history-${topics++}`
    return { newestHolds: true, history: () => kafkaSchemaHistory({ brokers: [kafka.url], topic }) }
  }
  for (const check of schemaHistoryConformance(place)) test(check.name, () => check.run(), 60_000)
})

test.each(['kafkajs-plain', 'platformatic', 'confluent'] as const)('the client %s, which has no epochs, keeps none', (client) => {
  expect(() => kafkaSchemaHistory({ brokers: ['nowhere:1'], topic: 'h', client })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_UNSUPPORTED' }))
})

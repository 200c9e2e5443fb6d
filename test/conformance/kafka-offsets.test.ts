import { afterAll, beforeAll, expect, test } from 'vitest'
import { kafkaOffsets } from '../../src/kafka.ts'
import { offsetStoreConformance } from '../../src/testing/index.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'

const withKafka = await requireKafka()

let kafka: KafkaServer

beforeAll(async () => {
  kafka = await startKafka()
}, 120_000)

afterAll(async () => kafka?.[Symbol.asyncDispose]())

let topics = 0

withKafka('offsets in Kafka keep the rules of offset stores', () => {
  const place = (): { readonly shared: true; store(): ReturnType<typeof kafkaOffsets> } => {
    const topic = `offsets-${topics++}`
    return { shared: true, store: () => kafkaOffsets({ brokers: [kafka.url], topic }) }
  }
  for (const check of offsetStoreConformance(place)) test(check.name, () => check.run(), 60_000)
})

test.each(['kafkajs-plain', 'platformatic', 'confluent'] as const)('the client %s, which has no epochs, keeps none', (client) => {
  expect(() => kafkaOffsets({ brokers: ['nowhere:1'], topic: 'o', client })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_UNSUPPORTED' }))
})

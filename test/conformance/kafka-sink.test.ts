import { afterAll, beforeAll, test } from 'vitest'
import { kafkaSink, type KafkaClientName } from '../../src/kafka.ts'
import { sinkConformance, type ReceivedRecord, type SinkPlace } from '../../src/testing/index.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { installedKafkaClients } from '../server/kafka-clients.ts'
import { requireKafka, requireKafkaClient } from '../server/require.ts'

const withKafka = await requireKafka()
await requireKafkaClient()

let kafka: KafkaServer
let reader: KafkaClient

beforeAll(async () => {
  kafka = await startKafka({ autoCreate: true, maxMessageBytes: 8_000_000 })
  reader = await startKafkaClient()
}, 120_000)

afterAll(async () => {
  await reader?.[Symbol.asyncDispose]()
  await kafka?.[Symbol.asyncDispose]()
})

let places = 0

/** Topics of its own for each check; names that Kafka does not take are written in hexadecimal. */
function kafkaPlace(client: KafkaClientName): SinkPlace {
  const prefix = `place${places++}-`
  const destinations = new Map<string, string>()
  const topicName = (destination: string): string => {
    const topic = prefix + Buffer.from(destination).toString('hex')
    destinations.set(topic, destination)
    return topic
  }
  return {
    sink: () => kafkaSink({ brokers: [kafka.url], maxRecordBytes: 8_000_000, topicName, client }),
    order: 'key',
    async received() {
      const all: ReceivedRecord[] = []
      for (const [topic, destination] of destinations) {
        for (const { key, value, headers } of await reader.read({ url: kafka.url, topic })) {
          all.push({ destination, key: key?.toString() ?? null, value: value?.toString() ?? null, headers: Object.fromEntries(headers.map(([name, header]) => [name, header?.toString() ?? ''])) })
        }
      }
      return all
    },
  }
}

withKafka.each(installedKafkaClients())('the Kafka sink keeps the rules of sinks: %s', (client) => {
  // each has topics of its own, and waits for the broker most of its time
  for (const check of sinkConformance('records', () => kafkaPlace(client))) test.concurrent(check.name, () => check.run(), 120_000)
})

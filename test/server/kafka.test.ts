import { Kafka, logLevel, type KafkaConfig } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKafka, type KafkaServer } from './kafka.ts'
import { isAlive } from './process.ts'
import { requireKafka } from './require.ts'

const withKafka = await requireKafka()
withKafka('a broker of a test', () => {
  let kafka: KafkaServer
  beforeAll(async () => {
    kafka = await startKafka({ secure: true })
  })
  afterAll(async () => {
    await kafka[Symbol.asyncDispose]()
  })

  it('keeps topics and records when it is stopped and when it is killed', async () => {
    await kafka.createTopic('kept', { partitions: 2 })
    await produce(kafka, 'kept', ['a', 'b'])
    await kafka.restart()
    const { pid } = kafka
    await kafka.kill()
    expect(isAlive(pid!)).toBe(false)
    await kafka.start()
    expect(await kafka.endOffsets('kept')).toEqual([2n, 0n])
  })
})

async function produce(kafka: KafkaServer, topic: string, values: string[]): Promise<void> {
  const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING } satisfies KafkaConfig).producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition: 0 })) })
  await producer.disconnect()
}

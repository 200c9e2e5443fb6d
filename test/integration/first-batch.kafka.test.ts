import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchProducer } from '../../src/kafka/kafkajs/batch-producer.ts'
import { createPrivateCluster, type PrivateBroker, type PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { wholeResponses } from '../../src/kafka/kafkajs/whole-responses.ts'
import { encodedHeaders, PartitionBatch } from '../../src/kafka/partition-batch.ts'
import { silentLogger } from '../../src/observe/logger.ts'
import { systemClock } from '../../src/time/clock.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'

const withKafka = await requireKafka()
const PRODUCE = 0

/** A real broker; that a partition which is being made refuses the first request is made to happen here. */
withKafka('the first records that a producer sends to a partition', () => {
  let server: KafkaServer
  let cluster: PrivateCluster
  let sent: string[]

  beforeAll(async () => {
    server = await startKafka()
    const kafka = new Kafka({ clientId: 'first', brokers: [server.url], logLevel: logLevel.NOTHING, retry: { retries: 0 }, socketFactory: wholeResponses })
    cluster = createPrivateCluster(kafka, { allowAutoTopicCreation: false, maxInFlightRequests: 100 })
    await cluster.connect()
  }, 60_000)
  afterAll(async () => {
    await cluster?.disconnect()
    await server?.[Symbol.asyncDispose]()
  })

  function batchOf(topic: string, value: string): PartitionBatch {
    const batch = new PartitionBatch(topic, 0, Date.now(), 0)
    const bytes = Buffer.from(value)
    batch.append({ bytes, keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: bytes.length }, encodedHeaders([]), Date.now())
    return batch
  }

  /** The first `count` requests do not arrive. */
  function refusing(count: number): PrivateCluster {
    let left = count
    const through = (broker: PrivateBroker): PrivateBroker =>
      Object.assign(Object.create(broker) as PrivateBroker, {
        connectionPool: Object.assign(Object.create(broker.connectionPool) as PrivateBroker['connectionPool'], {
          send: async (exchange: Parameters<PrivateBroker['connectionPool']['send']>[0]) => {
            if (exchange.request.apiKey === PRODUCE && left-- > 0) {
              sent.push('refused')
              throw Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError' })
            }
            if (exchange.request.apiKey !== PRODUCE) return await broker.connectionPool.send(exchange)
            sent.push('sent')
            const answer = await broker.connectionPool.send(exchange)
            sent.push('answered')
            return answer
          },
        }),
      })
    return Object.assign(Object.create(cluster) as PrivateCluster, {
      refreshMetadata: () => cluster.refreshMetadata(), getNodeIds: () => cluster.getNodeIds(), findTopicPartitionMetadata: (topic: string) => cluster.findTopicPartitionMetadata(topic),
      findBroker: async (of: { readonly nodeId: number | string }) => through(await cluster.findBroker(of)),
    })
  }

  async function stored(topic: string, count: number): Promise<string[]> {
    const consumer = new Kafka({ clientId: 'reader', brokers: [server.url], logLevel: logLevel.NOTHING }).consumer({ groupId: `${topic}_${count}` })
    const values: string[] = []
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.run({ eachMessage: async ({ message }) => void (values.push(message.value!.toString()) >= count && resolve()) }).catch(reject)
    })
    await consumer.disconnect()
    return values
  }

  it.each([1, 2])('are there before those behind them, although %i requests were refused', async (refusals) => {
    const topic = `first_${refusals}`
    await server.createTopic(topic)
    await cluster.addTargetTopic(topic)
    sent = []
    const context = { clock: systemClock, random: Math.random, logger: silentLogger, reach: () => {}, warn: () => {} }
    await using producer = new BatchProducer(refusing(refusals), { requestTimeoutMs: 10_000, transactionTimeoutMs: 60_000, deliveryTimeoutMs: 30_000 }, context)
    await producer.reset(new AbortController().signal)
    const values = ['one', 'two', 'three', 'four']
    await Promise.all(values.map((value) => producer.send([batchOf(topic, value)])))
    expect(await stored(topic, values.length)).toEqual(values)
    expect(sent.filter((what) => what === 'refused')).toHaveLength(refusals)
    // known to the partition, a producer's records do not wait for each other
    await Promise.all(['five', 'six'].map((value) => producer.send([batchOf(topic, value)])))
    expect((await stored(topic, 6)).slice(4)).toEqual(['five', 'six'])
  }, 60_000)

  it('are alone under way again after a minute of silence, in which a partition may have forgotten the producer', async () => {
    await server.createTopic('silence')
    await cluster.addTargetTopic('silence')
    let passed = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + passed }
    const context = { clock, random: Math.random, logger: silentLogger, reach: () => {}, warn: () => {} }
    await using producer = new BatchProducer(refusing(0), { requestTimeoutMs: 10_000, transactionTimeoutMs: 60_000, deliveryTimeoutMs: 30_000 }, context)
    await producer.reset(new AbortController().signal)
    const sendTwo = async (): Promise<string[]> => {
      sent = []
      await Promise.all(['one', 'two'].map((value) => producer.send([batchOf('silence', value)])))
      return sent
    }
    const [alone, together] = [['sent', 'answered', 'sent', 'answered'], ['sent', 'sent', 'answered', 'answered']]
    expect(await sendTwo()).toEqual(alone)
    expect(await sendTwo()).toEqual(together)
    passed = 59_000
    expect(await sendTwo()).toEqual(together)
    passed = 120_000
    expect(await sendTwo()).toEqual(alone)
    expect(await sendTwo()).toEqual(together)
  }, 60_000)
})

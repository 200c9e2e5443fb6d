import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BatchProducer } from '../../src/kafka/kafkajs/batch-producer.ts'
import type { PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { silentLogger } from '../../src/observe/logger.ts'
import { systemClock } from '../../src/time/clock.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { batchOf, closedConnection, connectCluster, PRODUCE, tamperedCluster } from './tampered-cluster.ts'

const withKafka = await requireKafka()

/** A real broker; that a partition which is being made refuses the first request is made to happen here. */
withKafka('the first records that a producer sends to a partition', () => {
  let server: KafkaServer
  let cluster: PrivateCluster
  let sent: string[]

  beforeAll(async () => {
    server = await startKafka()
    cluster = await connectCluster('first', server.url)
  }, 60_000)
  afterAll(async () => {
    await cluster?.disconnect()
    await server?.[Symbol.asyncDispose]()
  })

  /** The first `count` requests do not arrive. */
  function refusing(count: number): PrivateCluster {
    let left = count
    return tamperedCluster(cluster, async ({ request }, really) => {
      if (request.apiKey !== PRODUCE) return await really()
      if (left-- > 0) {
        sent.push('refused')
        throw closedConnection()
      }
      sent.push('sent')
      const answer = await really()
      sent.push('answered')
      return answer
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

import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PartitionBatch } from '../../src/kafka/partition-batch.ts'
import { createPrivateCluster, type PrivateBroker, type PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { ProducerSession } from '../../src/kafka/kafkajs/producer-session.ts'
import { silentLogger } from '../../src/observe/logger.ts'
import { systemClock } from '../../src/time/clock.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'

const withKafka = await requireKafka()
const INIT_PRODUCER_ID = 22
const signal = new AbortController().signal

/** Two producers of one transactional id at a real broker; what befalls an answer on its way back is made to happen here. */
withKafka('the identity of a transactional producer', () => {
  let server: KafkaServer
  let cluster: PrivateCluster

  beforeAll(async () => {
    server = await startKafka({ autoCreate: true })
    await server.createTopic('t')
    cluster = createPrivateCluster(new Kafka({ clientId: 'session', brokers: [server.url], logLevel: logLevel.NOTHING, retry: { retries: 0 } }), { allowAutoTopicCreation: true, maxInFlightRequests: 100 })
    await cluster.connect()
    await cluster.addTargetTopic('t')
  }, 60_000)
  afterAll(async () => {
    await cluster?.disconnect()
    await server?.[Symbol.asyncDispose]()
  })

  function session(id: string, through: PrivateCluster = cluster): ProducerSession {
    const context = { clock: systemClock, random: Math.random, logger: silentLogger, reach: () => {}, warn: () => {} }
    return new ProducerSession(through, { transactionalId: id, transactionTimeoutMs: 60_000, deliveryTimeoutMs: 30_000 }, context)
  }

  async function begin(producer: ProducerSession): Promise<void> {
    await producer.addPartitions([new PartitionBatch('t', 0, Date.now(), 0)])
  }

  /** The answer to the next request for an identity is lost, and `meanwhile` happens before anybody notices. */
  function losing(meanwhile: () => Promise<void>): { readonly cluster: PrivateCluster; arm: () => void } {
    let armed = false
    const lossy = (broker: PrivateBroker): PrivateBroker =>
      Object.assign(Object.create(broker) as PrivateBroker, {
        connectionPool: {
          send: async (exchange: Parameters<PrivateBroker['connectionPool']['send']>[0]) => {
            const answer = await broker.connectionPool.send(exchange)
            if (!armed || exchange.request.apiKey !== INIT_PRODUCER_ID) return answer
            armed = false
            await meanwhile()
            throw Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError' })
          },
        },
      })
    const through = Object.assign(Object.create(cluster) as PrivateCluster, {
      refreshMetadata: () => cluster.refreshMetadata(), getNodeIds: () => cluster.getNodeIds(), findBroker: async (of: { readonly nodeId: number | string }) => lossy(await cluster.findBroker(of)),
    })
    return { cluster: through, arm: () => void (armed = true) }
  }

  it('is asked for again when the answer is lost, and is still ours', async () => {
    const { cluster: through, arm } = losing(async () => {})
    const producer = session('again', through)
    await producer.initialise(signal)
    const { epoch } = producer.identity
    await begin(producer)
    arm()
    await producer.initialise(signal)
    expect(producer.identity.epoch).toBe(epoch + 1)
    await begin(producer)
    await producer.commit()
  })

  it('is given up when another producer has a transaction open by then, and that one is not disturbed', async () => {
    const successor = session('taken')
    const { cluster: through, arm } = losing(async () => {
      await successor.initialise(signal)
      await begin(successor)
    })
    const producer = session('taken', through)
    await producer.initialise(signal)
    await begin(producer)
    arm()
    await expect(producer.initialise(signal)).rejects.toMatchObject({ code: 'TR_KAFKA_FENCED' })
    await successor.commit()
  })

  it('is given up when another producer has taken it, and asks for nothing more', async () => {
    const successor = session('idle')
    const { cluster: through, arm } = losing(async () => successor.initialise(signal))
    const producer = session('idle', through)
    await producer.initialise(signal)
    arm()
    await expect(producer.initialise(signal)).rejects.toMatchObject({ code: 'TR_KAFKA_FENCED' })
    await begin(successor)
    await successor.commit()
  })
})

import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kafkaOffsets } from '../../src/kafka.ts'
import { BatchProducer } from '../../src/kafka/kafkajs/batch-producer.ts'
import { KafkajsClient } from '../../src/kafka/kafkajs/client.ts'
import type { PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { silentLogger } from '../../src/observe/logger.ts'
import type { StoredOffset } from '../../src/offset/offset-store.ts'
import { ExactlyOnce } from '../../src/sink/kafka/exactly-once.ts'
import { offsetRecordsOf } from '../../src/sink/kafka/joined-offsets.ts'
import { systemClock } from '../../src/time/clock.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { ADD_PARTITIONS, batchOf, closedConnection, connectCluster, PRODUCE, tamperedCluster } from './tampered-cluster.ts'

const withKafka = await requireKafka()
const NOT_LEADER_OR_FOLLOWER = 6
const NOT_COORDINATOR = 16
const signal = new AbortController().signal
const context = { clock: systemClock, random: Math.random, logger: silentLogger, reach: () => {}, warn: () => {} }
const options = { transactionTimeoutMs: 60_000, deliveryTimeoutMs: 60_000, requestTimeoutMs: 10_000 }

/** A real broker, whose answer to the beginning of a transaction is made to be another one here. */
withKafka('a transaction that a coordinator refuses at its beginning', () => {
  let server: KafkaServer
  let cluster: PrivateCluster
  /** What happens to requests to begin a transaction, one after the other. */
  let begins: ('refused' | 'unanswered' | 'unheard')[]
  /** How many requests with records are refused, as by a partition without a leader. */
  let refusals = 0

  beforeAll(async () => {
    server = await startKafka()
    cluster = await connectCluster('refused', server.url)
  }, 60_000)
  afterAll(async () => {
    await cluster?.disconnect()
    await server?.[Symbol.asyncDispose]()
  })

  function tampered(): PrivateCluster {
    return tamperedCluster(cluster, async ({ request }, really) => {
      if (request.apiKey === PRODUCE && refusals > 0) {
        refusals--
        return [{ topic: 'later', partition: 0, error: NOT_LEADER_OR_FOLLOWER }]
      }
      const what = request.apiKey === ADD_PARTITIONS ? begins.shift() : undefined
      if (what === 'refused') return { error: NOT_COORDINATOR, result: undefined }
      const answer = what === 'unheard' ? undefined : await really()
      if (what !== undefined) throw closedConnection()
      return answer
    })
  }

  async function producerOf(transactionalId: string): Promise<BatchProducer> {
    const producer = new BatchProducer(tampered(), { ...options, transactionalId }, context)
    await producer.reset(signal)
    return producer
  }

  it('has never begun; one whose beginning was not answered may have, and the end of it tells', async () => {
    await server.createTopic('outcome')
    await cluster.addTargetTopic('outcome')
    begins = []
    await using producer = await producerOf('outcome')
    await producer.transact([batchOf('outcome', 'one')])
    for (const [what, never] of [['refused', true], ['unheard', true], ['unanswered', false]] as const) {
      begins = [what]
      await expect(producer.transact([batchOf('outcome', what)])).rejects.toMatchObject({ code: 'TR_KAFKA_CONNECT' })
      await producer.reset(signal)
      expect(producer.neverBegun, what).toBe(never)
    }
    await producer.transact([batchOf('outcome', 'two')])
    await producer.reset(signal)
    expect(producer.neverBegun).toBe(false)
  }, 60_000)

  it('is another thing than records that a broker refuses for now: they are sent again, and the transaction is the same', async () => {
    await server.createTopic('later')
    await cluster.addTargetTopic('later')
    begins = []
    refusals = 2
    await using producer = await producerOf('later')
    await producer.transact([batchOf('later', 'one')])
    expect(refusals).toBe(0)
    // the record and the marker of its transaction
    expect(await server.endOffsets('later')).toEqual([2n])
  }, 60_000)

  it.each(['refused', 'unheard'] as const)('or does not hear of (%s) is begun again, although the end of the offsets topic cannot be read: a transaction hangs in it', async (what) => {
    const [topic, rows, engine] = [`offsets_${what}`, `rows_${what}`, `engine_${what}`]
    await server.createTopic(rows)
    const offsets = kafkaOffsets({ brokers: [server.url], topic })
    const records = offsetRecordsOf(offsets, { brokers: [server.url] })
    await using client = new KafkajsClient({ brokers: [server.url] }, context)
    await client.connect(signal)
    await records.prepare(client, signal)
    for (const each of [rows, topic]) await cluster.addTargetTopic(each)
    begins = []
    await using producer = await producerOf(engine)
    const outbox = new ExactlyOnce(client, producer, records, undefined, { ...context, engine: 'orders' }, { batchBytes: 100_000, maxBufferedBytes: 1_000_000, deliveryTimeoutMs: 60_000, codec: undefined })
    const offset = (lsn: number): StoredOffset => ({ engine: 'orders', source: 'postgres', identity: {}, position: { lsn } })
    outbox.dispatch(offset(1))
    await outbox.flush(signal)

    const other = new Kafka({ clientId: 'other', brokers: [server.url], logLevel: logLevel.NOTHING }).producer({ transactionalId: `other_${what}`, idempotent: true, maxInFlightRequests: 1 })
    await other.connect()
    const open = await other.transaction()
    await open.send({ topic, messages: [{ key: 'k', value: 'v' }] })

    begins = [what]
    outbox.dispatch(offset(2))
    await outbox.flush(AbortSignal.timeout(10_000))
    await open.abort()
    await other.disconnect()
    expect((await records.read(client, 'orders', signal))?.offset).toEqual(offset(2))
    await outbox.close()
  }, 60_000)
})

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodedHeaders, PartitionBatch } from '../../src/kafka/partition-batch.ts'
import { createPrivateCluster, type FetchedPartition, type PrivateBroker, type PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { produce } from '../../src/kafka/kafkajs/produce-request.ts'
import { wholeResponses } from '../../src/kafka/kafkajs/whole-responses.ts'
import { exchange, RequestBody } from '../../src/kafka/kafkajs/request.ts'
import { addPartitions, describeTransaction, endTransaction, findCoordinator, initProducerId, NO_PRODUCER, type Answer, type ProducerIdentity } from '../../src/kafka/kafkajs/transaction-request.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'

const withKafka = await requireKafka()
const NOW_MS = Date.now()

/** Each private member of kafkajs that src/kafka/kafkajs uses, asked of a real broker: a release that changes one fails here. */
withKafka('what is used of kafkajs beyond its public interface', () => {
  let server: KafkaServer
  let kafka: Kafka
  let cluster: PrivateCluster

  beforeAll(async () => {
    server = await startKafka({ autoCreate: true, partitions: 2 })
    kafka = new Kafka({ clientId: 'private', brokers: [server.url], logLevel: logLevel.NOTHING, retry: { retries: 0 }, socketFactory: wholeResponses })
    cluster = createPrivateCluster(kafka, { allowAutoTopicCreation: true, maxInFlightRequests: 1_000_000 })
    await cluster.connect()
  })
  afterAll(async () => {
    await cluster?.disconnect()
    await server?.[Symbol.asyncDispose]()
  })

  async function topicOf(name: string, partitions = 1): Promise<PrivateBroker> {
    await server.createTopic(name, { partitions })
    await cluster.addTargetTopic(name)
    return await cluster.findBroker({ nodeId: cluster.findTopicPartitionMetadata(name)[0]!.leader })
  }

  /** An answer, once the coordinator is there (14, 15, 16: it is being made or loaded) and markers are written (51). */
  async function settled<Result>(ask: () => Promise<Answer<Result>>): Promise<Result> {
    for (;;) {
      const { error, result } = await ask()
      if (error === 0) return result
      expect([14, 15, 16, 51]).toContain(error)
    }
  }

  async function begin(id: string): Promise<{ readonly coordinator: PrivateBroker; readonly producer: ProducerIdentity }> {
    const any = await cluster.findBroker({ nodeId: cluster.getNodeIds()[0]! })
    const coordinator = await cluster.findBroker({ nodeId: await settled(() => findCoordinator(any, id)) })
    return { coordinator, producer: await settled(() => initProducerId(coordinator, id, 60_000, NO_PRODUCER)) }
  }

  function batchOf(topic: string, values: readonly (string | null)[]): PartitionBatch {
    const batch = new PartitionBatch(topic, 0, NOW_MS, 0)
    for (const value of values) {
      const bytes = Buffer.from(`key${value ?? ''}`)
      const slices = { bytes, keyStart: 0, keyEnd: 3, ...(value === null ? { valueStart: -1, valueEnd: -1 } : { valueStart: 3, valueEnd: bytes.length }) }
      batch.append(slices, encodedHeaders([{ name: 'h', value: Buffer.from('one') }, { name: 'h', value: Buffer.from('two') }]), NOW_MS + 1)
    }
    return batch
  }

  async function fetchAll(broker: PrivateBroker, topic: string): Promise<FetchedPartition> {
    const { responses } = await broker.fetch({ isolationLevel: 1, maxWaitTime: 100, minBytes: 1, maxBytes: 1_000_000, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: '0', maxBytes: 1_000_000 }] }] })
    expect(responses).toHaveLength(1)
    expect(responses[0]!.topicName).toBe(topic)
    return responses[0]!.partitions[0]!
  }

  it('the version is 2.2.4', () => {
    const require = createRequire(import.meta.url)
    expect((JSON.parse(readFileSync(require.resolve('kafkajs/package.json'), 'utf8')) as { version: string }).version).toBe('2.2.4')
  })

  it('a client has [private:Kafka:createCluster], and without it the error says what to do', () => {
    expect(Object.getOwnPropertySymbols(kafka).map(({ description }) => description)).toContain('private:Kafka:createCluster')
    expect(() => createPrivateCluster({} as Kafka, { allowAutoTopicCreation: true, maxInFlightRequests: 1 })).toThrow(expect.objectContaining({ code: 'TR_KAFKA_CLIENT', remedy: expect.stringContaining('2.2.4') as string }))
  })

  it('a cluster has the methods that are called', () => {
    for (const method of ['connect', 'disconnect', 'addTargetTopic', 'refreshMetadata', 'findTopicPartitionMetadata', 'findBroker', 'getNodeIds'] as const) expect(typeof cluster[method]).toBe('function')
  })

  it('getNodeIds names the brokers once metadata is there', async () => {
    await cluster.refreshMetadata()
    expect(cluster.getNodeIds().map(Number)).toEqual([1])
  })

  it('addTargetTopic lets the broker make a topic; findTopicPartitionMetadata tells its partitions and leaders', async () => {
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        await cluster.addTargetTopic('made')
        if (cluster.findTopicPartitionMetadata('made').length > 0) break
        await cluster.refreshMetadata()
      } catch (error) {
        // what partitionsOf looks at
        expect(['LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']).toContain((error as { type?: string }).type)
      }
    }
    const partitions = [...cluster.findTopicPartitionMetadata('made')].sort((one, other) => one.partitionId - other.partitionId)
    expect(partitions).toMatchObject([{ partitionId: 0, leader: 1 }, { partitionId: 1, leader: 1 }])
  })

  it('findTopicPartitionMetadata of a topic that nobody asked for is empty', () => {
    expect(cluster.findTopicPartitionMetadata('never-asked-for')).toEqual([])
  })

  it('a topic that cannot be made is an error with the broker’s number and name', async () => {
    await expect(cluster.addTargetTopic('not/valid')).rejects.toMatchObject({ type: 'INVALID_TOPIC_EXCEPTION', code: 17 })
    // and does not stay among the topics that are asked for
    await cluster.refreshMetadata()
  })

  it('connectionPool.send takes a request with an encoder of ours, and hands over the answer’s bytes as they are', async () => {
    const broker = await topicOf('sent')
    const answer = await exchange(broker, { key: 18, version: 0, name: 'ApiVersions' }, new RequestBody().finish(), (body) => ({ error: body.int16(), apis: body.list(() => ({ key: body.int16(), min: body.int16(), max: body.int16() })) }))
    expect(answer.error).toBe(0)
    const range = (key: number): { min: number; max: number } => answer.apis.find((api) => api.key === key)!
    // the versions that are sent must be served
    for (const [key, version] of [[0, 7], [10, 1], [22, 3], [24, 1], [26, 1]] as const) {
      expect(range(key).min).toBeLessThanOrEqual(version)
      expect(range(key).max).toBeGreaterThanOrEqual(version)
    }
  })

  it('an error of the decoder, or a request that is not answered, is the caller’s', async () => {
    const broker = await topicOf('thrown')
    await expect(exchange(broker, { key: 18, version: 0, name: 'ApiVersions' }, new RequestBody().finish(), () => { throw new RangeError('too short') })).rejects.toThrow('too short')
  })

  it('listOffsets tells both ends', async () => {
    const broker = await topicOf('ends')
    const result = await settled(() => initProducerId(broker, undefined, 60_000, NO_PRODUCER))
    const batch = batchOf('ends', ['a', 'b', 'c'])
    batch.stamp(result.id, result.epoch, 0, false)
    expect(await produce(broker, undefined, 30_000, [batch])).toEqual([{ topic: 'ends', partition: 0, error: 0 }])
    for (const [timestamp, offset] of [['-2', '0'], ['-1', '3']] as const) {
      const { responses } = await broker.listOffsets({ isolationLevel: 0, topics: [{ topic: 'ends', partitions: [{ partition: 0, timestamp }] }] })
      expect(responses).toMatchObject([{ topic: 'ends', partitions: [{ partition: 0, errorCode: 0, offset }] }])
    }
  })

  it('fetch tells records, null values, repeated headers, batch, watermarks, aborted transactions and markers', async () => {
    const broker = await topicOf('fetched')
    const { coordinator, producer } = await begin('private-fetch')
    let sequence = 0
    for (const [values, commit] of [[['gone', 'too'], false], [['kept', null], true]] as const) {
      await settled(() => addPartitions(coordinator, 'private-fetch', producer, new Map([['fetched', [0]]])))
      const batch = batchOf('fetched', values)
      batch.stamp(producer.id, producer.epoch, sequence, true)
      sequence += 2
      expect((await produce(broker, 'private-fetch', 30_000, [batch]))[0]!.error).toBe(0)
      expect((await endTransaction(coordinator, 'private-fetch', producer, commit)).error).toBe(0)
    }
    await expect.poll(async () => (await fetchAll(broker, 'fetched')).lastStableOffset, { timeout: 60_000 }).toBe('6')
    const fetched = await fetchAll(broker, 'fetched')
    expect(fetched).toMatchObject({ partition: 0, errorCode: 0, highWatermark: '6', lastStableOffset: '6', abortedTransactions: [{ producerId: String(producer.id), firstOffset: '0' }] })
    expect(fetched.messages.map(({ offset, isControlRecord, value }) => [offset, isControlRecord, isControlRecord ? '' : (value?.toString() ?? null)])).toEqual([
      ['0', false, 'gone'], ['1', false, 'too'], ['2', true, ''], ['3', false, 'kept'], ['4', false, null], ['5', true, ''],
    ])
    const kept = fetched.messages[3]!
    expect(kept.key?.toString()).toBe('key')
    expect(kept.timestamp).toBe(String(NOW_MS + 1))
    expect(kept.headers).toEqual({ h: [Buffer.from('one'), Buffer.from('two')] })
    expect(kept.batchContext).toMatchObject({ producerId: String(producer.id), inTransaction: true, lastOffsetDelta: 1, firstOffset: '3' })
  })

  it('findBroker takes a node’s number as brokers give it, and gives one that can be asked', async () => {
    const { coordinator, producer } = await begin('private-coordinator')
    expect(Number(coordinator.nodeId)).toBe(1)
    expect(producer.id).toBeGreaterThanOrEqual(0n)
  })

  it('a coordinator tells of a transaction’s state and producer', async () => {
    await topicOf('described')
    const { coordinator, producer } = await begin('private-described')
    await settled(() => addPartitions(coordinator, 'private-described', producer, new Map([['described', [0]]])))
    expect(await describeTransaction(coordinator, 'private-described')).toEqual({ error: 0, result: { state: 'Ongoing', producer } })
    expect((await endTransaction(coordinator, 'private-described', producer, true)).error).toBe(0)
    await expect.poll(async () => (await describeTransaction(coordinator, 'private-described')).result?.state, { timeout: 60_000 }).toBe('CompleteCommit')
  })

  it('errors have the names and numbers that they are told apart by', async () => {
    const refused = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 }, socketFactory: wholeResponses })
    const none = createPrivateCluster(refused, { allowAutoTopicCreation: false, maxInFlightRequests: 1 })
    const error = (await none.connect().catch((thrown: unknown) => thrown)) as { name: string; cause?: { name: string; code?: string } }
    expect([error.name, error.cause?.name]).toContain('KafkaJSConnectionError')
    expect([(error as { code?: string }).code, error.cause?.code]).toContain('ECONNREFUSED')
    const made = (await server.withAdmin((admin) => admin.createTopics({ topics: [{ topic: 'five', replicationFactor: 5 }] })).catch((thrown: unknown) => thrown)) as { name: string; errors: { code: number }[] }
    expect(made).toMatchObject({ name: 'KafkaJSAggregateError', errors: [{ code: 38 }] })
  })

  it('a cluster that was disconnected sends nothing more', async () => {
    const other = createPrivateCluster(kafka, { allowAutoTopicCreation: false, maxInFlightRequests: 1 })
    await other.connect()
    await other.refreshMetadata()
    const broker = await other.findBroker({ nodeId: 1 })
    await other.disconnect()
    await expect(exchange(broker, { key: 18, version: 0, name: 'ApiVersions' }, new RequestBody().finish(), (body) => body.int16())).rejects.toThrow()
  })
})

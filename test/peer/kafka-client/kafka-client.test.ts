import { Kafka, logLevel, CompressionTypes, type Message } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKafka, type KafkaServer } from '../../server/kafka.ts'
import { requireKafka, requireKafkaClient } from '../../server/require.ts'
import { startKafkaClient, type KafkaClient } from './kafka-client.ts'

const withKafka = await requireKafka()
const withClient = await requireKafkaClient()

withClient('the Java client without a broker', () => {
  let client: KafkaClient
  beforeAll(async () => {
    client = await startKafkaClient()
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
  })

  it('says what its partitioner chooses for a key', async () => {
    // murmur2 of these is in Kafka's own UtilsTest: 21 is -973932308, foobar -790332482.
    const toPartition = (hash: number): number => (hash & 0x7fffffff) % 12
    expect(await client.partitions([Buffer.from('21'), Buffer.from('foobar')], 12)).toEqual([toPartition(-973932308), toPartition(-790332482)])
  })

  it('says what was wrong with a command, and goes on', async () => {
    await expect(client.connect([Buffer.from('{"not": "an envelope"}')])).rejects.toThrow('DataException')
    expect(await client.partitions([Buffer.from('a')], 1)).toEqual([0])
  })

  it('reads JSON with a schema as Connect does, numbers beyond 2^53 included', async () => {
    const field = { type: 'int64', optional: false, name: 'io.debezium.time.MicroTimestamp', version: 1, field: 'at' }
    const value = `{"schema":${JSON.stringify({ type: 'struct', fields: [field], optional: false, name: 's.t.Value' })},"payload":{"at":9007199254740993}}`
    const [read] = await client.connect([Buffer.from(value)])
    expect(JSON.parse(read!.text)).toEqual({ schema: read!.schema, payload: read!.payload })
    expect(read!.text).toContain('"at":9007199254740993')
    expect(read!.schema).toMatchObject({ fields: [field] })
  })
})

withKafka('what the Java client reads of a broker', () => {
  withClient('and its jars', () => {
    let kafka: KafkaServer
    let client: KafkaClient
    beforeAll(async () => {
      ;[kafka, client] = await Promise.all([startKafka(), startKafkaClient()])
    })
    afterAll(async () => {
      await client[Symbol.asyncDispose]()
      await kafka[Symbol.asyncDispose]()
    })

    it('is every record of every partition with its exact bytes', async () => {
      await kafka.createTopic('bytes', { partitions: 2 })
      const odd = Buffer.from([0, 255, 128, 10, 13])
      await produce({ topic: 'bytes', compression: CompressionTypes.GZIP, messages: [
        { key: odd, value: null, partition: 1, timestamp: '1700000000123', headers: { h: odd, e: Buffer.alloc(0) } },
        { key: null, value: odd, partition: 0, timestamp: '1' },
        { key: Buffer.alloc(0), value: Buffer.alloc(0), partition: 0, timestamp: '2', headers: { twice: ['a', 'b'] } },
      ] })
      const base = { timestampType: 'CreateTime' as const }
      const empty = Buffer.alloc(0)
      expect(await client.read({ url: kafka.url, topic: 'bytes' })).toEqual([
        { ...base, partition: 0, offset: 0n, timestamp: 1n, key: null, value: odd, headers: [] },
        { ...base, partition: 0, offset: 1n, timestamp: 2n, key: empty, value: empty, headers: [['twice', Buffer.from('a')], ['twice', Buffer.from('b')]] },
        { ...base, partition: 1, offset: 0n, timestamp: 1700000000123n, key: odd, value: null, headers: [['h', odd], ['e', empty]] },
      ])
    })

    it('is, read_committed, without an aborted transaction and without one that is open', async () => {
      await kafka.createTopic('transactions')
      const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer({ transactionalId: 'tx', idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      for (const [value, end] of [['committed', 'commit'], ['aborted', 'abort'], ['open', undefined]] as const) {
        const transaction = await producer.transaction()
        await transaction.send({ topic: 'transactions', messages: [{ value }] })
        if (end !== undefined) await transaction[end]()
      }
      const values = async (isolation: 'read_committed' | 'read_uncommitted'): Promise<(string | undefined)[]> =>
        (await client.read({ url: kafka.url, topic: 'transactions', isolation })).map(({ value }) => value?.toString())
      expect(await values('read_committed')).toEqual(['committed'])
      expect(await values('read_uncommitted')).toEqual(['committed', 'aborted', 'open'])
      await producer.disconnect()
    })

    it('is every record of a topic that does not fit into its memory', async () => {
      await kafka.createTopic('large')
      const value = Buffer.alloc(900_000, 'x')
      for (let sent = 0; sent < 80; sent++) await produce({ topic: 'large', messages: [{ key: String(sent), value }] })
      const records = await client.read({ url: kafka.url, topic: 'large', from: 3n })
      expect(records.map(({ offset, key }) => [offset, key!.toString()])).toEqual(Array.from({ length: 77 }, (_, index) => [BigInt(index + 3), String(index + 3)]))
      expect(records.every((record) => record.value!.length === value.length)).toBe(true)
    })

    it('is an error for a topic that is not there, and the topic does not come into being', async () => {
      await expect(client.read({ url: kafka.url, topic: 'absent' })).rejects.toThrow(/no such topic|UnknownTopicOrPartition|Timeout/)
      expect(await kafka.withAdmin((admin) => admin.listTopics())).not.toContain('absent')
    })

    async function produce({ topic, messages, compression }: { topic: string; messages: Message[]; compression?: CompressionTypes }): Promise<void> {
      const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer({ idempotent: true })
      await producer.connect()
      await producer.send({ topic, acks: -1, messages, ...(compression === undefined ? {} : { compression }) })
      await producer.disconnect()
    }
  })
})

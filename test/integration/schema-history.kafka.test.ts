import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kafkaSchemaHistory } from '../../src/kafka.ts'
import { encodeRecord } from '../../src/schema-history/record-json.ts'
import { sampleHistoryRecord } from '../../src/testing/index.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { all, context, numbered, SIGNAL } from '../unit/schema-history/file-reading.ts'

const withKafka = await requireKafka()

withKafka('a schema history in Kafka', () => {
  let kafka: KafkaServer

  beforeAll(async () => {
    // what a broker does with topics that say nothing of their own
    kafka = await startKafka({ autoCreate: true, partitions: 3, settings: { 'log.retention.ms': '3600000', 'log.cleanup.policy': 'compact' } })
  }, 120_000)
  afterAll(async () => kafka?.[Symbol.asyncDispose]())

  const history = (topic: string): ReturnType<typeof kafkaSchemaHistory> => kafkaSchemaHistory({ brokers: [kafka.url], topic })

  async function produce(topic: string, messages: { key: string | null; value: string | Buffer | null }[]): Promise<void> {
    const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({ topic, messages })
    await producer.disconnect()
  }

  test('the topic it makes keeps everything, whatever is the broker’s habit', async () => {
    await using made = history('made')
    await made.open(context(), SIGNAL)
    await made.append(numbered(2))
    const config = await kafka.withAdmin(async (admin) => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: 'made', configNames: ['cleanup.policy', 'retention.ms', 'retention.bytes'] }] })
      return Object.fromEntries(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]))
    })
    expect(config).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': '9223372036854775807', 'retention.bytes': '-1' })
    // records alone, without a transaction's marker behind them
    expect(await kafka.endOffsets('made')).toEqual([2n])
  })

  test('a topic that would lose records or their order is refused, with the setting that does it', async () => {
    const fit = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
    const cases: [string, { partitions?: number; config: Record<string, string> }, Record<string, string> | undefined][] = [
      ['fit', { config: fit }, undefined],
      ['five-years', { config: { ...fit, 'retention.ms': '157680000000' } }, undefined],
      ['partitions', { partitions: 2, config: fit }, { partitions: '2' }],
      ['compacted', { config: { ...fit, 'cleanup.policy': 'compact' } }, { 'cleanup.policy': 'compact' }],
      ['both', { config: { ...fit, 'cleanup.policy': 'compact,delete' } }, { 'cleanup.policy': 'compact,delete' }],
      ['week', { config: { ...fit, 'retention.ms': '604800000' } }, { 'retention.ms': '604800000' }],
      ['small', { config: { ...fit, 'retention.bytes': '1000000' } }, { 'retention.bytes': '1000000' }],
    ]
    for (const [topic, spec, problem] of cases) {
      await kafka.createTopic(topic, { partitions: 1, ...spec })
      await using opened = history(topic)
      if (problem === undefined) await opened.open(context(), SIGNAL)
      else await expect(opened.open(context(), SIGNAL), topic).rejects.toMatchObject({ code: 'TR_HISTORY_TOPIC', kind: 'definite', where: { topic, ...problem } })
    }
  })

  test('what is no record is told by its number, and what has no value is passed over', async () => {
    await kafka.createTopic('foreign', { partitions: 1, config: { 'cleanup.policy': 'delete', 'retention.ms': '-1' } })
    await produce('foreign', [{ key: null, value: encodeRecord(sampleHistoryRecord(1)) }, { key: 'k', value: null }, { key: null, value: encodeRecord(sampleHistoryRecord(2)) }])
    await using opened = history('foreign')
    await opened.open(context(), SIGNAL)
    expect(await all(opened)).toEqual(numbered(2))
    for (const value of ['secret', '{"engine":"secret"}', Buffer.from([0xff])]) {
      await produce('foreign', [{ key: null, value }])
      const failed = all(opened)
      await expect(failed).rejects.toMatchObject({ code: 'TR_HISTORY_CORRUPT', kind: 'fatal', where: { topic: 'foreign', record: 3 } })
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as string })
    }
  })

  test('a record larger than the broker takes is refused for good, and the history can be used on', async () => {
    await using opened = history('large')
    await opened.open(context(), SIGNAL)
    await opened.append(numbered(1))
    await expect(opened.append([{ ...sampleHistoryRecord(2), ddl: 'x'.repeat(2_000_000) }])).rejects.toMatchObject({ code: 'TR_HISTORY_WRITE', kind: 'definite', where: { topic: 'large' }, cause: { code: 'TR_KAFKA_RECORD_TOO_LARGE' } })
    await opened.append([sampleHistoryRecord(2)])
    expect(await all(opened)).toEqual(numbered(2))
  })

  test('while the broker is gone an append fails as something that passes, and afterwards it is made again', { timeout: 120_000 }, async () => {
    await using opened = history('outage')
    await opened.open(context(), SIGNAL)
    await opened.append(numbered(1))
    await kafka.kill()
    const failed = opened.append([sampleHistoryRecord(2)])
    await expect(failed).rejects.toMatchObject({ kind: 'transient' })
    await kafka.start()
    for (;;) {
      const error = await opened.append([sampleHistoryRecord(2)]).then(() => undefined, (reason: { readonly kind?: string }) => reason)
      if (error === undefined) break
      expect(error).toMatchObject({ kind: 'transient' })
    }
    const records = await all(opened)
    // what failed may be there as well
    expect(records[0]).toEqual(sampleHistoryRecord(1))
    expect(new Set(records.slice(1).map(({ ddl }) => ddl))).toEqual(new Set([sampleHistoryRecord(2).ddl]))
  })

  test('a broker that cannot be reached is something that passes; opening it again later succeeds', { timeout: 60_000 }, async () => {
    const nowhere = kafkaSchemaHistory({ brokers: ['127.0.0.1:1'], topic: 'h', connectTimeoutMs: 500 })
    for (let attempt = 0; attempt < 2; attempt++) await expect(nowhere.open(context(), SIGNAL)).rejects.toMatchObject({ code: 'TR_KAFKA_CONNECT', kind: 'transient' })
    await nowhere[Symbol.asyncDispose]()
  })
})

test('options that name no broker or no topic are refused at once', () => {
  expect(() => kafkaSchemaHistory({ brokers: [], topic: 'h' })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
  expect(() => kafkaSchemaHistory({ brokers: ['b:1'], topic: '' })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
})

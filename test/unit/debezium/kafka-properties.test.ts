import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { planOf, type Plan } from '../../../src/debezium/plan.ts'

const SOURCE = {
  'debezium.source.connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'debezium.source.database.hostname': 'db', 'debezium.source.database.user': 'u',
  'debezium.source.database.dbname': 'd', 'debezium.source.topic.prefix': 'shop', 'debezium.source.offset.storage.file.filename': '/tmp/o', 'debezium.sink.type': 'kafka',
  'debezium.sink.kafka.producer.bootstrap.servers': 'one:9092, two:9092',
}

function plan(properties: Record<string, string> = {}): Plan {
  return planOf(new Map(Object.entries({ ...SOURCE, ...properties })), false, {})
}

function options(properties: Record<string, string> = {}): Extract<Plan['sink'], { kind: 'kafka' }>['options'] {
  const { sink } = plan(properties)
  if (sink.kind !== 'kafka') throw new Error('no Kafka sink')
  return sink.options
}

const PRODUCER = 'debezium.sink.kafka.producer'

describe('Debezium Server’s Kafka sink', () => {
  test('brokers alone are enough', () => {
    expect(options()).toEqual({ brokers: ['one:9092', 'two:9092'], requestTimeoutMs: 30_000, compression: 'none', transactionTimeoutMs: 60_000, exactlyOnce: false })
  })

  test('settings of the Java producer become what they mean here', () => {
    expect(options({
      [`${PRODUCER}.compression.type`]: 'zstd', [`${PRODUCER}.linger.ms`]: '5', [`${PRODUCER}.batch.size`]: '65536', [`${PRODUCER}.buffer.memory`]: '1000000', [`${PRODUCER}.max.request.size`]: '2000000',
      [`${PRODUCER}.delivery.timeout.ms`]: '120000', [`${PRODUCER}.client.id`]: 'me', [`${PRODUCER}.acks`]: '-1', [`${PRODUCER}.key.serializer`]: 'org.apache.kafka.common.serialization.StringSerializer',
    })).toMatchObject({ compression: 'zstd', lingerMs: 5, batchBytes: 65_536, maxBufferedBytes: 1_000_000, maxRecordBytes: 2_000_000, deliveryTimeoutMs: 120_000, clientId: 'me' })
  })

  test('login and TLS, certificates as PEM text or files', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-pem-'))
    const file = path.join(folder, 'ca.pem')
    writeFileSync(file, 'CA TEXT')
    const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="jo" password="it\\"s; secret=1";'
    const { sasl, tls } = options({
      [`${PRODUCER}.security.protocol`]: 'SASL_SSL', [`${PRODUCER}.sasl.mechanism`]: 'SCRAM-SHA-512', [`${PRODUCER}.sasl.jaas.config`]: jaas, [`${PRODUCER}.ssl.truststore.type`]: 'PEM',
      [`${PRODUCER}.ssl.truststore.location`]: file, [`${PRODUCER}.ssl.keystore.certificate.chain`]: 'CERT', [`${PRODUCER}.ssl.keystore.key`]: 'KEY',
    })
    rmSync(folder, { recursive: true })
    expect(sasl).toEqual({ mechanism: 'scram-sha-512', username: 'jo', password: 'it"s; secret=1' })
    expect(tls).toEqual({ ca: 'CA TEXT', cert: 'CERT', key: 'KEY' })
  })

  test('without a login none is made, and an empty endpoint algorithm turns the comparison of names off', () => {
    const { sasl, tls } = options({ [`${PRODUCER}.security.protocol`]: 'SSL', [`${PRODUCER}.ssl.endpoint.identification.algorithm`]: '' })
    expect(sasl).toBeUndefined()
    expect((tls as { checkServerIdentity: () => undefined }).checkServerIdentity()).toBeUndefined()
  })

  test('topics are made by the first group that matches, then as the default says', () => {
    const { topicCreation } = options({
      'debezium.source.topic.creation.default.partitions': '3', 'debezium.source.topic.creation.default.replication.factor': '-1', 'debezium.source.topic.creation.default.cleanup.policy': 'compact',
      'debezium.source.topic.creation.groups': 'big', 'debezium.source.topic.creation.big.include': 'shop\\.public\\.(orders|items)', 'debezium.source.topic.creation.big.exclude': '.*items',
      'debezium.source.topic.creation.big.partitions': '12',
    })
    expect(topicCreation).toHaveLength(2)
    const [big, rest] = topicCreation!
    expect(big).toMatchObject({ partitions: 12, config: {} })
    const matches = (name: string): boolean => new RegExp(`^(?:${(big!.topics as RegExp).source})$`).test(name)
    expect(['shop.public.orders', 'shop.public.items', 'shop.public.users'].map(matches)).toEqual([true, false, false])
    expect(rest).toEqual({ partitions: 3, config: { 'cleanup.policy': 'compact' } })
  })

  test.each([
    [{ [`${PRODUCER}.acks`]: '1' }, 'TR_CONFIG_UNSUPPORTED', 'acks'],
    [{ [`${PRODUCER}.enable.idempotence`]: 'false' }, 'TR_CONFIG_UNSUPPORTED', 'enable.idempotence'],
    [{ [`${PRODUCER}.bootstrap.servers`]: '' }, 'TR_CONFIG_INVALID', 'a value is required with the Kafka sink'],
    [{ [`${PRODUCER}.ssl.truststore.type`]: 'JKS' }, 'TR_CONFIG_UNSUPPORTED', 'PEM'],
    [{ [`${PRODUCER}.interceptor.classes`]: 'com.example.X' }, 'TR_CONFIG_UNSUPPORTED', 'interceptor.classes'],
    [{ 'debezium.source.exactly.once.support': 'required' }, 'TR_CONFIG_UNSUPPORTED', 'offset.storage=kafka'],
    [{ [`${PRODUCER}.ssl.truststore.location`]: '/does/not/exist.pem', [`${PRODUCER}.security.protocol`]: 'SSL' }, 'TR_CONFIG_FILE', 'ssl.truststore.location'],
  ])('%o is %s', (properties, code, text) => {
    expect(() => plan(properties as unknown as Record<string, string>)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) as string }))
  })
})

describe('offsets in Kafka', () => {
  const STORE = { 'debezium.source.offset.storage': 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore', 'debezium.source.offset.storage.topic': 'connect-offsets', 'debezium.source.bootstrap.servers': 'one:9092' }

  test('are where Connect keeps them, under the name that Debezium Server gives its engine', () => {
    expect(plan(STORE).offsets).toEqual({ kind: 'kafka', options: { brokers: ['one:9092'], requestTimeoutMs: 30_000, topic: 'connect-offsets', name: 'kafka', source: 'postgresql', server: 'shop', partitions: 25 } })
  })

  test('and in the records’ transactions with exactly.once.support=required', () => {
    expect(plan({ ...STORE, 'debezium.source.exactly.once.support': 'required' }).sink).toMatchObject({ kind: 'kafka', options: { exactlyOnce: true } })
  })
})

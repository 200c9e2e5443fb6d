import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaSink, type Compression } from '../../src/kafka.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireCompressors, requireKafka, requireKafkaClient } from '../server/require.ts'
import { deliver } from './kafka-delivery.ts'

const withKafka = await requireKafka()
await requireKafkaClient()
const zstd = 'zstdCompressSync' in zlib

it.skipIf(zstd)('zstd with a Node that has none is refused at once', () => {
  expect(() => kafkaSink({ brokers: ['nowhere:1'], compression: 'zstd' })).toThrow(expect.objectContaining({ code: 'TR_KAFKA_COMPRESSION', message: expect.stringContaining('22.15') as string }))
})

/** Before the packages can be found. */
const unmet = (['snappy', 'lz4'] as const).map((compression): unknown => {
  try {
    return kafkaSink({ brokers: ['nowhere:1'], compression })
  } catch (error) {
    return error
  }
})

it('packages that are not installed are named', () => {
  expect(unmet).toMatchObject([{ code: 'TR_KAFKA_COMPRESSION', message: 'snappy needs the package snappy' }, { code: 'TR_KAFKA_COMPRESSION', message: 'lz4 needs the package lz4-napi' }])
})

const withCompressors = await requireCompressors()

withKafka('compressed', () => {
  let kafka: KafkaServer
  let reader: KafkaClient

  beforeAll(async () => {
    kafka = await startKafka()
    reader = await startKafkaClient()
  })
  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
  })

  /** What a record batch's attributes say: its three lowest bits. */
  const codecIn = (topic: string): number => readFileSync(path.join(kafka.dir, 'data/log', `${topic}-0`, '00000000000000000000.log')).readInt16BE(21) & 7

  function compresses(compression: Compression, id: number): void {
    it(`${compression}: Kafka’s own client reads what was sent, of any size`, async () => {
      const topic = `compressed-${compression}`
      await kafka.createTopic(topic)
      const values = ['', 'short', '{"id":1}'.repeat(2_000), 'x'.repeat(32 * 1024), 'y'.repeat(300_000), randomBytes(100_000).toString('hex')]
      const records = values.map((value, index) => ({ destination: topic, key: `k${index}`, value, headers: { h: `"${index}"` } }))
      await deliver({ brokers: [kafka.url], compression }, records)
      const read = await reader.read({ url: kafka.url, topic })
      expect(read.map(({ key, value, headers }) => [key!.toString(), value!.length, value!.toString() === values[Number(key!.toString().slice(1))], headers.map(([name, bytes]) => [name, bytes!.toString()])]))
        .toEqual(values.map((value, index) => [`k${index}`, value.length, true, [['h', `"${index}"`]]]))
      expect(codecIn(topic)).toBe(id)
    })
  }

  compresses('none', 0)
  compresses('gzip', 1)
  describe.skipIf(!zstd)('with this Node', () => compresses('zstd', 4))
  withCompressors('with packages', () => {
    compresses('snappy', 2)
    compresses('lz4', 3)
  })

  it.each(['kafkajs-plain', 'platformatic', 'confluent'] as const)('the client %s, which does not, says so', (client) => {
    expect(() => kafkaSink({ brokers: [kafka.url], compression: 'gzip', client })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_UNSUPPORTED' }))
    expect(() => kafkaSink({ brokers: [kafka.url], exactlyOnce: true, client })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_UNSUPPORTED' }))
  })
})

import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { partitionKeyOf } from '../../../../src/sink/kinesis/partition-key.ts'
import { startKinesisFaults } from '../../../server/kinesis-faults.ts'
import { failureOf, openSink, texts } from './sink-bench.ts'

const keyOf = (key: Buffer, partitionKey: 'text' | 'base64' | 'sha256' = 'text'): string => partitionKeyOf(key, 0, key.length, { partitionKey, nullKey: 'none' })
const sha256 = (key: Buffer): string => createHash('sha256').update(key).digest('hex')

describe('the partition key', () => {
  test.each(['{"id":1}', '"ключ 🐘"', 'x'.repeat(256), '\ufffd', '\0'])('of text is the text: %j', (key) => {
    expect(keyOf(Buffer.from(key))).toBe(key)
  })

  test.each(['x'.repeat(257), 'é'.repeat(257), '🐘'.repeat(129)])('of more than 256 characters is a hash of its bytes', (key) => {
    expect(keyOf(Buffer.from(key))).toBe(sha256(Buffer.from(key)))
  })

  test('of bytes that are no text is base64, and a hash where that is too long', () => {
    expect(keyOf(Buffer.from([0, 0xff, 1]))).toBe('AP8B')
    const long = Buffer.alloc(193, 0xff)
    expect(keyOf(long.subarray(0, 192))).toHaveLength(256)
    expect(keyOf(long)).toBe(sha256(long))
  })

  test('is what the option says', () => {
    const key = Buffer.from('{"id":1}')
    expect(keyOf(key, 'base64')).toBe(key.toString('base64'))
    expect(keyOf(key, 'sha256')).toBe(sha256(key))
    expect(keyOf(Buffer.alloc(0), 'sha256')).toBe('none')
  })
})

describe('a record', () => {
  test('without a key goes by the null key; spread, by keys that differ', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('notes', 4)
    const records = Array.from({ length: 30 }, () => ({ destination: 'notes', key: null, value: 'x' }))
    for (const options of [{}, { nullKey: 'none' }, { spreadNullKeys: true }]) {
      await using sink = await openSink(kinesis.url, options)
      await sink.write(records)
      await sink.flush()
    }
    expect(stream.of('default')).toHaveLength(30)
    expect(stream.of('none')).toHaveLength(30)
    const spread = stream.records.slice(60)
    expect(new Set(spread.map(({ partitionKey }) => partitionKey)).size).toBe(30)
    expect(new Set(spread.map(({ shard }) => shard)).size).toBeGreaterThan(1)
  })

  test('that is a tombstone is sent empty, in its place, or left out', async () => {
    await using kinesis = await startKinesisFaults()
    const records = [{ destination: 'orders', key: 'a', value: '1' }, { destination: 'orders', key: 'a', value: null }, { destination: 'orders', key: 'a', value: '2' }]
    for (const [stream, tombstones] of [['empty', 'empty'], ['skip', 'skip']] as const) {
      kinesis.stream(stream)
      await using sink = await openSink(kinesis.url, { stream, tombstones })
      await sink.write(records)
      await sink.flush()
    }
    expect(texts(kinesis.stream('empty').records)).toEqual(['1', '', '2'])
    expect(texts(kinesis.stream('skip').records)).toEqual(['1', '2'])
  })

  test('goes where its explicit hash key says', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('orders', 4)
    await using sink = await openSink(kinesis.url, { explicitHashKey: (destination, key) => (key === null ? undefined : destination === 'orders' && key.toString() < 'c' ? '0' : String(2n ** 128n - 1n)) })
    await sink.write(['a', 'b', 'c', 'd'].map((key) => ({ destination: 'orders', key, value: key })))
    await sink.flush()
    expect(Object.fromEntries(stream.records.map(({ partitionKey, shard }) => [partitionKey, shard.slice(-1)]))).toEqual({ a: '0', b: '0', c: '3', d: '3' })
  })

  test.each(['-1', '1.5', String(2n ** 128n), '0x10', '', 'abc'])('with the explicit hash key %j is an error', async (hashKey) => {
    await using kinesis = await startKinesisFaults()
    kinesis.stream('orders')
    await using sink = await openSink(kinesis.url, { explicitHashKey: () => hashKey })
    await expect(sink.write([{ destination: 'orders', key: 'a', value: '1' }])).rejects.toMatchObject({ code: 'TR_CONFIG_INVALID', where: { destination: 'orders' } })
  })
})

test.each([{}, { batchSize: 7, maxRequestBytes: 1_100_000 }])('requests hold at most 500 records and 5 MiB, or what the options %j say', async ({ batchSize = 500, maxRequestBytes = 5 * 1024 * 1024 }) => {
  await using kinesis = await startKinesisFaults({ maxRequestBytes })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { batchSize, maxRequestBytes })
  await sink.write(Array.from({ length: 1_200 }, (_, index) => ({ destination: 'orders', key: `small ${index}`, value: 'x' })))
  await sink.write(Array.from({ length: 15 }, (_, index) => ({ destination: 'orders', key: `large ${index}`, value: 'x'.repeat(1_000_000) })))
  await sink.flush()
  expect(stream.records).toHaveLength(1_215)
  expect(Math.max(...kinesis.requests.map(({ entries }) => entries.length))).toBe(batchSize)
})

describe('a record that is too large', () => {
  const key = 'canary-key'
  const most = 1024 * 1024
  const value = (size: number): string => 'é'.repeat(size / 2)

  test('is an error before it is sent, which tells neither key nor value; what was accepted before is stored', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write([{ destination: 'orders', key, value: value(most - key.length) }])
    const error = await failureOf(sink.write([{ destination: 'orders', key: 'b', value: '1' }, { destination: 'orders', key, value: `${value(most - key.length)}x` }]))
    expect(error).toMatchObject({ code: 'TR_KINESIS_RECORD_TOO_LARGE', where: { destination: 'orders', record: 2, bytes: most + 1, maxRecordBytes: most } })
    expect(inspect(error, { depth: 9 })).not.toMatch(/canary|éé/)
    await sink.flush()
    expect(stream.of(key)).toHaveLength(1)
  })

  test('goes to the dead-letter stream, with its key, the beginning of its value and the error, before the flush resolves', async () => {
    await using kinesis = await startKinesisFaults({ record: (_entry, _index, { stream, number }) => (stream === 'dead' && number < 4 ? 'InternalFailure' : undefined) })
    const stream = kinesis.stream('orders')
    const dead = kinesis.stream('dead')
    await using sink = await openSink(kinesis.url, { deadLetter: { stream: 'dead', maxValueBytes: 1_001 } })
    await sink.write([{ destination: 'orders', key, value: '1' }, { destination: 'orders', key, value: value(most) }, { destination: 'orders', key, value: '3' }])
    await sink.flush()
    expect(texts(stream.records)).toEqual(['1', '3'])
    expect(dead.records.map(({ partitionKey }) => partitionKey)).toEqual([key])
    expect(JSON.parse(dead.records[0]!.data.toString())).toEqual({
      destination: 'orders', key: { text: key, encoding: 'utf8', bytes: 10, truncated: false },
      value: { text: 'é'.repeat(500), encoding: 'utf8', bytes: most, truncated: true },
      error: { code: 'TR_KINESIS_RECORD_TOO_LARGE', message: `Record 2 of a batch, for orders, has ${most + 10} bytes, more than ${most}`, where: { destination: 'orders', record: 2, bytes: most + 10, maxRecordBytes: most } },
    })
  })

  test('of bytes that are no text is kept as base64', async () => {
    await using kinesis = await startKinesisFaults()
    const dead = kinesis.stream('dead')
    await using sink = await openSink(kinesis.url, { deadLetter: { stream: 'dead', maxValueBytes: 100 }, maxRecordBytes: 1_000 })
    const batch = new RecordBatch(4_096)
    batch.bytes.fill(0xff)
    batch.append(0, 'orders', 0, 2, 0, 2_000, [])
    kinesis.stream('orders')
    await sink.sink.write({ events: [], records: batch }, new AbortController().signal)
    await sink.flush()
    const { key: itsKey, value: itsValue } = JSON.parse(dead.records[0]!.data.toString()) as Record<string, unknown>
    expect(itsKey).toEqual({ text: '//8=', encoding: 'base64', bytes: 2, truncated: false })
    expect(itsValue).toEqual({ text: Buffer.alloc(100, 0xff).toString('base64'), encoding: 'base64', bytes: 2_000, truncated: true })
  })
})

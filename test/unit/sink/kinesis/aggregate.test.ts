import { expect, test } from 'vitest'
import { aggregable, aggregate } from '../../../../src/sink/kinesis/aggregate.ts'
import type { WaitingRecord } from '../../../../src/sink/kinesis/lane.ts'
import { startKinesisFaults } from '../../../server/kinesis-faults.ts'
import { deaggregate } from './deaggregate.ts'
import { numberedRecords, openSink } from './sink-bench.ts'

function waiting(size: number, explicitHashKey?: string): WaitingRecord {
  return { data: Buffer.alloc(size, 'x'), explicitHashKey, size: size + 3, chunk: { number: 1, bytes: 0, waiting: 1 } }
}

test.each([undefined, '340282366920938463463374607431768211455'])('of any number and size is what was foretold, byte by byte, with the hash key %s', (hashKey) => {
  for (const key of ['k', 'ключ', 'x'.repeat(256)]) {
    for (const sizes of [[0, 0], [1, 127, 128, 129], [16_383, 16_384, 100], Array<number>(300).fill(50)]) {
      const records = sizes.map((size) => waiting(size, hashKey))
      const { count, size } = aggregable(key, records, 1_000_000)
      expect(count).toBe(sizes.length)
      const data = aggregate(key, records, size)
      expect(data.length + Buffer.byteLength(key)).toBe(size)
      expect(deaggregate(key, data)).toEqual(records.map((record) => ({ partitionKey: key, explicitHashKey: hashKey, data: record.data })))
    }
  }
})

test('ends before it would be too large, and where the hash key is another', () => {
  const many = Array.from({ length: 1_000 }, () => waiting(1_000))
  const { count, size } = aggregable('k', many, 1_000_000)
  expect(size).toBeLessThanOrEqual(51_200)
  expect(count).toBe(50)
  expect(aggregable('k', many, 3_100)).toMatchObject({ count: 3 })
  expect(aggregable('k', [waiting(10, '1'), waiting(10, '1'), waiting(10, '2')], 1_000)).toMatchObject({ count: 2 })
  expect(aggregable('k', [waiting(60_000), waiting(1)], 1_000_000)).toEqual({ count: 1, size: 60_003 })
})

test('a hot key’s records arrive as few, in order, through failures; a record alone goes as it is', async () => {
  let faults = 0
  await using kinesis = await startKinesisFaults({ record: () => (faults++ % 3 === 0 ? 'InternalFailure' : undefined), request: ({ number }) => (number === 4 ? { fault: 'lose' } : undefined) })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { aggregate: true })
  await sink.write([...numberedRecords('hot', 5_000), ...numberedRecords('single', 1)])
  await sink.flush()
  const read = stream.of('hot').flatMap(({ partitionKey, data }) => deaggregate(partitionKey, data))
  expect([...new Set(read.map(({ data }) => data.toString()))]).toEqual(numberedRecords('hot', 5_000).map(({ value }) => value))
  expect(stream.of('hot').length).toBeLessThan(50)
  expect(stream.of('single').map(({ data }) => data.toString())).toEqual(['single:1'])
})

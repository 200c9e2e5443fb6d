import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { emulatorClient } from '../../../integration/kinesis-reader.ts'
import { startKinesisFaults, type PutRequest } from '../../../server/kinesis-faults.ts'
import { Random } from '../../../simulation/random.ts'
import { numberedRecords, openSink, texts, valueOf } from './sink-bench.ts'

test('the first of two records of a key is refused: the second is not sent before it is stored', async () => {
  let refused = 0
  await using kinesis = await startKinesisFaults({ record: (entry) => (valueOf(entry) === 'a:1' && refused++ < 3 ? 'InternalFailure' : undefined) })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url)
  await sink.write([...numberedRecords('a', 3), ...numberedRecords('b', 2)])
  await sink.flush()
  expect(texts(stream.of('a'))).toEqual(['a:1', 'a:2', 'a:3'])
  expect(texts(stream.of('b'))).toEqual(['b:1', 'b:2'])
  expect(refused).toBeGreaterThan(3)
})

test('another part of the request is refused in each of three rounds: only that part is sent again', async () => {
  const rounds = [['a', 'b', 'c', 'd'], ['a', 'c', 'd'], ['a', 'd'], ['d']]
  const seen: string[][] = []
  await using kinesis = await startKinesisFaults({
    request: ({ entries }) => void seen.push(entries.map(({ PartitionKey }) => PartitionKey).sort()),
    record: ({ PartitionKey }, _, { number }) => (rounds[number]?.includes(PartitionKey) === true ? 'InternalFailure' : undefined),
  })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url)
  await sink.write(['d', 'c', 'b', 'a'].map((key) => ({ destination: 'orders', key, value: key })))
  await sink.flush()
  expect(seen).toEqual(rounds)
  expect(texts(stream.records).sort()).toEqual(['a', 'b', 'c', 'd'])
})

test('all of a request is refused although it was answered with 200: nothing counts as stored', async () => {
  let left = 5
  await using kinesis = await startKinesisFaults({ record: () => (left > 0 ? 'InternalFailure' : undefined), request: () => void left-- })
  await using sink = await openSink(kinesis.url)
  kinesis.stream('orders')
  await sink.write(numberedRecords('a', 1))
  await sink.flush()
  expect(kinesis.requests).toHaveLength(5)
  expect(kinesis.stream('orders').records).toHaveLength(1)
})

test.each([{}, { Records: [] }, { FailedRecordCount: 0 }, { FailedRecordCount: 1, Records: [{ SequenceNumber: '1', ShardId: 's' }, { SequenceNumber: '2', ShardId: 's' }] }, { FailedRecordCount: 0, Records: [{}, {}] }])(
  'an answer that does not say what became of each record, %j, counts for nothing', async (body) => {
    await using kinesis = await startKinesisFaults({ request: ({ number }) => (number === 1 ? { fault: 'answer', body } : undefined) })
    await using sink = await openSink(kinesis.url)
    const stream = kinesis.stream('orders')
    await sink.write([...numberedRecords('a', 1), ...numberedRecords('b', 1)])
    await sink.flush()
    expect(texts(stream.of('a'))).toEqual(['a:1', 'a:1'])
    expect(texts(stream.of('b'))).toEqual(['b:1', 'b:1'])
  })

test.each([{ fault: 'lose' }, { fault: 'hang' }, { fault: 'cut' }] as const)('an answer does not come ($fault): the records are sent again before anything else of their keys', async (fault) => {
  await using kinesis = await startKinesisFaults({ request: ({ number }) => (number === 1 ? fault : undefined) })
  await using sink = await openSink(kinesis.url, fault.fault === 'hang' ? { requestTimeoutMs: 500 } : {})
  const stream = kinesis.stream('orders')
  await sink.write(numberedRecords('a', 3))
  await sink.flush()
  expect(texts(stream.of('a'))).toEqual([...(fault.fault === 'lose' ? ['a:1'] : []), 'a:1', 'a:2', 'a:3'])
  expect(sink.warnings.map(({ code }) => code)).toEqual(['TR_KINESIS_CONNECT'])
})

test('several requests are under way at a time, never two with one key, and one key’s queue holds nobody else back', async () => {
  const underWay = new Set<string>()
  let most = 0
  let doubled = 0
  await using kinesis = await startKinesisFaults({
    latencyMs: 5,
    request: ({ entries }: PutRequest) => {
      for (const { PartitionKey } of entries) if (underWay.size === underWay.add(PartitionKey).size) doubled++
      most = Math.max(most, underWay.size)
      // what follows in this turn stores them; the answer is on its way after it
      setImmediate(() => entries.forEach(({ PartitionKey }) => underWay.delete(PartitionKey)))
      return undefined
    },
  })
  const stream = kinesis.stream('orders', 4)
  await using sink = await openSink(kinesis.url, { batchSize: 10, maxInFlight: 4 })
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
  await sink.write([...numberedRecords('hot', 20), ...keys.flatMap((key) => numberedRecords(key, 2))])
  await sink.flush()
  expect(doubled).toBe(0)
  expect(texts(stream.of('hot'))).toEqual(Array.from({ length: 20 }, (_, index) => `hot:${index + 1}`))
  // the others were done long before the hot key's last record
  const last = stream.records.findIndex(({ data }) => data.toString() === 'hot:20')
  expect(stream.records.slice(0, last).length).toBeGreaterThan(200)
})

test('what is avoided: requests with several records of a key, of which only the refused are sent again, put keys out of order', async () => {
  const random = new Random(1)
  await using kinesis = await startKinesisFaults({ record: () => (random.chance(0.01) ? 'InternalFailure' : undefined) })
  const stream = kinesis.stream('orders')
  const client = emulatorClient(kinesis.url)
  const records = Array.from({ length: 20_000 }, (_, index) => ({ PartitionKey: `k${index % 200}`, Data: Buffer.from(String(index)) }))
  for (let from = 0; from < records.length; from += 500) {
    for (let part = records.slice(from, from + 500); part.length > 0; ) {
      const { Records } = await client.send(new PutRecordsCommand({ StreamName: 'orders', Records: part }))
      part = part.filter((_, index) => Records![index]!.ErrorCode !== undefined)
    }
  }
  client.destroy()
  expect(stream.records).toHaveLength(20_000)
  const newest = new Map<string, number>()
  const wrong = new Set<string>()
  for (const { partitionKey, data } of stream.records) {
    if (Number(data) < (newest.get(partitionKey) ?? 0)) wrong.add(partitionKey)
    newest.set(partitionKey, Number(data))
  }
  expect(wrong.size).toBeGreaterThan(50)
})

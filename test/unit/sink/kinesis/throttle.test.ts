import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startKinesisFaults } from '../../../server/kinesis-faults.ts'
import { failureOf, numberedRecords, openSink, texts } from './sink-bench.ts'

const keys = (count: number, destination = 'orders'): { destination: string; key: string; value: string }[] => Array.from({ length: count }, (_, index) => ({ destination, key: `key ${index}`, value: `value ${index}` }))

test('a shard that is full slows down its own keys alone, and is asked ever later, for ever less', async () => {
  await using kinesis = await startKinesisFaults()
  const stream = kinesis.stream('orders', 2)
  const full = stream.shards[0]!.id
  const refused: { readonly at: number; readonly entries: number }[] = []
  kinesis.rules.record = (entry) => (stream.shardOf(entry) === full ? 'ProvisionedThroughputExceededException' : undefined)
  kinesis.rules.request = ({ entries }) => {
    const mine = entries.filter((entry) => stream.shardOf(entry) === full).length
    if (mine > 0) refused.push({ at: performance.now(), entries: mine })
    return undefined
  }
  await using sink = await openSink(kinesis.url, { retry: { initialDelayMs: 100, maxDelayMs: 10_000 }, batchSize: 100, maxInFlight: 1 })
  const records = keys(400)
  await sink.write(records)
  const others = records.filter(({ key }) => stream.shardOf({ PartitionKey: key }) !== full).length
  while (stream.records.length < others || refused.length < 4) await delay(5)
  const gaps = refused.slice(1, 4).map(({ at }, index) => at - refused[index]!.at)
  // half of each wait is certain
  expect(gaps[0]).toBeGreaterThan(49)
  expect(gaps[1]).toBeGreaterThan(99)
  expect(gaps[2]).toBeGreaterThan(199)
  expect(refused.slice(1, 4).map(({ entries }) => entries)).toEqual([50, 25, 12])
  kinesis.rules.record = undefined
  await sink.flush()
  expect(stream.records).toHaveLength(400)
})

test('four times what a shard takes in a second arrives with few attempts wasted', async () => {
  const recordsPerSecond = 500
  await using kinesis = await startKinesisFaults({ limits: { recordsPerSecond, bytesPerSecond: 1_000_000 } })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { retry: { initialDelayMs: 50, maxDelayMs: 1_000 } })
  const start = performance.now()
  await sink.write(keys(2_000))
  await sink.flush()
  const seconds = (performance.now() - start) / 1_000
  // the first second's are taken at once
  expect(seconds).toBeGreaterThan(2.8)
  const attempts = kinesis.requests.reduce((sum, { entries }) => sum + entries.length, 0)
  console.log(`2000 records at ${recordsPerSecond}/s: ${seconds.toFixed(1)} s, ${attempts} attempts in ${kinesis.requests.length} requests`)
  expect(attempts).toBeLessThan(8_000)
  expect(stream.records).toHaveLength(2_000)
  expect(sink.warnings.map(({ code, kind }) => [code, kind])).toEqual([['TR_KINESIS_THROTTLED', 'transient']])
})

test('a shard that was throttled is asked by one request at a time, until it has taken all of many', async () => {
  const concurrent: number[] = []
  await using kinesis = await startKinesisFaults({ latencyMs: 20, record: (_entry, _index, { number }) => (number <= 8 ? 'ProvisionedThroughputExceededException' : undefined) })
  kinesis.rules.request = () => void concurrent.push(kinesis.concurrent)
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { batchSize: 64, maxInFlight: 8 })
  await sink.write(keys(1_000))
  await sink.flush()
  expect(Math.max(...concurrent.slice(0, 8))).toBeGreaterThan(4)
  // a quarter more each time; after 63 it may be all 64 again
  expect(kinesis.requests.slice(8, 12).map(({ entries }) => entries.length)).toEqual([32, 40, 50, 63])
  expect(concurrent.slice(8, 12)).toEqual([1, 1, 1, 1])
  expect(Math.max(...concurrent.slice(12))).toBeGreaterThan(1)
  expect(stream.records).toHaveLength(1_000)
})

test('a stop while throttled keeps what a flush has promised, and lets go of the rest within a second', async () => {
  await using kinesis = await startKinesisFaults({ record: () => 'ProvisionedThroughputExceededException' })
  kinesis.stream('orders')
  const sink = await openSink(kinesis.url)
  const abort = new AbortController()
  await sink.write(keys(10), abort.signal)
  const flush = failureOf(sink.flush(abort.signal))
  await delay(50)
  const start = performance.now()
  abort.abort(new Error('the engine stops'))
  expect((await flush).message).toBe('the engine stops')
  await sink[Symbol.asyncDispose]()
  expect(performance.now() - start).toBeLessThan(1_000)
  // one may have been on its way
  await delay(100)
  const before = kinesis.requests.length
  await delay(200)
  expect(kinesis.requests.length).toBe(before)
})

test('a stop while a request hangs, with a client that does not listen, does not wait for it', async () => {
  await using kinesis = await startKinesisFaults({ request: () => ({ fault: 'hang' }) })
  kinesis.stream('orders')
  const sink = await openSink(kinesis.url)
  await sink.write(keys(1))
  while (kinesis.requests.length === 0) await delay(5)
  const start = performance.now()
  await sink[Symbol.asyncDispose]()
  expect(performance.now() - start).toBeLessThan(500)
  await expect(sink.flush()).rejects.toMatchObject({ code: 'TR_SINK_CLOSED' })
})

test('while nothing is stored a write waits once the buffer is full, goes on as it empties, and may be aborted', async () => {
  let open = false
  await using kinesis = await startKinesisFaults({ record: () => (open ? undefined : 'InternalFailure') })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { buffer: { maxBytes: 20_000 } })
  const abort = new AbortController()
  let done = false
  for (let batch = 0; batch < 10; batch++) {
    done = await Promise.race([sink.write(keys(20)).then(() => true), delay(100, false)])
    if (!done) break
  }
  expect(done).toBe(false)
  const aborted = failureOf(sink.write(keys(1), abort.signal))
  abort.abort(new Error('the engine stops'))
  expect((await aborted).message).toBe('the engine stops')
  open = true
  await sink.flush()
  expect(stream.records.length).toBeGreaterThan(60)
})

test('one key does not fill the buffer: a write waits for it, and order stays', async () => {
  await using kinesis = await startKinesisFaults()
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { buffer: { maxRecordsPerKey: 3 } })
  await sink.write(numberedRecords('hot', 50))
  // three may be left
  expect(stream.records.length).toBeGreaterThanOrEqual(47)
  await sink.flush()
  expect(texts(stream.records)).toEqual(numberedRecords('hot', 50).map(({ value }) => value))
})

test('a record that is not stored in the time allowed ends the sink', async () => {
  await using kinesis = await startKinesisFaults({ record: ({ PartitionKey }) => (PartitionKey === 'key 3' ? 'ProvisionedThroughputExceededException' : undefined) })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url, { deliveryTimeoutMs: 150 })
  await sink.write(keys(5))
  const error = await failureOf(sink.flush())
  expect(error).toMatchObject({ code: 'TR_KINESIS_TIMEOUT', kind: 'definite', where: { stream: 'orders' }, cause: { code: 'TR_KINESIS_THROTTLED' } })
  expect(stream.records).toHaveLength(4)
  await expect(sink.write(keys(1))).rejects.toBe(error)
  await expect(sink.flush()).rejects.toBe(error)
})

test('shards are split while records flow: the new shards are known, and nothing is lost', async () => {
  await using kinesis = await startKinesisFaults({ shardsPerPage: 2 })
  const stream = kinesis.stream('orders', 5)
  let ms = 0
  const clock = { nowMicros: () => 0n, monotonicMs: () => ms + performance.now(), after: (wait: number, callback: () => void) => {
    const timer = setTimeout(callback, wait)
    return () => clearTimeout(timer)
  } }
  await using sink = await openSink(kinesis.url, {}, { clock })
  await sink.write(keys(50))
  await sink.flush()
  expect(kinesis.calls['ListShards']).toBe(3)
  stream.split(stream.shards[0]!.id)
  ms += 60_000
  await sink.write(keys(50))
  await sink.flush()
  await sink.write(keys(50))
  await sink.flush()
  while (kinesis.calls['ListShards']! < 7) await delay(5)
  expect(stream.records).toHaveLength(150)
})

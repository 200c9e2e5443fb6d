import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../src/observe/logger.ts'
import { reachNothing } from '../../src/observe/failpoint.ts'
import { systemClock } from '../../src/time/clock.ts'
import { Accumulator } from '../../src/kafka/accumulator.ts'
import { openClient } from '../../src/kafka/open-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { requireKafka } from '../server/require.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'

const withKafka = await requireKafka()
const COUNT = 2_000
const SIZE = 1_000

withKafka('a connection that is cut in the middle of a response', () => {
  let proxy: TcpProxy
  let kafka: KafkaServer

  beforeAll(async () => {
    proxy = await startTcpProxy(0)
    kafka = await startKafka({ proxy })
  }, 120_000)

  afterAll(async () => {
    await kafka?.[Symbol.asyncDispose]()
    await proxy?.[Symbol.asyncDispose]()
  })

  test('is made again, and what was cut off is asked for again', async () => {
    const { signal } = new AbortController()
    await using client = openClient({ brokers: [kafka.proxiedUrl], requestTimeoutMs: 2_000 }, { clock: systemClock, random: Math.random, logger: silentLogger, reach: reachNothing, warn: () => {} })
    await client.connect(signal)
    await client.createTopic('cut', {}, signal)
    const records = new Accumulator(100_000)
    for (let number = 0; number < COUNT; number++) records.append('cut', 0, { bytes: Buffer.alloc(SIZE, number % 251), keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: SIZE }, [], 0)
    await client.partitionsOf('cut', true, signal)
    const producer = await client.producer({ transactionTimeoutMs: 60_000, deliveryTimeoutMs: Infinity }, signal)
    await producer.send(records.take())
    for (const bytes of [300_000, 5, 1_000_000]) {
      proxy.cutAfter(bytes)
      const read = await client.readToEnd('cut', 0, signal)
      expect(read.map(({ value }) => value![0])).toEqual(Array.from({ length: COUNT }, (_, number) => number % 251))
    }
    // the connections of the producer were cut as well
    records.append('cut', 0, { bytes: Buffer.from('last'), keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: 4 }, [], 0)
    await producer.send(records.take())
    expect((await client.readToEnd('cut', 0, signal)).at(-1)!.value!.toString()).toBe('last')
  }, 60_000)
})

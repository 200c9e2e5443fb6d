import { inspect } from 'node:util'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { describe, expect, test } from 'vitest'
import { plainHandler } from '../../../../src/sink/kinesis/client.ts'
import { kinesisSink, type KinesisSinkOptions } from '../../../../src/sink/kinesis/index.ts'
import { startKinesisFaults } from '../../../server/kinesis-faults.ts'
import { freePort } from '../../../server/port.ts'
import { CREDENTIALS, failureOf, numberedRecords, openSink, texts } from './sink-bench.ts'

describe('the options', () => {
  test('that are not valid are named all at once', () => {
    const options: KinesisSinkOptions = {
      stream: 'a b', createStreams: { shards: 0 }, deadLetter: { stream: '', maxValueBytes: -1 }, nullKey: '', batchSize: 501, maxRecordBytes: 11 * 1024 * 1024, maxInFlight: 0,
      buffer: { maxBytes: 0, maxRecordsPerKey: 1.5 }, requestTimeoutMs: NaN, retry: { initialDelayMs: -1, maxDelayMs: 0 }, deliveryTimeoutMs: 0, endpoint: 'nowhere',
      partitionKey: 'md5' as 'text', tombstones: 'null' as 'skip', client: { send: async () => ({}) },
    }
    const message = (() => {
      try {
        kinesisSink(options)
        return ''
      } catch (error) {
        expect(error).toMatchObject({ code: 'TR_CONFIG_INVALID' })
        return (error as Error).message
      }
    })()
    for (const name of ['stream', 'createStreams.shards', 'deadLetter.stream', 'deadLetter.maxValueBytes', 'nullKey', 'batchSize', 'maxRecordBytes', 'maxInFlight', 'buffer.maxBytes', 'buffer.maxRecordsPerKey', 'requestTimeoutMs', 'retry.initialDelayMs', 'retry.maxDelayMs', 'deliveryTimeoutMs', 'endpoint', 'partitionKey', 'tombstones', 'client']) {
      expect(message).toMatch(new RegExp(`[:;] ${name.replace('.', '\\.')} `))
    }
    expect(() => kinesisSink({ maxRequestBytes: 1_000 })).toThrow('maxRequestBytes must be at least maxRecordBytes')
    expect(() => kinesisSink({ maxRecordBytes: 10 * 1024 * 1024 })).not.toThrow()
  })
})

describe('a stream', () => {
  test('of the options that is missing is an error when the sink opens', async () => {
    await using kinesis = await startKinesisFaults()
    expect(await failureOf(openSink(kinesis.url, { stream: 'nope' }))).toMatchObject({ code: 'TR_KINESIS_STREAM_MISSING', where: { stream: 'nope' } })
    expect(await failureOf(openSink(kinesis.url, { deadLetter: { stream: 'dead' } }))).toMatchObject({ code: 'TR_KINESIS_STREAM_MISSING', where: { stream: 'dead' } })
  })

  test('of a destination that is missing is an error when its first record comes', async () => {
    await using kinesis = await startKinesisFaults()
    kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write(numberedRecords('a', 1))
    await sink.flush()
    await sink.write(numberedRecords('a', 1, 'lines'))
    await expect(sink.flush()).rejects.toMatchObject({ code: 'TR_KINESIS_STREAM_MISSING', where: { stream: 'lines' } })
  })

  test('that cannot be called so is an error that names the destination', async () => {
    await using kinesis = await startKinesisFaults()
    await using sink = await openSink(kinesis.url)
    await expect(sink.write(numberedRecords('a', 1, 'app.öffentlich.orders'))).rejects.toMatchObject({ code: 'TR_CONFIG_INVALID', where: { destination: 'app.öffentlich.orders' } })
  })

  test.each([[{ shards: 3 }, 3], [{ onDemand: true }, 4]] as const)('is made with %j, and waited for', async (createStreams, shards) => {
    await using kinesis = await startKinesisFaults({ createMs: 200 })
    await using sink = await openSink(kinesis.url, { createStreams })
    await sink.write([...numberedRecords('a', 2), ...numberedRecords('b', 1, 'lines')])
    await sink.flush()
    expect([...kinesis.streams.values()].map(({ name, shards: made, records }) => [name, made.length, records.length]).sort()).toEqual([['lines', shards, 1], ['orders', shards, 2]])
    expect(kinesis.stream('orders').records.length).toBe(2)
  })

  test('is one for all, by name, by ARN, or by a function', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('all')
    for (const name of ['all', 'arn:aws:kinesis:us-east-1:000000000000:stream/all', () => 'all']) {
      await using sink = await openSink(kinesis.url, { stream: name })
      await sink.write([...numberedRecords('a', 1), ...numberedRecords('b', 1, 'lines')])
      await sink.flush()
    }
    expect(stream.records).toHaveLength(6)
  })

  test('is written to with no more than the right to PutRecords', async () => {
    await using kinesis = await startKinesisFaults({ denied: ['DescribeStreamSummary', 'ListShards'] })
    const stream = kinesis.stream('orders', 2)
    await using sink = await openSink(kinesis.url, { stream: 'orders' })
    await sink.write([...numberedRecords('a', 3), ...numberedRecords('b', 3)])
    await sink.flush()
    expect(texts(stream.of('b'))).toEqual(['b:1', 'b:2', 'b:3'])
  })
})

describe('an error', () => {
  test('of authorisation ends the sink at once', async () => {
    await using kinesis = await startKinesisFaults({ denied: ['PutRecords'] })
    kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write(numberedRecords('a', 1))
    await expect(sink.flush()).rejects.toMatchObject({ code: 'TR_KINESIS_AUTH', kind: 'definite' })
    expect(kinesis.calls['PutRecords']).toBe(1)
  })

  test('of validation ends the sink, and does not tell the key that Kinesis quotes', async () => {
    await using kinesis = await startKinesisFaults({ request: () => ({ fault: 'refuse', type: 'ValidationException', message: "Value 'canary' at 'records.1.member.partitionKey' failed to satisfy constraint" }) })
    kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write(numberedRecords('canary', 1))
    const error = await failureOf(sink.flush())
    expect(error).toMatchObject({ code: 'TR_KINESIS_REJECTED', where: { error: 'ValidationException', status: 400, stream: 'orders' } })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
  })

  test.each([['InternalFailure', 500], ['ServiceUnavailable', 503], ['LimitExceededException', 400], ['KMSThrottlingException', 400], ['SomethingNew', 500], ['SomethingNew', 429]])('%s, HTTP status %i, is no end', async (type, status) => {
    await using kinesis = await startKinesisFaults({ request: ({ number }) => (number < 3 ? { fault: 'refuse', type, status } : undefined) })
    const stream = kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write(numberedRecords('a', 2))
    await sink.flush()
    expect(texts(stream.records)).toEqual(['a:1', 'a:2'])
  })

  test.each([['InvalidArgumentException', 400, 'TR_KINESIS_REJECTED'], ['KMSDisabledException', 400, 'TR_KINESIS_REJECTED'], ['SomethingNew', 400, 'TR_KINESIS_REJECTED'], ['SomethingNew', 403, 'TR_KINESIS_AUTH'], ['UnrecognizedClientException', 400, 'TR_KINESIS_AUTH']])('%s, HTTP status %i, is %s', async (type, status, code) => {
    await using kinesis = await startKinesisFaults({ request: () => ({ fault: 'refuse', type, status }) })
    kinesis.stream('orders')
    await using sink = await openSink(kinesis.url)
    await sink.write(numberedRecords('a', 2))
    await expect(sink.flush()).rejects.toMatchObject({ code })
  })

  test('an address where nobody listens is not tried for ever before the first record', async () => {
    const start = performance.now()
    const error = await failureOf(openSink(`http://127.0.0.1:${await freePort()}`, { stream: 'orders', deliveryTimeoutMs: 300 }))
    expect(error).toMatchObject({ code: 'TR_KINESIS_CONNECT', where: { error: expect.stringContaining('ECONNREFUSED') } })
    expect(performance.now() - start).toBeLessThan(3_000)
  })

  test('credentials that are not there are an error when the sink opens', async () => {
    await using kinesis = await startKinesisFaults()
    const credentials = () => Promise.reject(Object.assign(new Error('no profile of that name'), { name: 'CredentialsProviderError' }))
    expect(await failureOf(openSink(kinesis.url, { clientConfig: { credentials } }))).toMatchObject({ code: 'TR_KINESIS_AUTH' })
  })

  test('credentials that are missing for a moment are no end', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('orders')
    let asked = 0
    const credentials = async () => {
      asked++
      if (asked === 3 || asked === 4) throw Object.assign(new Error('no answer'), { name: 'CredentialsProviderError' })
      return { ...CREDENTIALS, expiration: new Date(Date.now() + 1) }
    }
    await using sink = await openSink(kinesis.url, { clientConfig: { credentials } })
    await sink.write(numberedRecords('a', 5))
    await sink.flush()
    expect(asked).toBeGreaterThan(4)
    expect(texts(stream.records)).toEqual(numberedRecords('a', 5).map(({ value }) => value))
  })
})

describe('a client of one’s own', () => {
  test('is used as it is, and stays open', async () => {
    await using kinesis = await startKinesisFaults()
    const stream = kinesis.stream('orders')
    const client = new KinesisClient({ endpoint: kinesis.url, region: 'us-east-1', credentials: CREDENTIALS, requestHandler: plainHandler() })
    const sink = kinesisSink({ client })
    await using opened = await openSink('', { client, ...ours })
    await opened.write(numberedRecords('a', 2))
    await opened.flush()
    await opened[Symbol.asyncDispose]()
    await sink[Symbol.asyncDispose]()
    await client.send(new PutRecordsCommand({ StreamName: 'orders', Records: [{ PartitionKey: 'b', Data: Buffer.from('b') }] }))
    expect(texts(stream.records)).toEqual(['a:1', 'a:2', 'b'])
    client.destroy()
  })

  test('may be anything that sends; one that throws, and never listens, does no harm', async () => {
    const sent: string[] = []
    const client = {
      send: (command: object): Promise<unknown> => {
        const { input, constructor } = command as { input: { Records?: { PartitionKey: string }[] }; constructor: { name: string } }
        sent.push(constructor.name)
        if (sent.length === 2) throw new Error('thrown')
        if (sent.length === 4) return new Promise(() => {})
        return Promise.resolve(constructor.name === 'ListShardsCommand' ? { Shards: [] } : { StreamDescriptionSummary: { StreamStatus: 'ACTIVE' }, FailedRecordCount: 0, Records: input.Records?.map((_, index) => ({ SequenceNumber: String(index + 1), ShardId: 's' })) })
      },
    }
    await using sink = await openSink('', { client, requestTimeoutMs: 50, ...ours })
    await sink.write(numberedRecords('a', 3))
    await sink.flush()
    expect(sent).toEqual(['DescribeStreamSummaryCommand', 'ListShardsCommand', 'ListShardsCommand', ...Array<string>(4).fill('PutRecordsCommand')])
  })
})

/** Of what the bench gives, nothing goes with a client. */
const ours = { endpoint: undefined, region: undefined, clientConfig: undefined } as unknown as KinesisSinkOptions

import { describe, test } from 'vitest'
import { kinesisSink } from '../../src/sink/kinesis/index.ts'
import { sinkConformance, type ReceivedRecord, type SinkPlace } from '../../src/testing/index.ts'
import { startKinesisFaults } from '../server/kinesis-faults.ts'

const MOST = 10 * 1024 * 1024

/** Destinations may be called as no stream may: what the stream's name was made of is found again by it. */
function streamNames(): { readonly streamOf: (destination: string) => string; readonly destinationOf: (stream: string) => string } {
  const destinations = new Map<string, string>()
  return {
    streamOf: (destination) => {
      const stream = Buffer.from(destination).toString('hex')
      destinations.set(stream, destination)
      return stream
    },
    destinationOf: (stream) => destinations.get(stream)!,
  }
}

async function kinesisPlace(shards: number): Promise<SinkPlace> {
  const kinesis = await startKinesisFaults({ maxRecordBytes: MOST, maxRequestBytes: MOST })
  const { streamOf, destinationOf } = streamNames()
  const arrives = (record: ReceivedRecord): ReceivedRecord => ({ ...record, key: record.key ?? 'default', value: record.value ?? '', headers: {} })
  return {
    sink: () => kinesisSink({ endpoint: kinesis.url, region: 'us-east-1', clientConfig: { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }, stream: streamOf, createStreams: { shards }, maxRecordBytes: MOST, retry: { initialDelayMs: 10 } }),
    received: async () => [...kinesis.streams.values()].flatMap(({ name, records }) => records.map(({ partitionKey, data }): ReceivedRecord => ({ destination: destinationOf(name), key: partitionKey, value: data.toString(), headers: {} }))),
    arrives,
    order: 'key',
    refuse: () => void (kinesis.rules.denied = ['PutRecords', 'ListShards', 'DescribeStreamSummary', 'CreateStream']),
    remove: () => kinesis[Symbol.asyncDispose](),
  }
}

describe.each([1, 4])('the Kinesis sink, streams of %i shards', (shards) => {
  for (const check of sinkConformance('records', () => kinesisPlace(shards))) test(check.name, () => check.run())
})

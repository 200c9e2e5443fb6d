import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startKinesis } from '../server/kinesis.ts'
import { requireKinesis } from '../server/require.ts'
import { CREDENTIALS, numberedRecords, openSink } from '../unit/sink/kinesis/sink-bench.ts'
import { emulatorClient, readStream } from './kinesis-reader.ts'

const withKinesis = await requireKinesis('kinesis-local')

withKinesis('over HTTP/2, as the SDK speaks to Kinesis', () => {
  test('records arrive in order by key', async () => {
    await using server = await startKinesis('kinesis-local')
    const client = new KinesisClient({ endpoint: server.url, region: 'us-east-1', credentials: CREDENTIALS })
    const reader = emulatorClient(server.url)
    await reader.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 2 }))
    {
      await using sink = await openSink('', { client, endpoint: undefined, region: undefined, clientConfig: undefined, createStreams: { shards: 2 } } as never)
      await sink.write([...numberedRecords('a', 5), ...numberedRecords('b', 5)])
      await sink.flush()
    }
    const read = await readStream(reader, 'orders')
    // the emulator loses some requests of HTTP/2, which are sent again
    for (const key of ['a', 'b']) expect([...new Set(read.filter(({ partitionKey }) => partitionKey === key).map(({ data }) => data))]).toEqual(numberedRecords(key, 5).map(({ value }) => value))
    client.destroy()
    reader.destroy()
  }, 90_000)
})

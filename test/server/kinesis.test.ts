import { CreateStreamCommand, DescribeStreamSummaryCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { describe, expect, test } from 'vitest'
import { emulatorClient, readStream } from '../integration/kinesis-reader.ts'
import { startKinesisFaults } from './kinesis-faults.ts'
import { startKinesis, type KinesisKind } from './kinesis.ts'
import { requireKinesis } from './require.ts'

const KINDS: readonly KinesisKind[] = ['kinesalite', 'kinesis-local']
const withKinesis = await requireKinesis(...KINDS)

withKinesis('an emulator of Kinesis', () => {
  test.each(KINDS)('%s stores what it is sent, and our endpoint puts the same keys into the same shards', async (kind) => {
    await using server = await startKinesis(kind)
    await using faults = await startKinesisFaults()
    const shards = await Promise.all([server.url, faults.url].map(async (url) => {
      const client = emulatorClient(url)
      await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 3 }))
      while ((await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }))).StreamDescriptionSummary?.StreamStatus !== 'ACTIVE');
      const keys = Array.from({ length: 100 }, (_, index) => `key ${index} é`)
      const { Records, FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName: 's', Records: keys.map((key) => ({ PartitionKey: key, Data: Buffer.from(key) })) }))
      expect(FailedRecordCount).toBe(0)
      if (url === server.url) expect((await readStream(client, 's')).map(({ data }) => data).sort()).toEqual([...keys].sort())
      client.destroy()
      return Records!.map(({ ShardId }) => ShardId)
    }))
    expect(shards[1]).toEqual(shards[0])
  })
})

describe('our endpoint', () => {
  test('refuses what a shard’s rate does not allow, in the request’s order, and takes it later', async () => {
    await using faults = await startKinesisFaults({ limits: { recordsPerSecond: 10, bytesPerSecond: 1_000_000 } })
    faults.stream('s')
    const client = emulatorClient(faults.url)
    const { Records } = await client.send(new PutRecordsCommand({ StreamName: 's', Records: Array.from({ length: 15 }, (_, index) => ({ PartitionKey: 'k', Data: Buffer.from(String(index)) })) }))
    expect(Records!.map(({ ErrorCode }) => ErrorCode ?? 'stored')).toEqual([...Array<string>(10).fill('stored'), ...Array<string>(5).fill('ProvisionedThroughputExceededException')])
    client.destroy()
  })
})

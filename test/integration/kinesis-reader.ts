import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis'
import { plainHandler } from '../../src/sink/kinesis/client.ts'

export interface ReadRecord {
  readonly partitionKey: string
  readonly data: string
  readonly shard: string
  readonly sequence: string
}

/** A client for an emulator on plain HTTP. */
export function emulatorClient(endpoint: string): KinesisClient {
  return new KinesisClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, requestHandler: plainHandler() })
}

/** Everything a stream holds, shard by shard, in each shard's order. */
export async function readStream(client: KinesisClient, stream: string): Promise<ReadRecord[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }))
  const read: ReadRecord[] = []
  for (const { ShardId: shard } of Shards) {
    const { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' }))
    for (let at = ShardIterator; at !== undefined; ) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: at }))
      read.push(...Records.map(({ PartitionKey, Data, SequenceNumber }) => ({ partitionKey: PartitionKey!, data: Buffer.from(Data!).toString(), shard: shard!, sequence: SequenceNumber! })))
      if (Records.length === 0) break
      at = NextShardIterator
    }
  }
  return read
}

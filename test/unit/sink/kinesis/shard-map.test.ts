import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ShardMap } from '../../../../src/sink/kinesis/shard-map.ts'
import { StoredStream } from '../../../server/kinesis-stream.ts'

const mapOf = ({ shards }: StoredStream): ShardMap => new ShardMap(shards.filter(({ closed }) => !closed).map(({ id, start }) => ({ id, startingHashKey: String(start) })).reverse())

test('both ends of each shard’s range fall into it, after splits too', () => {
  const stream = new StoredStream('s', 7, 0)
  stream.split(stream.shards[3]!.id)
  stream.split(stream.shards[7]!.id)
  const map = mapOf(stream)
  const open = stream.shards.filter(({ closed }) => !closed)
  expect(open).toHaveLength(9)
  for (const { id, start, end } of open) {
    expect(map.shardOf('any', String(start))).toBe(id)
    expect(map.shardOf('any', String(end))).toBe(id)
  }
})

test('a partition key falls where its MD5 does', () => {
  const stream = new StoredStream('s', 5, 0)
  const map = mapOf(stream)
  for (const key of Array.from({ length: 500 }, (_, index) => createHash('sha1').update(String(index)).digest('base64'))) expect(map.shardOf(key, undefined)).toBe(stream.shardOf({ PartitionKey: key }))
})

test('without shards nothing is known', () => {
  expect(new ShardMap([]).shardOf('any', undefined)).toBeUndefined()
})

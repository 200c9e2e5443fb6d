import { randomBytes, randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { partitionOfKey } from '../../src/kafka/murmur2.ts'
import { startKafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { requireKafkaClient } from '../server/require.ts'

const withClient = await requireKafkaClient()

withClient('the partition of a key', () => {
  it('is the one that Kafka’s Java client chooses, for keys of every length and partitions of every number', async () => {
    await using java = await startKafkaClient()
    const keys = [...Array.from({ length: 400 }, (_, length) => randomBytes(length % 100)), ...['{"id":1}', '{"id":2147483647}', 'ключ', ''].map((text) => Buffer.from(text))]
    for (const partitions of [1, 2, 3, 7, 12, 100, randomInt(1, 5000)]) {
      const ours = keys.map((key) => partitionOfKey(key, 0, key.length, partitions))
      expect(ours, `partitions ${partitions}, keys ${keys.map((key) => key.toString('hex')).join()}`).toEqual(await java.partitions(keys, partitions))
    }
  })
})

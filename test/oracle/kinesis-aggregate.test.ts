import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'
import { aggregable, aggregate } from '../../src/sink/kinesis/aggregate.ts'
import { installKinesis } from '../server/kinesis.ts'
import { requireKinesis } from '../server/require.ts'

interface Reader {
  readonly deaggregateSync: (record: object, checkDigest: boolean, done: (error: Error | null, records?: readonly { partitionKey: string; explicitPartitionKey?: string; data: string }[]) => void) => void
}

const withReader = await requireKinesis('aws-kinesis-agg')

withReader('aggregated records', () => {
  test('are read by AWS’ own library as what they were made of', async () => {
    const { deaggregateSync } = createRequire(path.join(await installKinesis('aws-kinesis-agg'), 'package.json'))('aws-kinesis-agg') as Reader
    const texts = ['', 'a', 'ключ 🐘', 'x'.repeat(127), 'x'.repeat(20_000)]
    for (const [key, explicitHashKey] of [['{"id":1}', undefined], ['ключ 🐘', '12345678901234567890']] as const) {
      const records = texts.map((text) => ({ data: Buffer.from(text), explicitHashKey, size: 0, chunk: { number: 1, bytes: 0, waiting: 1 } }))
      const { count, size } = aggregable(key, records, 1_000_000)
      expect(count).toBe(texts.length)
      const data = aggregate(key, records, size).toString('base64')
      deaggregateSync({ kinesisSchemaVersion: '1.0', partitionKey: key, sequenceNumber: '1', data }, true, (error, read) => {
        expect(error ?? undefined).toBeUndefined()
        expect(read?.map((one) => [one.partitionKey, one.explicitPartitionKey || undefined, Buffer.from(one.data, 'base64').toString()])).toEqual(texts.map((text) => [key, explicitHashKey, text]))
      })
      expect.assertions(3 * (explicitHashKey === undefined ? 1 : 2))
    }
  })
})

import { expect, test } from 'vitest'
import { startKinesisFaults } from '../../../server/kinesis-faults.ts'
import { numberedRecords, openSink } from './sink-bench.ts'

const texts = (records: readonly { readonly data: Buffer }[]): string[] => records.map(({ data }) => data.toString())

test('the first of two records of a key is refused: the second is not sent before it is stored', async () => {
  let refused = 0
  await using kinesis = await startKinesisFaults({ record: (entry) => (Buffer.from(entry.Data, 'base64').toString() === 'a:1' && refused++ < 3 ? 'InternalFailure' : undefined) })
  const stream = kinesis.stream('orders')
  await using sink = await openSink(kinesis.url)
  await sink.write([...numberedRecords('a', 3), ...numberedRecords('b', 2)])
  await sink.flush()
  expect(texts(stream.of('a'))).toEqual(['a:1', 'a:2', 'a:3'])
  expect(texts(stream.of('b'))).toEqual(['b:1', 'b:2'])
  expect(refused).toBeGreaterThan(3)
})

import { expect, test } from 'vitest'
import type { ChangeEvent, SnapshotMarker } from '../../../../src/event/change-event.ts'
import { debeziumJson } from '../../../../src/format/json/debezium-json.ts'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { NDJSON } from '../../../../src/sink/stdout/ndjson-line.ts'
import { imageOf, TRANSACTION, testEvent, testTable, type TestTransaction } from '../test-table.ts'

const table = testTable({ schema: 'public', name: 'orders', fields: [{ name: 'id', schema: { type: 'int64', optional: false } }], key: [0] })
const format = (): ReturnType<typeof debeziumJson> => debeziumJson({ logicalName: 'shop', runId: 'r' })

function row(id: number, transaction: TestTransaction, snapshot: SnapshotMarker): ChangeEvent {
  return testEvent('r', table, { after: imageOf([(writer) => writer.integer(id)]), transaction, snapshot })
}

interface Written {
  readonly value: string
  readonly frame: string
}

function encode(encoder: ReturnType<typeof debeziumJson>, into: RecordBatch, event: ChangeEvent, nowMicros: bigint): Written {
  const index = into.count
  encoder.encode(event, into, nowMicros)
  const text = (start: number, end: number): string => into.bytes.toString('utf8', start, end)
  return { value: text(into.valueStart[index]!, into.valueEnd[index]!), frame: text(into.frameStart[index]!, into.frameEnd[index]!) }
}

test('rows of a snapshot that are written one after the other are written as each of them alone: other times, markers and snapshots in between', () => {
  const later: TestTransaction = { ...TRANSACTION, source: { ...TRANSACTION.source, ts_ms: '1795207719999', lsn: '77' } }
  const moments: readonly [TestTransaction, SnapshotMarker, bigint][] = [
    [TRANSACTION, 'first', 1_000_000n], [TRANSACTION, 'true', 1_000_000n], [TRANSACTION, 'true', 1_000_000n], [TRANSACTION, 'true', 2_000_000n], [TRANSACTION, 'true', 2_000_000n],
    [later, 'true', 2_000_000n], [later, 'true', 2_000_000n], [later, 'last', 2_000_000n], [TRANSACTION, 'true', 1_000_000n], [TRANSACTION, 'true', 1_000_000n],
  ]
  const together = format()
  const batch = new RecordBatch(16, NDJSON)
  const events = moments.map(([transaction, snapshot], index) => row(index, transaction, snapshot))
  const written = events.map((event, index) => encode(together, batch, event, moments[index]![2]))
  expect(written).toEqual(events.map((event, index) => encode(format(), new RecordBatch(16, NDJSON), event, moments[index]![2])))
  for (const [index, { value, frame }] of written.entries()) {
    const payload = (JSON.parse(value) as { payload: Record<string, unknown> }).payload
    expect(payload).toMatchObject({ after: { id: index }, op: 'r', source: { snapshot: moments[index]![1] }, ts_us: Number(moments[index]![2]) })
    expect((JSON.parse(frame) as { value: unknown }).value).toEqual(JSON.parse(value))
  }
})

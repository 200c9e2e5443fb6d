import { expect, test } from 'vitest'
import type { ChangeEvent, RowOperation, SnapshotMarker } from '../../../../src/event/change-event.ts'
import { debeziumJson } from '../../../../src/format/json/debezium-json.ts'
import { RecordBatch } from '../../../../src/format/record-batch.ts'
import { NDJSON } from '../../../../src/sink/stdout/ndjson-line.ts'
import { Random, seed } from '../../../fuzz/campaign.ts'
import { imageOf, TRANSACTION, testEvent, testTable, type TestTransaction } from '../test-table.ts'

const table = testTable({ schema: 'public', name: 'orders', fields: [{ name: 'id', schema: { type: 'int64', optional: false } }], key: [0] })
const format = (): ReturnType<typeof debeziumJson> => debeziumJson({ logicalName: 'shop', runId: 'r' })

function row(id: number, transaction: TestTransaction, snapshot: SnapshotMarker): ChangeEvent {
  return testEvent('r', table, { after: imageOf([(writer) => writer.integer(id)]), transaction, snapshot })
}

interface Written {
  readonly key: string
  readonly value: string | null
  readonly frame: string
  readonly headers: string
}

/** Every record that came of one event. */
function encode(encoder: ReturnType<typeof debeziumJson>, into: RecordBatch, event: ChangeEvent, nowMicros: bigint): Written[] {
  const first = into.count
  encoder.encode(event, into, nowMicros)
  const text = (start: number, end: number): string => into.bytes.toString('utf8', start, end)
  return Array.from({ length: into.count - first }, (_, number) => {
    const index = first + number
    return {
      key: text(into.keyStart[index]!, into.keyEnd[index]!), value: into.valueStart[index]! < 0 ? null : text(into.valueStart[index]!, into.valueEnd[index]!),
      frame: text(into.frameStart[index]!, into.frameEnd[index]!), headers: into.headers[index]!.map(({ name, value }) => `${name} ${value.toString()}`).join('\n'),
    }
  })
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
  for (const [index, [record]] of written.entries()) {
    const { value, frame } = record!
    const payload = (JSON.parse(value!) as { payload: Record<string, unknown> }).payload
    expect(payload).toMatchObject({ after: { id: index }, op: 'r', source: { snapshot: moments[index]![1] }, ts_us: Number(moments[index]![2]) })
    expect((JSON.parse(frame) as { value: unknown }).value).toEqual(JSON.parse(value!))
  }
})

test('streamed rows that are written one after the other are written as each of them alone: any operations, times, transactions, orders and changes of the key', () => {
  const random = new Random(seed)
  const streamed = testTable({ schema: 'public', name: 'orders', fields: [{ name: 'id', schema: { type: 'int64', optional: false } }], key: [0], perTransaction: true })
  const transactions = [1, 2, 3].map((id): TestTransaction => ({ ...TRANSACTION, id: String(id), source: { ts_ms: `${id}`, sequence: `[null,"${id}"]`, ts_us: `${id}000`, ts_ns: `${id}000000`, txId: String(id) } }))
  let [transaction, nowMicros, op] = [transactions[0]!, 1_000_000n, 'c' as RowOperation]
  const events = Array.from({ length: 3000 }, (_, index): [ChangeEvent, bigint] => {
    // runs of rows that differ in nothing but themselves, as they come
    if (random.chance(10)) transaction = random.pick(transactions)
    if (random.chance(10)) nowMicros += 1n
    if (random.chance(5)) op = random.pick<RowOperation>(['c', 'u', 'd'])
    const image = imageOf([(writer) => writer.integer(index)])
    const [before, after] = [op === 'c' ? undefined : image, op === 'd' ? undefined : image]
    const ordered = random.chance(20) ? { order: { id: transaction.id, total: index, inTable: index } } : {}
    const moved = random.chance(20) ? { other: imageOf([(writer) => writer.integer(-index)]) } : {}
    return [testEvent(op, streamed, { transaction, before, after, low: index, ...ordered, ...moved }), nowMicros]
  })
  const [together, batch] = [format(), new RecordBatch(16, NDJSON)]
  for (const [index, [event, now]] of events.entries()) {
    const records = encode(together, batch, event, now)
    expect(records, `event ${index}, FUZZ_SEED=${seed}`).toEqual(encode(format(), new RecordBatch(16, NDJSON), event, now))
    expect(records.length).toBe(event.op === 'd' ? 2 : 1)
    expect((JSON.parse(records[0]!.value!) as { payload: unknown }).payload, `event ${index}, FUZZ_SEED=${seed}`).toMatchObject({ op: event.op, source: { txId: Number(event.transaction.id), lsn: index }, ts_us: Number(now), transaction: event.order === undefined ? null : { total_order: index } })
  }
})

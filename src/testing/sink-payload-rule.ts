import assert from 'node:assert/strict'
import { sampleEvent, sampleRecords, sampleTransaction, type SampleRecord } from './sample-event.ts'
import { received, type Bench, type Rule } from './sink-rule.ts'

export const EVENT_RULES: Readonly<Record<string, Rule>> = {
  'every kind of change arrives, the two events of a key update too': async (bench) => {
    const transaction = sampleTransaction(7)
    const events = [
      sampleEvent({ id: 1, op: 'r' }), sampleEvent({ id: 2, op: 'c' }), sampleEvent({ id: 2, op: 'u', name: null }),
      sampleEvent({ id: 2, op: 'd', transaction, ordinal: 0, part: 0 }), sampleEvent({ id: 3, op: 'c', transaction, ordinal: 0, part: 1 }),
    ]
    await bench.sink.write({ events, records: undefined }, bench.signal)
    await bench.flush()
    await bench.expect(events.map(({ id }) => id))
  },
}

export const RECORD_RULES: Readonly<Record<string, Rule>> = {
  'records outside of [first, end) are not delivered': async (bench) => {
    const records = numbered(10)
    const batch = sampleRecords(records)
    batch.first = 3
    batch.end = 7
    await bench.sink.write({ events: [], records: batch }, bench.signal)
    await bench.flush()
    await bench.expect(records.slice(3, 7).map(received))
    assert.deepEqual([batch.first, batch.end, batch.count], [3, 7, 10], 'the batch was changed')
  },

  'lists that are longer than the batch are no records': async (bench) => {
    const batch = sampleRecords(numbered(5))
    batch.clear(batch.bytes.length)
    batch.bytes.write('{"n":1}', 0)
    batch.append(0, 'sample', -1, -1, 0, 7, [])
    await bench.sink.write({ events: [], records: batch }, bench.signal)
    await bench.flush()
    await bench.expect([{ destination: 'sample', key: null, value: '{"n":1}', headers: {} }])
  },

  'absent keys and values, headers and any text arrive as they are': async (bench) => {
    await roundTrip(bench, [
      { destination: 'sample', key: '{"id":1}', value: null },
      { destination: 'sample', key: null, value: '{"id":1}' },
      { destination: 'sample', key: null, value: null },
      { destination: 'sample.public.Straße 🐘', key: '"ключ"', value: '{"text":"quote \\" newline \\n zero \\u0000 🐘 \u2028"}', headers: { 'name "quoted"': '"é"', empty: '""' } },
      { destination: 'sample', key: '{}', value: '{}', headers: { a: '1', b: '2' } },
    ])
  },

  'a large value arrives': async (bench) => {
    await roundTrip(bench, [...numbered(2), { destination: 'sample', key: '1', value: JSON.stringify('x'.repeat(5_000_000)) }, ...numbered(2)])
  },

  'a batch of many records arrives': async (bench) => {
    await roundTrip(bench, numbered(20_000))
  },
}

async function roundTrip(bench: Bench, records: readonly SampleRecord[]): Promise<void> {
  await bench.sink.write({ events: [], records: sampleRecords(records) }, bench.signal)
  await bench.flush()
  await bench.expect(records.map(received))
}

function numbered(count: number): SampleRecord[] {
  return Array.from({ length: count }, (_, index) => ({ destination: 'sample.public.orders', key: `{"id":${index}}`, value: `{"row":${index}}` }))
}

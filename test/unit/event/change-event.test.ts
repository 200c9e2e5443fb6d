import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { ChangeEvent } from '../../../src/event/change-event.ts'
import { sampleEvent, sampleTransaction } from '../../../src/testing/sample-event.ts'
import { sampleTable } from '../../../src/testing/sample-table.ts'

it('an event that is printed or turned into JSON shows what it says, and no bytes', () => {
  const event = sampleEvent({ id: 7, name: 'seven' })
  expect(JSON.parse(JSON.stringify(event))).toMatchObject({ id: 'sample:7:0', op: 'c', key: { id: '7' }, before: null, after: { id: '7', name: 'seven' } })
  const printed = inspect(event, { depth: 9 })
  expect(printed).toContain("after: { id: 7n, name: 'seven' }")
  expect(printed).not.toMatch(/Buffer|beforeImage|afterImage/)
})

it('a column that the log did not carry is left out of the JSON, for null would be a value', () => {
  expect(JSON.parse(JSON.stringify(sampleEvent({ id: 7, op: 'd' })))).toMatchObject({ op: 'd', after: null })
})

const detailed = (op: 'm' | 's' | 'b' | 'e', detail: ChangeEvent['detail'], ordinal = 0): ChangeEvent => new ChangeEvent(op, sampleTable(), sampleTransaction(3), 'false', 0, 0, ordinal, 0, undefined, undefined, undefined, detail)

it('what is of no row has an id of its own, beside the change that it comes with, and says what it is', () => {
  const begin = detailed('b', { id: '3:1', counts: undefined })
  const end = detailed('e', { id: '3:9', counts: [{ table: 'public.orders', events: 2 }] }, 2)
  const schema = { database: 'shop', ddl: 'drop table t', changes: [] }
  const changed = [detailed('s', schema), detailed('s', schema, 1)]
  expect([begin, end, ...changed].map(({ id }) => id)).toEqual(['sample:3:begin', 'sample:3:end', 'sample:3:schema:0', 'sample:3:schema:1'])
  expect([begin.marker, begin.message, begin.schemaChange, begin.key, begin.before, begin.after]).toEqual([{ id: '3:1', counts: undefined }, undefined, undefined, null, null, null])
  expect([changed[0]!.schemaChange, changed[0]!.marker, changed[0]!.message]).toEqual([schema, undefined, undefined])
  expect(JSON.parse(JSON.stringify(end))).toMatchObject({ op: 'e', marker: { id: '3:9', counts: [{ table: 'public.orders', events: 2 }] } })
  expect(Object.keys(JSON.parse(JSON.stringify(sampleEvent({ id: 1 }))) as object)).toEqual(['id', 'op', 'key', 'before', 'after', 'source'])
})

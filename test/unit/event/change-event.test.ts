import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { sampleEvent } from '../../../src/testing/sample-event.ts'

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

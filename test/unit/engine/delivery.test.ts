import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../../src/engine/delivery.ts'
import { ChangeEvent } from '../../../src/event/change-event.ts'
import type { Format } from '../../../src/format/format.ts'
import { ABSENT } from '../../../src/format/record-batch.ts'
import { sampleEvent, sampleTransaction } from '../../../src/testing/index.ts'
import { batchOf } from './scripted-source.ts'

const transaction = sampleTransaction(1)
/** A create, a key update of two events, a delete. */
const EVENTS: ChangeEvent[] = [
  sampleEvent({ id: 1, transaction, ordinal: 0 }),
  sampleEvent({ id: 2, op: 'd', transaction, ordinal: 1, part: 0 }),
  sampleEvent({ id: 3, op: 'c', transaction, ordinal: 1, part: 1 }),
  sampleEvent({ id: 4, op: 'd', transaction, ordinal: 2 }),
]

/** Two records a delete, one otherwise. */
const format: Format = {
  encode(event, into) {
    for (let number = 0; number < (event.op === 'd' ? 2 : 1); number++) into.append(0, `${event.ordinal}.${event.part}.${number}`, ABSENT, ABSENT, ABSENT, ABSENT, [])
  },
}

function eventsOf(skip: number, limit: number): unknown {
  const { batch, units, position, partial } = new Dispatcher({ accepts: 'events' }, undefined).prepare(batchOf(EVENTS, 0), 0n, skip, limit)
  return [batch.events.map(({ ordinal, part }) => `${ordinal}.${part}`), units, position.toString(), partial]
}

function recordsOf(skip: number, limit: number): unknown {
  const { batch, units, position, partial } = new Dispatcher({ accepts: 'records' }, format).prepare(batchOf(EVENTS, 0), 0n, skip, limit)
  const records = batch.records!
  return [records.destination.slice(records.first, records.end), units, position.toString(), partial]
}

describe('a batch is cut at exactly so many', () => {
  test.each<[skip: number, limit: number, expected: unknown]>([
    [0, Infinity, [['0.0', '1.0', '1.1', '2.0'], 4, '4', 0]],
    [0, 1, [['0.0'], 1, '1', 0]],
    [0, 2, [['0.0', '1.0'], 2, '1', 1]],
    [0, 3, [['0.0', '1.0', '1.1'], 3, '3', 0]],
    [1, Infinity, [['1.0', '1.1', '2.0'], 3, '4', 0]],
    [2, 1, [['1.1'], 1, '3', 0]],
  ])('events: %i done before, %i at most', (skip, limit, expected) => {
    expect(eventsOf(skip, limit)).toEqual(expected)
  })

  test.each<[skip: number, limit: number, expected: unknown]>([
    [0, Infinity, [['0.0.0', '1.0.0', '1.0.1', '1.1.0', '2.0.0', '2.0.1'], 6, '4', 0]],
    [0, 2, [['0.0.0', '1.0.0'], 2, '1', 1]],
    [0, 3, [['0.0.0', '1.0.0', '1.0.1'], 3, '1', 2]],
    [0, 4, [['0.0.0', '1.0.0', '1.0.1', '1.1.0'], 4, '3', 0]],
    [0, 5, [['0.0.0', '1.0.0', '1.0.1', '1.1.0', '2.0.0'], 5, '3', 1]],
    [2, Infinity, [['1.0.1', '1.1.0', '2.0.0', '2.0.1'], 4, '4', 0]],
    [2, 1, [['1.0.1'], 1, '1', 2]],
  ])('records: %i done before, %i at most', (skip, limit, expected) => {
    expect(recordsOf(skip, limit)).toEqual(expected)
  })

  test('a transaction’s beginning is not cut from the change that it comes with, though it comes with another that is left out', () => {
    const marker = (op: 'b' | 'e', ordinal: number): ChangeEvent => new ChangeEvent(op, EVENTS[0]!.table, transaction, 'false', 0, 0, ordinal, 0, undefined, undefined, undefined, { id: 'x', counts: undefined })
    const cut = (events: readonly ChangeEvent[], limit: number): unknown => {
      const { position, partial } = new Dispatcher({ accepts: 'events' }, undefined).prepare(batchOf(events, 0), 0n, 0, limit)
      return [position.toString(), partial]
    }
    const keyUpdate = [marker('b', 1), EVENTS[1]!, EVENTS[2]!, marker('e', 2)]
    expect([1, 2, 3].map((limit) => cut(keyUpdate, limit))).toEqual([['0', 1], ['0', 2], ['3', 0]])
    expect(cut([marker('b', 0), EVENTS[1]!], 1)).toEqual(['1', 0])
  })

  test('stopping anywhere and going on from there gives every record once', () => {
    const whole = (recordsOf(0, Infinity) as [string[]])[0]
    for (let limit = 1; limit < whole.length; limit++) {
      const [head, , at, partial] = recordsOf(0, limit) as [string[], number, string, number]
      const rest = new Dispatcher({ accepts: 'records' }, format).prepare(batchOf(EVENTS.slice(Number(at)), Number(at)), 0n, partial, Infinity).batch.records!
      expect([...head, ...rest.destination.slice(rest.first, rest.end)]).toEqual(whole)
    }
  })

  test('a batch without events keeps what is done of the next change, and its barrier', () => {
    const delivery = new Dispatcher({ accepts: 'records' }, format).prepare(batchOf([], 9, true), 0n, 2, 5)
    expect([delivery.units, delivery.position.toString(), delivery.partial, delivery.barrier]).toEqual([0, '9', 2, true])
  })

  test('two batches in a row lie in two buffers', () => {
    const dispatcher = new Dispatcher({ accepts: 'records' }, format)
    const [first, second, third] = [0, 1, 2].map(() => dispatcher.prepare(batchOf(EVENTS, 0), 0n, 0, Infinity).batch.records)
    // not toBe: it would print a megabyte
    expect([first === second, first === third]).toEqual([false, true])
  })
})

import assert from 'node:assert/strict'
import { isTailraceError } from '../error/tailrace-error.ts'
import { reachNothing } from '../observe/failpoint.ts'
import { silentLogger } from '../observe/logger.ts'
import type { Batch, Sink } from '../sink/sink.ts'
import { sampleEvents, sampleRecords, type SampleRecord } from './sample-event.ts'
import type { ReceivedRecord, SinkPlace } from './sink-place.ts'
import { systemClock } from '../time/clock.ts'

/** Rejects when the sink on the bench breaks the rule. */
export type Rule = (bench: Bench) => Promise<void>

/** How long a sink may take to let go after an abort, milliseconds. */
const LET_GO_MS = 5_000

/** A sink and its destination, and batches of numbered units to send through. */
export class Bench {
  readonly accepts: Sink['accepts']
  readonly place: SinkPlace
  readonly sink: Sink
  readonly #abort = new AbortController()
  #sent: (ReceivedRecord | string)[] = []
  #next = 1

  constructor(accepts: Sink['accepts'], place: SinkPlace) {
    this.accepts = accepts
    this.place = place
    this.sink = place.sink()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** As an engine does before the first write. */
  async open(): Promise<void> {
    await this.sink.open?.({ engine: 'sample', clock: systemClock, random: Math.random, logger: silentLogger, reach: reachNothing, warn: () => {} }, this.signal)
  }

  /** The next `count` numbered units, and what should come out. */
  batch(count: number): { readonly batch: Batch; readonly expected: (ReceivedRecord | string)[] } {
    const first = this.#next
    this.#next += count
    const events = sampleEvents(count, first)
    if (this.accepts === 'events') return { batch: { events, records: undefined }, expected: events.map(({ id }) => id) }
    const records = Array.from({ length: count }, (_, index): SampleRecord => ({
      destination: `sample.public.orders${(first + index) % 3}`, key: `{"id":${first + index}}`, value: `{"name":"row ${first + index}"}`, headers: { number: String(first + index) },
    }))
    return { batch: { events, records: sampleRecords(records) }, expected: records.map(received) }
  }

  /** Writes `count` units and waits. */
  async write(count: number): Promise<'durable' | 'accepted'> {
    const { batch, expected } = this.batch(count)
    const status = await this.sink.write(batch, this.signal)
    assert.ok(status === 'durable' || status === 'accepted', `write resolves durable or accepted, not ${String(status)}`)
    this.#sent.push(...expected)
    return status
  }

  async flush(): Promise<void> {
    await this.sink.flush(this.signal)
  }

  /** Everything that was written is there, once, in order, and nothing else. */
  async expectAll(): Promise<void> {
    await this.expect(this.#sent)
  }

  /** These are there, once, in the order that the destination keeps, and nothing else. */
  async expect(sent: readonly (ReceivedRecord | string)[]): Promise<void> {
    const { place } = this
    const there = await place.received()
    const expected = sent.map((unit) => (typeof unit === 'string' ? unit : (place.arrives?.(unit) ?? unit)))
    assert.equal(there.length, expected.length)
    const [left, right] = place.order === 'key' ? [byKey(there), byKey(expected)] : [there, expected]
    // compared one by one: a difference in a large batch should name the record
    right.forEach((unit, index) => assert.deepEqual(left[index], unit, `unit ${index}`))
  }
}

/** Sorting is stable: what has one key stays in order. */
function byKey(units: readonly (ReceivedRecord | string)[]): (ReceivedRecord | string)[] {
  const keyOf = (unit: ReceivedRecord | string): string => (typeof unit === 'string' ? unit : JSON.stringify([unit.destination, unit.key]))
  return [...units].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : 0))
}

export function received(record: SampleRecord): ReceivedRecord {
  return { headers: {}, ...record }
}

export const COMMON_RULES: Readonly<Record<string, Rule>> = {
  'it says what it takes': async ({ sink, accepts }) => {
    assert.equal(sink.accepts, accepts)
  },

  'batches arrive whole, once and in order': async (bench) => {
    for (const count of [1, 3, 100, 1, 17]) await bench.write(count)
    await bench.flush()
    await bench.expectAll()
  },

  'what it calls durable is there without a flush, with all that it accepted before': async (bench) => {
    for (let number = 0; number < 20; number++) {
      if ((await bench.write(5)) === 'durable') await bench.expectAll()
    }
  },

  'a flush makes everything durable, and finds nothing to do the second time': async (bench) => {
    await bench.flush()
    await bench.write(3)
    await bench.flush()
    await bench.expectAll()
    await bench.flush()
    await bench.write(2)
    await bench.flush()
    await bench.expectAll()
  },

  'a batch is the caller’s again once the write has resolved': async (bench) => {
    const { batch } = bench.batch(10)
    const events = [...batch.events]
    await bench.sink.write(batch, bench.signal)
    assert.deepEqual(batch.events, events, 'the list of events was changed')
    batch.records?.bytes.fill(0xff)
    batch.records?.clear(0)
    ;(batch.events as unknown[]).length = 0
    await bench.flush()
    await bench.expect(expectedFirst(bench, 10))
  },

  'a write lets go when its signal aborts': async (bench) => {
    const abort = new AbortController()
    const write = bench.sink.write(bench.batch(50).batch, abort.signal)
    abort.abort(new Error('the engine stops'))
    await settles(write, 'a write')
    await settles(bench.sink.write(bench.batch(1).batch, abort.signal), 'a write that begins aborted')
  },

  'a flush lets go when its signal aborts': async (bench) => {
    await bench.write(5)
    const abort = new AbortController()
    const flush = bench.sink.flush(abort.signal)
    abort.abort(new Error('the engine stops'))
    await settles(flush, 'a flush')
  },

  'a destination that refuses rejects the write or the flush, with a coded error': async (bench) => {
    await bench.write(2)
    await bench.flush()
    if (bench.place.refuse === undefined) return
    await bench.place.refuse()
    const failure: unknown = await bench.sink.write(bench.batch(3).batch, bench.signal).then((status) => (status === 'durable' ? undefined : bench.flush())).then(() => undefined, (error: unknown) => error)
    assert.ok(isTailraceError(failure), `expected a coded error, got ${String(failure)}`)
    assert.notEqual(failure.kind, 'transient', 'a rejection is final: the sink retries by itself')
  },

  'disposing does no harm twice, nor before anything was written': async ({ sink }) => {
    await sink[Symbol.asyncDispose]()
    await Promise.all([sink[Symbol.asyncDispose](), sink[Symbol.asyncDispose]()])
  },

  'disposing keeps what was durable': async (bench) => {
    await bench.write(4)
    await bench.flush()
    await bench.sink[Symbol.asyncDispose]()
    await bench.expectAll()
  },
}

/** What the first `count` units of a bench look like at the other end. */
function expectedFirst(bench: Bench, count: number): (ReceivedRecord | string)[] {
  return new Bench(bench.accepts, { ...bench.place, sink: () => bench.sink }).batch(count).expected
}

async function settles(work: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} has not settled ${LET_GO_MS} ms after the abort`)), LET_GO_MS)
  })
  try {
    await Promise.race([work.then(() => undefined, () => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}

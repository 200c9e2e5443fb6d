import assert from 'node:assert/strict'
import { isTailraceError } from '../error/tailrace-error.ts'
import type { ErrorCode } from '../error/code.ts'
import { silentLogger } from '../observe/logger.ts'
import type { HistoryContext, SchemaHistory } from '../schema-history/history.ts'
import type { HistoryRecord } from '../schema-history/record.ts'
import { systemClock } from '../time/clock.ts'
import type { ConformanceCheck } from './conformance-check.ts'
import { richHistoryRecords, sampleHistoryRecord } from './sample-history.ts'

/** A place that holds one schema history, empty at first. */
export interface HistoryPlace {
  /** A history onto the place. Each call gives another one onto the same place; one that keeps its records in itself is returned again and again. */
  history(): SchemaHistory
  /** The place is held by the newest history that opened it: an older one's records are refused. Default: it is held by the first. */
  readonly newestHolds?: boolean
  /** Removes the place, once all its histories are disposed. */
  remove?(): Promise<void>
}

const CONTEXT: HistoryContext = { clock: systemClock, logger: silentLogger }
const SIGNAL = new AbortController().signal

/**
 * The rules of {@link SchemaHistory}, to be run with any test runner. `make` gives a new, empty place for each check.
 *
 *     for (const check of schemaHistoryConformance(make)) test(check.name, check.run)
 */
export function schemaHistoryConformance(make: () => HistoryPlace | Promise<HistoryPlace>): readonly ConformanceCheck[] {
  return Object.entries(RULES).map(([name, rules]) => ({
    name,
    async run() {
      const place = await make()
      const rule = typeof rules === 'function' ? rules : rules[place.newestHolds === true ? 'newest' : 'first']
      const histories: SchemaHistory[] = []
      try {
        await rule(() => {
          const history = place.history()
          histories.push(history)
          return history
        })
      } finally {
        for (const history of histories) await history[Symbol.asyncDispose]()
        await place.remove?.()
      }
    },
  }))
}

type Make = () => SchemaHistory
type Rule = (make: Make) => Promise<void>

/** By name; where who holds the place is another one, both. */
const RULES: Readonly<Record<string, Rule | { readonly first: Rule; readonly newest: Rule }>> = {
  'an empty place has no records': async (make) => {
    assert.deepEqual(await reopened(make), [])
    assert.deepEqual(await reopened(make), [])
  },

  'records are read back in their order, with every member, also while it is open': async (make) => {
    const rich = richHistoryRecords()
    const history = await opened(make)
    for (const record of rich) await history.append([record])
    assert.deepEqual(await all(history), rich)
    await history.append([sampleHistoryRecord(1)])
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), [...rich, sampleHistoryRecord(1)])
  },

  'records that are appended after reopening follow': async (make) => {
    for (let number = 1; number <= 3; number++) {
      await using history = await opened(make)
      await history.append([sampleHistoryRecord(number)])
    }
    assert.deepEqual(await reopened(make), numbered(3))
  },

  'ten thousand records': async (make) => {
    const records = numbered(10_000)
    const history = await opened(make)
    for (let at = 0; at < records.length; at += 1000) await history.append(records.slice(at, at + 1000))
    assert.deepEqual(await all(history), records)
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), records)
  },

  'a statement of half a megabyte': async (make) => {
    const records = [sampleHistoryRecord(1), { ...sampleHistoryRecord(2), ddl: `CREATE TABLE t (${'c INT COMMENT "größe", '.repeat(22_000)})` }, sampleHistoryRecord(3)]
    const history = await opened(make)
    await history.append(records)
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), records)
  },

  'many appends at once keep their order': async (make) => {
    const history = await opened(make)
    await Promise.all(numbered(100).map((record) => history.append([record])))
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), numbered(100))
  },

  'appending nothing adds nothing, the same twice is there twice': async (make) => {
    const history = await opened(make)
    await history.append([])
    await history.append([sampleHistoryRecord(1)])
    await history.append([sampleHistoryRecord(1)])
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), [sampleHistoryRecord(1), sampleHistoryRecord(1)])
  },

  'disposing waits for appends under way': async (make) => {
    const history = await opened(make)
    const appends = numbered(3).map((record) => history.append([record]))
    await history[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(make), numbered(3))
    await Promise.all(appends)
  },

  'changing a record that was appended or read changes nothing stored': async (make) => {
    const history = await opened(make)
    const record = { ...sampleHistoryRecord(1), position: { pos: 1 } }
    const appended = history.append([record])
    record.position.pos = 2
    await appended
    for (const read of await all(history)) Object.assign(read.position, { pos: 3 })
    assert.deepEqual((await all(history)).map(({ position }) => position), [{ pos: 1 }])
  },

  'reading may be ended early, and begun again while it goes on': async (make) => {
    const history = await opened(make)
    await history.append(numbered(5))
    for await (const record of history.records(SIGNAL)) {
      assert.deepEqual(record, sampleHistoryRecord(1))
      assert.deepEqual(await all(history), numbered(5))
      break
    }
    await history.append([sampleHistoryRecord(6)])
    assert.deepEqual(await all(history), numbered(6))
  },

  'a history that is not open, or disposed, gives and takes nothing': async (make) => {
    const history = make()
    await rejects('TR_HISTORY_WRITE', history.append([sampleHistoryRecord(1)]))
    await rejects('TR_HISTORY_READ', all(history))
    await history.open(CONTEXT, SIGNAL)
    await history[Symbol.asyncDispose]()
    await rejects('TR_HISTORY_WRITE', history.append([sampleHistoryRecord(1)]))
    await rejects('TR_HISTORY_READ', all(history))
    assert.deepEqual(await reopened(make), [])
  },

  'disposing twice, or before opening, does no harm': async (make) => {
    const history = make()
    await history[Symbol.asyncDispose]()
    await history.open(CONTEXT, SIGNAL)
    await history.append([sampleHistoryRecord(1)])
    await Promise.all([history[Symbol.asyncDispose](), history[Symbol.asyncDispose]()])
    await history[Symbol.asyncDispose]()
    await history.open(CONTEXT, SIGNAL)
    assert.deepEqual(await all(history), numbered(1))
  },

  'one engine alone writes': {
    first: async (make) => {
      const holder = await opened(make)
      await rejects('TR_HISTORY_LOCKED', make().open(CONTEXT, SIGNAL))
      await rejects('TR_HISTORY_LOCKED', holder.open(CONTEXT, SIGNAL))
      await holder.append(numbered(1))
      await holder[Symbol.asyncDispose]()
      assert.deepEqual(await reopened(make), numbered(1))
    },
    newest: async (make) => {
      const older = await opened(make)
      await older.append(numbered(1))
      await rejects('TR_HISTORY_LOCKED', older.open(CONTEXT, SIGNAL))
      const newer = await opened(make)
      assert.deepEqual(await all(newer), numbered(1))
      await rejects('TR_HISTORY_LOCKED', older.append([sampleHistoryRecord(9)]))
      await newer.append([sampleHistoryRecord(2)])
      await rejects('TR_HISTORY_LOCKED', older.append([sampleHistoryRecord(9)]))
      await newer.append([sampleHistoryRecord(3)])
      await newer[Symbol.asyncDispose]()
      assert.deepEqual(await reopened(make), numbered(3))
    },
  },
}

async function opened(make: Make): Promise<SchemaHistory> {
  const history = make()
  await history.open(CONTEXT, SIGNAL)
  return history
}

async function all(history: SchemaHistory): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = []
  for await (const record of history.records(SIGNAL)) records.push(record)
  return records
}

/** What the place holds, read by a history that is disposed again. */
async function reopened(make: Make): Promise<HistoryRecord[]> {
  await using history = await opened(make)
  return await all(history)
}

function numbered(count: number): HistoryRecord[] {
  return Array.from({ length: count }, (_, index) => sampleHistoryRecord(index + 1))
}

async function rejects(code: ErrorCode, result: Promise<unknown>): Promise<void> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(isTailraceError(error), `expected ${code}, got ${String(error)}`)
  assert.equal(error.code, code)
}

import assert from 'node:assert/strict'
import { isTailraceError } from '../error/tailrace-error.ts'
import type { ErrorCode } from '../error/code.ts'
import type { OffsetStore, StoredOffset } from '../offset/offset-store.ts'
import type { ConformanceCheck } from './conformance-check.ts'

/** A place that holds one engine's offset, empty at first. */
export interface OffsetPlace {
  /**
   * A store onto the place. Each call gives another store onto the same place; a store that keeps its offset in
   * itself is returned again and again.
   */
  store(): OffsetStore
  /**
   * One place for the offsets of many engines, held by the newest store that opened it: an older one's saves are refused. Default: a place
   * for one engine, held by the first.
   */
  readonly shared?: boolean
  /** Removes the place, once all its stores are disposed. */
  remove?(): Promise<void>
}

const ENGINE = 'conformance'

/**
 * The rules of {@link OffsetStore}, to be run with any test runner. `make` gives a new, empty place for each check.
 *
 *     for (const check of offsetStoreConformance(make)) test(check.name, check.run)
 */
export function offsetStoreConformance(make: () => OffsetPlace | Promise<OffsetPlace>): readonly ConformanceCheck[] {
  return Object.entries(RULES).map(([name, rules]) => ({
    name,
    async run() {
      const place = await make()
      const rule = typeof rules === 'function' ? rules : rules[place.shared === true ? 'shared' : 'own']
      const stores: OffsetStore[] = []
      const open = (): OffsetStore => {
        const store = place.store()
        stores.push(store)
        return store
      }
      try {
        await rule(open)
      } finally {
        for (const store of stores) await store[Symbol.asyncDispose]()
        await place.remove?.()
      }
    },
  }))
}

type Rule = (open: () => OffsetStore) => Promise<void>

/** By name; where a shared place has another rule, both. */
const RULES: Readonly<Record<string, Rule | { readonly own: Rule; readonly shared: Rule }>> = {
  'an empty place has no offset': async (open) => {
    assert.equal(await open().load(ENGINE), undefined)
  },

  'what was saved is loaded after reopening': async (open) => {
    for (const offset of [plain(1), rich(), { ...plain(2), partial: 1 }, plain(3)]) {
      const store = open()
      await store.load(ENGINE)
      await store.save(offset)
      await store[Symbol.asyncDispose]()
      assert.deepEqual(await reopened(open), offset)
    }
  },

  'members that are undefined are left out': async (open) => {
    const store = open()
    await store.load(ENGINE)
    await store.save({ ...plain(1), position: { lsn: '0/1', nothing: undefined, inner: { nothing: undefined } } })
    await store[Symbol.asyncDispose]()
    assert.deepEqual((await reopened(open))?.position, { lsn: '0/1', inner: {} })
  },

  'what JSON cannot hold is refused, and the stored offset stays': async (open) => {
    const store = open()
    await store.load(ENGINE)
    await store.save(plain(1))
    for (const value of [NaN, Infinity, 1n, new Date(0), () => 1, Symbol('s')]) {
      await rejects('TR_OFFSET_WRITE', store.save({ ...plain(2), position: { value: value as never } }))
    }
    await store[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(open), plain(1))
  },

  'changing an object that was saved or loaded changes nothing stored': async (open) => {
    const store = open()
    await store.load(ENGINE)
    const offset = { ...plain(1), position: { lsn: '0/1' } }
    const saved = store.save(offset)
    offset.position.lsn = '0/2'
    await saved
    await store[Symbol.asyncDispose]()
    const loaded = await reopened(open)
    Object.assign(loaded!.position, { lsn: '0/3' })
    assert.deepEqual((await reopened(open))?.position, { lsn: '0/1' })
  },

  'of many saves at once the last stays, and each has resolved': async (open) => {
    const store = open()
    await store.load(ENGINE)
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.save(plain(index + 1))))
    await store[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(open), plain(100))
  },

  'disposing waits for saves under way': async (open) => {
    const store = open()
    await store.load(ENGINE)
    const saves = [store.save(plain(1)), store.save(plain(2)), store.save(plain(3))]
    await store[Symbol.asyncDispose]()
    assert.deepEqual(await reopened(open), plain(3))
    await Promise.all(saves)
  },

  'while one holds the place nobody else does': {
    own: async (open) => {
      const holder = open()
      await holder.load(ENGINE)
      await rejects('TR_OFFSET_LOCKED', open().load(ENGINE))
      await rejects('TR_OFFSET_LOCKED', open().load('another'))
      await rejects('TR_OFFSET_LOCKED', holder.load(ENGINE))
      await holder.save(plain(1))
      await holder[Symbol.asyncDispose]()
      assert.deepEqual(await reopened(open), plain(1))
    },
    shared: async (open) => {
      const older = open()
      await older.load(ENGINE)
      await older.save(plain(1))
      await rejects('TR_OFFSET_LOCKED', older.load(ENGINE))
      const newer = open()
      assert.deepEqual(await newer.load(ENGINE), plain(1))
      await rejects('TR_OFFSET_LOCKED', older.save(plain(2)))
      await newer.save(plain(3))
      await rejects('TR_OFFSET_LOCKED', older.save(plain(4)))
      await newer[Symbol.asyncDispose]()
      assert.deepEqual(await reopened(open), plain(3))
    },
  },

  'of many that load at once, one holds the place': {
    own: async (open) => {
      const stores = Array.from({ length: 8 }, open)
      const results = await Promise.allSettled(stores.map((store) => store.load(ENGINE)))
      expectOneOf(stores.length, results)
    },
    shared: async (open) => {
      const stores = Array.from({ length: 4 }, open)
      await Promise.all(stores.map((store) => store.load(ENGINE)))
      const results = []
      for (const [index, store] of stores.entries()) results.push(...(await Promise.allSettled([store.save(plain(index + 1))])))
      expectOneOf(stores.length, results)
      const holder = results.findIndex(({ status }) => status === 'fulfilled')
      assert.deepEqual(await reopened(open), plain(holder + 1))
    },
  },

  'another engine’s offset is no offset of this one': {
    own: async (open) => {
      const store = open()
      await store.load(ENGINE)
      await store.save(plain(1))
      await rejects('TR_OFFSET_FOREIGN', store.save({ ...plain(2), engine: 'another' }))
      await store[Symbol.asyncDispose]()
      await rejects('TR_OFFSET_FOREIGN', open().load('another'))
      assert.deepEqual(await reopened(open), plain(1))
    },
    shared: async (open) => {
      const store = open()
      await store.load(ENGINE)
      await store.save(plain(1))
      await rejects('TR_OFFSET_FOREIGN', store.save({ ...plain(2), engine: 'another' }))
      const another = open()
      assert.equal(await another.load('another'), undefined)
      await another.save({ ...plain(2), engine: 'another' })
      await store.save(plain(3))
      await Promise.all([store[Symbol.asyncDispose](), another[Symbol.asyncDispose]()])
      assert.deepEqual(await reopened(open), plain(3))
      await using again = open()
      assert.deepEqual(await again.load('another'), { ...plain(2), engine: 'another' })
    },
  },

  'a store that is not loaded, or disposed, saves nothing': async (open) => {
    await rejects('TR_OFFSET_WRITE', open().save(plain(1)))
    const store = open()
    await store.load(ENGINE)
    await store[Symbol.asyncDispose]()
    await rejects('TR_OFFSET_WRITE', store.save(plain(1)))
    assert.equal(await reopened(open), undefined)
  },

  'disposing twice, or before loading, does no harm': async (open) => {
    const store = open()
    await store[Symbol.asyncDispose]()
    await store.load(ENGINE)
    await store.save(plain(1))
    await Promise.all([store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()])
    await store[Symbol.asyncDispose]()
    assert.deepEqual(await store.load(ENGINE), plain(1))
  },
}

/** All but one were refused, for the one holds the place. */
function expectOneOf(stores: number, results: readonly PromiseSettledResult<unknown>[]): void {
  const refusals = results.filter((result) => result.status === 'rejected').map((result): unknown => result.reason)
  assert.equal(refusals.length, stores - 1)
  for (const refusal of refusals) assert.equal(isTailraceError(refusal) ? refusal.code : refusal, 'TR_OFFSET_LOCKED')
}

/** What the place holds, read by a store that is disposed again. */
async function reopened(open: () => OffsetStore): Promise<StoredOffset | undefined> {
  await using store = open()
  return await store.load(ENGINE)
}

async function rejects(code: ErrorCode, result: Promise<unknown>): Promise<void> {
  const error: unknown = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(isTailraceError(error), `expected ${code}, got ${String(error)}`)
  assert.equal(error.code, code)
}

function plain(step: number): StoredOffset {
  return { engine: ENGINE, source: 'postgresql', identity: { slot: 'orders' }, position: { lsn: `0/${step.toString(16).toUpperCase()}` } }
}

function rich(): StoredOffset {
  return {
    engine: ENGINE,
    source: 'postgresql',
    identity: { system: '7318349394477056042', timeline: 1, tables: ['public.orders', 'public."Straße"'], nested: { deep: [{ a: null }, [true, false, []]], empty: {} } },
    position: {
      lsn: '16/B374D848',
      text: 'quote " backslash \\ newline \n zero \u0000 emoji 🐘 lone \ud800',
      ['__proto__']: 'a key like any other',
      '': 'an empty key',
      numbers: [0, -1, 1.5, 1e300, Number.MAX_SAFE_INTEGER, 5e-324],
    },
    partial: 2,
  }
}

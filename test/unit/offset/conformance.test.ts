import { expect, describe, test } from 'vitest'
import { memoryOffsets } from '../../../src/offset/memory/memory-offsets.ts'
import { debeziumFileOffsets } from '../../../src/offset/debezium/debezium-file-offsets.ts'
import { fileOffsets } from '../../../src/offset/file/file-offsets.ts'
import type { OffsetStore } from '../../../src/offset/offset-store.ts'
import { offsetStoreConformance, type OffsetPlace } from '../../../src/testing/offset-store-conformance.ts'
import { temporaryFolder } from './folder.ts'

async function filePlace(): Promise<OffsetPlace> {
  const folder = await temporaryFolder()
  return { store: () => fileOffsets(`${folder.path}/orders.offset.json`), remove: async () => folder[Symbol.asyncDispose]() }
}

async function debeziumPlace(): Promise<OffsetPlace> {
  const folder = await temporaryFolder()
  return { store: () => debeziumFileOffsets(`${folder.path}/offsets.dat`, { server: 'shop' }), remove: async () => folder[Symbol.asyncDispose]() }
}

function memoryPlace(): OffsetPlace {
  const store = memoryOffsets()
  return { store: () => store }
}

describe('an offset file', () => {
  for (const check of offsetStoreConformance(filePlace)) test(check.name, () => check.run())
})

describe('an offset file of Debezium’s', () => {
  for (const check of offsetStoreConformance(debeziumPlace)) test(check.name, () => check.run())
})

describe('an offset in memory', () => {
  for (const check of offsetStoreConformance(memoryPlace)) test(check.name, () => check.run())

  test('it shows the offset, which outlives the engine', async () => {
    const initial = { engine: 'orders', source: 'postgresql', identity: { slot: 's' }, position: { lsn: '0/1' } }
    const store = memoryOffsets(initial)
    expect(store.current).toEqual(initial)
    expect(await store.load('orders')).toEqual(initial)
    await store.save({ ...initial, position: { lsn: '0/2' } })
    await store[Symbol.asyncDispose]()
    expect(store.current?.position).toEqual({ lsn: '0/2' })
    expect(memoryOffsets().current).toBeUndefined()
  })
})

describe('the conformance checks themselves', () => {
  // Each store breaks one rule of the contract; the checks that notice are named.
  const broken: Record<string, { change: (store: OffsetStore) => Partial<OffsetStore>; caught: string[] }> = {
    'a store that holds nothing exclusively': {
      change: (inner) => ({
        load: async (engine) => {
          await inner[Symbol.asyncDispose]()
          return inner.load(engine)
        },
      }),
      caught: ['while one holds the place nobody else does'],
    },
    'a store that takes every error for no offset': {
      change: (inner) => ({ load: (engine) => inner.load(engine).catch(() => undefined) }),
      caught: [
        'while one holds the place nobody else does',
        'of many that load at once, one holds the place',
      ],
    },
    'a store that saves too late': {
      change: (inner) => ({
        save: async (offset) => {
          setImmediate(() => void inner.save(offset).catch(() => {}))
        },
      }),
      caught: ['what was saved is loaded after reopening', 'disposing waits for saves under way', 'a store that is not loaded, or disposed, saves nothing'],
    },
    'a store that drops every second offset': {
      change: (inner) => {
        let count = 0
        return { save: (offset) => (++count % 2 === 0 ? Promise.resolve() : inner.save(offset)) }
      },
      caught: ['what was saved is loaded after reopening', 'of many saves at once the last stays, and each has resolved'],
    },
  }
  for (const [name, { change, caught }] of Object.entries(broken)) {
    test(`${name} does not pass`, async () => {
      const failed: string[] = []
      const checks = offsetStoreConformance(() => {
        const inner = memoryOffsets()
        const store = { load: inner.load.bind(inner), save: inner.save.bind(inner), [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](), ...change(inner) }
        return { store: () => store }
      })
      for (const check of checks) await check.run().catch(() => failed.push(check.name))
      expect(failed).toEqual(expect.arrayContaining(caught))
    })
  }
})

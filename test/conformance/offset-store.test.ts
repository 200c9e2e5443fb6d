import { describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileOffsets } from '../../src/index.ts'
import { faultyOffsets, faultySink, memoryOffsets, memorySink, offsetStoreConformance, sampleEvents, type OffsetPlace } from '../../src/testing/index.ts'

function filePlace(): OffsetPlace {
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-conformance-'))
  return { store: () => fileOffsets(path.join(folder, 'orders.offset.json')), remove: async () => rmSync(folder, { recursive: true }) }
}

function memoryPlace(wrap: typeof memoryOffsets | (() => ReturnType<typeof faultyOffsets>)): OffsetPlace {
  const store = wrap()
  return { store: () => store }
}

describe('an offset file', () => {
  for (const check of offsetStoreConformance(filePlace)) test(check.name, () => check.run())
})

describe('an offset in memory', () => {
  for (const check of offsetStoreConformance(() => memoryPlace(memoryOffsets))) test(check.name, () => check.run())
})

describe('the faulty store without a fault', () => {
  for (const check of offsetStoreConformance(() => memoryPlace(() => faultyOffsets(memoryOffsets())))) test(check.name, () => check.run())
})

describe('what can be made to fail', () => {
  const signal = new AbortController().signal
  const batch = { events: sampleEvents(1), records: undefined }
  const offset = { engine: 'orders', source: 'sample', identity: {}, position: { n: 1 } }

  test('the call that is named fails, with the code a real one has, the others do not', async () => {
    const inner = memorySink({ accepts: 'events' })
    const sink = faultySink(inner, { write: { 2: { fault: 'reject' }, 3: { fault: 'reject', done: true, error: new Error('reply lost') } } })
    expect(await sink.write(batch, signal)).toBe('durable')
    await expect(sink.write(batch, signal)).rejects.toMatchObject({ code: 'TR_SINK_FAILED' })
    await expect(sink.write(batch, signal)).rejects.toThrow('reply lost')
    expect([sink.writes, inner.events.length]).toEqual([3, 2])
  })

  test('durable becomes accepted, a delay waits by the clock, and never is never', async () => {
    const waits: [number, () => void][] = []
    const clock = { nowMicros: () => 0n, monotonicMs: () => 0, after: (ms: number, callback: () => void) => (waits.push([ms, callback]), () => {}) }
    const sink = faultySink(memorySink({ accepts: 'events' }), { clock, write: { 1: { fault: 'accepted' }, 2: { fault: 'delay', ms: 70 }, 3: { fault: 'never' } }, flush: () => ({ fault: 'reject' }) })
    expect(await sink.write(batch, signal)).toBe('accepted')
    const delayed = sink.write(batch, signal)
    expect(waits.map(([ms]) => ms)).toEqual([70])
    waits[0]![1]()
    expect(await delayed).toBe('durable')
    const never = sink.write(batch, signal).then(() => 'settled')
    expect(await Promise.race([never, new Promise((resolve) => setImmediate(resolve, 'pending'))])).toBe('pending')
    await expect(sink.flush(signal)).rejects.toMatchObject({ code: 'TR_SINK_FAILED' })
  })

  test('a store that fails to save, before or after it did', async () => {
    const inner = memoryOffsets()
    const store = faultyOffsets(inner, { save: { 1: { fault: 'reject' }, 2: { fault: 'reject', done: true } } })
    await store.load('orders')
    await expect(store.save(offset)).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE' })
    expect(inner.current).toBeUndefined()
    await expect(store.save(offset)).rejects.toMatchObject({ code: 'TR_OFFSET_WRITE' })
    expect(inner.current).toEqual(offset)
  })
})

import { expect, it } from 'vitest'
import { createEngine, memoryOffsets, type EngineOptions } from '../../../src/index.ts'
import { postgres, type PostgresOptions } from '../../../src/source/postgres/index.ts'

const source = postgres({ connection: 'postgres://127.0.0.1/none' })
const good: EngineOptions = { name: 'orders', source, offsets: memoryOffsets(), sink: () => {} }

function problems(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    expect(error).toMatchObject({ code: 'TR_CONFIG_INVALID', kind: 'definite' })
    return (error as Error).message
  }
  throw new Error('it was taken')
}

it('options that hold, limits of Infinity among them', () => {
  expect(() => createEngine({ ...good, retry: { maxAttempts: Infinity }, stopAfter: 1, offsetFlush: { intervalMs: 0 }, limits: { maxBatchEvents: 1 } })).not.toThrow()
})

it('everything that does not hold is named in one error', () => {
  const bad = { name: '', source: {}, offsets: undefined, sink: 'kafka', limits: { maxBatchEvents: 0, maxBatchBytes: 1.5 }, retry: { maxAttempts: -1 }, stopAfter: NaN, stopWhenIdleMs: '5' }
  const message = problems(() => createEngine(bad as unknown as EngineOptions))
  for (const name of ['name', 'source', 'offsets', 'sink', 'limits.maxBatchEvents', 'limits.maxBatchBytes', 'retry.maxAttempts', 'stopAfter', 'stopWhenIdleMs']) expect(message).toContain(`${name} must be`)
})

it('words of the PostgreSQL options that are none are named, all at once', () => {
  const bad = { connection: 'postgres://127.0.0.1/none', snapshot: { mode: 'allways' }, publication: { create: 'yes' }, skippedOperations: ['x'], slot: { name: 'Upper' } }
  const message = problems(() => postgres(bad as unknown as PostgresOptions))
  for (const name of ['snapshot.mode', 'publication.create', 'skippedOperations', 'slot.name']) expect(message).toContain(name)
})

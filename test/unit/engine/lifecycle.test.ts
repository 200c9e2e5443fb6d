import { expect, test } from 'vitest'
import { Lifecycle, type EngineState } from '../../../src/engine/lifecycle.ts'

test('the usual way, and each move is told once', () => {
  const moves: string[] = []
  const lifecycle = new Lifecycle((state, from) => moves.push(`${from} ${state}`))
  for (const state of ['preflight', 'snapshot', 'snapshot', 'streaming', 'draining', 'stopped'] as const) lifecycle.enter(state)
  expect(moves).toEqual(['idle preflight', 'preflight snapshot', 'snapshot streaming', 'streaming draining', 'draining stopped'])
  expect(lifecycle.ended).toBe(true)
})

test.each<[readonly EngineState[], EngineState]>([
  [[], 'streaming'],
  [['stopped'], 'preflight'],
  [['preflight', 'failed'], 'draining'],
  [['preflight', 'streaming', 'draining'], 'streaming'],
  [['preflight', 'streaming'], 'stopped'],
])('after %j there is no way to %s', (way, state) => {
  const lifecycle = new Lifecycle(() => {})
  for (const step of way) lifecycle.enter(step)
  const before = lifecycle.state
  expect(() => lifecycle.enter(state)).toThrow(expect.objectContaining({ code: 'TR_ENGINE_INVARIANT' }) as Error)
  expect(lifecycle.state).toBe(before)
})

import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine } from '../../src/engine/engine.ts'
import { simulate } from './simulation.ts'
import type { World } from './world.ts'

const COUNT = Number(process.env['SIM_COUNT'] ?? 1_000)
const GIVEN = process.env['SIM_SEED']
const FIRST = GIVEN === undefined ? randomInt(2 ** 31) : Number(GIVEN)
const SEEDS = GIVEN === undefined ? COUNT : 1

function told(seed: number, { violations, trace }: World): string {
  return `SIM_SEED=${seed}\n${violations.join('\n')}\n${trace.slice(-60).join('\n')}`
}

describe('the engine in a simulated world', () => {
  const unhandled: unknown[] = []
  const listen = (error: unknown): void => void unhandled.push(error)
  beforeAll(() => void process.on('unhandledRejection', listen))
  afterAll(() => void process.off('unhandledRejection', listen))

  test(`holds what it promises for ${SEEDS} seeds from ${FIRST} on`, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const world = await simulate(seed, Engine)
      if (world.violations.length > 0 || unhandled.length > 0) expect.fail(`${told(seed, world)}\nunhandled: ${unhandled.map(String).join()}`)
    }
  }, 120_000)

  test('the same seed is the same run', async () => {
    const traces = [await simulate(FIRST, Engine), await simulate(FIRST, Engine)].map(({ trace }) => [...trace])
    expect(traces[0]).toEqual(traces[1])
    expect(traces[0]!.length).toBeGreaterThan(3)
  })
})

import { describe, expect, it } from 'vitest'
import { TailraceError } from '../../../src/error/tailrace-error.ts'
import { Backoff } from '../../../src/kafka/backoff.ts'
import { ManualClock, settle } from '../engine/manual-clock.ts'

const down = new TailraceError('TR_KAFKA_CONNECT', { message: 'down' })
const signal = new AbortController().signal

function setup(limitMs = Infinity, random = 0.5): { clock: ManualClock; warned: TailraceError[]; backoff: Backoff } {
  const clock = new ManualClock()
  const warned: TailraceError[] = []
  return { clock, warned, backoff: new Backoff({ clock, random: () => random, warn: (error) => void warned.push(error) }, limitMs) }
}

describe('waits between attempts', () => {
  it('double up to five seconds, and begin anew after a success', () => {
    const { backoff } = setup(Infinity, 1)
    expect(Array.from({ length: 9 }, () => backoff.next(down))).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000])
    backoff.succeeded()
    expect(backoff.next(down)).toBe(50)
  })

  it('are half by chance', () => {
    expect(setup(Infinity, 0).backoff.next(down)).toBe(25)
    expect(setup(Infinity, 0.5).backoff.next(down)).toBe(37.5)
  })

  it('end at the limit, counted from the first failure since the last success', async () => {
    const { clock, backoff } = setup(1000)
    expect(backoff.next(down)).toBeDefined()
    await clock.pass(999)
    expect(backoff.next(down)).toBeDefined()
    await clock.pass(1)
    expect(backoff.next(down)).toBeUndefined()
    backoff.succeeded()
    expect(backoff.next(down)).toBeDefined()
  })

  it('warn at the first failure and then every ten seconds', async () => {
    const { clock, warned, backoff } = setup()
    for (let second = 0; second < 25; second++) {
      backoff.next(down)
      await clock.pass(1000)
    }
    expect(warned).toHaveLength(3)
  })
})

describe('insisting', () => {
  it('tries until it succeeds', async () => {
    const { clock, backoff } = setup()
    let attempts = 0
    const result = backoff.insist(() => (++attempts < 4 ? Promise.reject(down) : Promise.resolve('done')), signal)
    for (let round = 0; round < 3; round++) {
      await settle()
      await clock.pass(5000)
    }
    expect(await result).toBe('done')
    expect(attempts).toBe(4)
  })

  it('ends with the last reason as the cause, once the limit is reached', async () => {
    const { clock, backoff } = setup(100)
    const result = backoff.insist(() => Promise.reject(down), signal).catch((error: unknown) => error)
    for (let round = 0; round < 4; round++) {
      await settle()
      await clock.pass(100)
    }
    expect(await result).toMatchObject({ code: 'TR_KAFKA_UNAVAILABLE', cause: down })
  })

  it('lets an error through that time does not heal, and any once the signal has aborted', async () => {
    const definite = new TailraceError('TR_KAFKA_AUTH', { message: 'no' })
    await expect(setup().backoff.insist(() => Promise.reject(definite), signal)).rejects.toBe(definite)
    await expect(setup().backoff.insist(() => Promise.reject(down), AbortSignal.abort())).rejects.toBe(down)
    const bug = new TypeError('undefined is not a function')
    await expect(setup().backoff.insist(() => Promise.reject(bug), signal)).rejects.toBe(bug)
  })
})

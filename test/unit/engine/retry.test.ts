import { describe, expect, test } from 'vitest'
import { Retry, toSinkError, toTailraceError } from '../../../src/engine/retry.ts'
import { TailraceError } from '../../../src/error/tailrace-error.ts'

const TRANSIENT = new TailraceError('TR_PG_DISCONNECTED')

function delays(retry: Retry, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => retry.delayAfter(TRANSIENT))
}

describe('retries', () => {
  test('the delay doubles up to a limit, and chance takes away at most half', () => {
    const least = new Retry({ initialDelayMs: 100, maxDelayMs: 500, maxStartAttempts: 9 }, () => 0)
    const most = new Retry({ initialDelayMs: 100, maxDelayMs: 500, maxStartAttempts: 9 }, () => 1)
    expect(delays(least, 5)).toEqual([50, 100, 200, 250, 250])
    expect(delays(most, 5)).toEqual([100, 200, 400, 500, 500])
  })

  test('very many attempts do not overflow', () => {
    const retry = new Retry({}, () => 1)
    retry.opened()
    expect(delays(retry, 2_000).at(-1)).toBe(30_000)
    expect(retry.total).toBe(2_000)
  })

  test('a source that was never opened is tried three times, one that was without end', () => {
    const retry = new Retry({}, () => 0)
    expect(delays(retry, 4).map((delay) => delay !== undefined)).toEqual([true, true, true, false])
    retry.opened()
    expect(delays(retry, 50)).not.toContain(undefined)
  })

  test('progress begins the count anew', () => {
    const retry = new Retry({ maxAttempts: 2 }, () => 0)
    retry.opened()
    expect(delays(retry, 3)).toEqual([100, 200, undefined])
    retry.progressed()
    expect(delays(retry, 3)).toEqual([100, 200, undefined])
  })

  test.each(['TR_PG_AUTH', 'TR_PG_SLOT_LOST', 'TR_ENGINE_INVARIANT'] as const)('%s is never retried', (code) => {
    const retry = new Retry({}, () => 0)
    retry.opened()
    expect(retry.delayAfter(new TailraceError(code))).toBeUndefined()
    expect(retry.total).toBe(0)
  })
})

describe('what is thrown becomes a coded error', () => {
  test('an unknown one is a bug of ours, of a sink it is the sink’s failure', () => {
    const cause = new TypeError('x is not a function')
    expect(toTailraceError(cause)).toMatchObject({ code: 'TR_ENGINE_INVARIANT', kind: 'fatal', cause })
    expect(toTailraceError('text')).toMatchObject({ code: 'TR_ENGINE_INVARIANT' })
    expect(toSinkError(cause)).toMatchObject({ code: 'TR_SINK_FAILED', kind: 'definite', cause })
  })

  test('a coded one stays, but a sink’s is never transient', () => {
    expect(toTailraceError(TRANSIENT)).toBe(TRANSIENT)
    expect(toSinkError(TRANSIENT)).toMatchObject({ code: 'TR_SINK_FAILED', cause: TRANSIENT })
    const closed = new TailraceError('TR_SINK_CLOSED')
    expect(toSinkError(closed)).toBe(closed)
  })
})

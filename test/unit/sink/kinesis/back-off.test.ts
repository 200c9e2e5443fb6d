import { expect, test } from 'vitest'
import { BackOff } from '../../../../src/sink/kinesis/back-off.ts'

const SETTINGS = { initialDelayMs: 100, maxDelayMs: 1_000 }

test('waits double up to the longest, half of each by chance', () => {
  for (const [random, share] of [[0, 0.5], [1, 1]] as const) {
    const backOff = new BackOff(SETTINGS, () => random)
    let now = 0
    const waits = Array.from({ length: 6 }, () => {
      now += 10_000
      backOff.failed(now, now)
      return backOff.until - now
    })
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000].map((wait) => wait * share))
  }
})

test('what was sent before a failure was known makes the wait no longer when it fails, and no shorter when it does not', () => {
  const backOff = new BackOff(SETTINGS, () => 1)
  backOff.failed(0, 10)
  expect(backOff.failed(5, 20)).toBe(false)
  backOff.succeeded(9)
  expect([backOff.until, backOff.troubled]).toEqual([110, true])
  expect(backOff.failed(120, 130)).toBe(true)
  expect(backOff.until).toBe(330)
  backOff.succeeded(340)
  expect([backOff.until, backOff.troubled]).toEqual([-Infinity, false])
})

test('a failure of a part waits as the first does', () => {
  const backOff = new BackOff(SETTINGS, () => 1)
  backOff.failed(0, 10)
  backOff.failed(110, 120)
  backOff.failed(330, 340, true)
  expect(backOff.until).toBe(440)
})

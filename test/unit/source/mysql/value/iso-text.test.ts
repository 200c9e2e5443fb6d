import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoMicros, isoMicrosZulu, isoSeconds, isoSecondsZulu } from '../../../../../src/source/mysql/value/iso-text.ts'
import { found, putIso, putZulu } from '../../../../../src/source/mysql/value/moment.ts'
import { seedOf } from '../../../offset/seed.ts'

/** As any precision is written. */
function written(digits: number, zulu: boolean): string {
  const bytes = Buffer.alloc(32)
  const end = putIso(bytes, 0, digits)
  return bytes.toString('latin1', 0, zulu ? putZulu(bytes, end) : end)
}

describe('ISO text without a buffer', () => {
  it('is what was read', () => {
    Object.assign(found, { negative: false, year: 2024, month: 2, day: 29, hours: 13, minutes: 4, seconds: 59, micros: 1203 })
    expect([isoSeconds(), isoSecondsZulu(), isoMicros(), isoMicrosZulu()]).toEqual(['2024-02-29T13:04:59', '2024-02-29T13:04:59Z', '2024-02-29T13:04:59.001203', '2024-02-29T13:04:59.001203Z'])
  })

  it('is that of the other precisions, of zero dates and of what damaged bytes hold, too', () => {
    const moments = fc.record({
      year: fc.nat(9999), month: fc.nat(15), day: fc.nat(31), hours: fc.nat(31), minutes: fc.nat(63), seconds: fc.nat(63), micros: fc.nat(999_999),
    })
    fc.assert(fc.property(moments, (moment) => {
      Object.assign(found, moment)
      expect(isoSeconds()).toBe(written(0, false))
      expect(isoSecondsZulu()).toBe(written(0, true))
      expect(isoMicros()).toBe(written(6, false))
      expect(isoMicrosZulu()).toBe(written(6, true))
    }), { seed: seedOf('iso-text'), numRuns: 2000 })
  })
})

import { describe, expect, it } from 'vitest'
import { writeSigned64, writeUnsigned64 } from '../../../../../src/byte/digits.ts'
import { floatText } from '../../../../../src/byte/float-text.ts'
import { dateFromDays, daysFromDate, isDate, putDate } from '../../../../../src/time/calendar.ts'
import { digits, unpackDecimal } from '../../../../../src/source/mysql/value/decimal-cell.ts'
import { recorded } from '../../postgres/value/recording-writer.ts'
import { compiled, logged } from './type-fixture.ts'

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const RUNS = 3000

/** mulberry32 */
function chance(): () => number {
  let state = SEED
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe(`cells, whatever they are (SEED=${SEED})`, () => {
  it('integers of 64 bits have the digits of a bigint', () => {
    const random = chance()
    const out = Buffer.alloc(24)
    const edges = [0n, 1n, 999999n, 1000000n, 0xffffffffn, 0x100000000n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, 10n ** 19n]
    for (let run = 0; run < RUNS; run++) {
      const value = edges[run] ?? BigInt.asUintN(Math.floor(random() * 65), (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32)))
      const [high, low] = [Number(value >> 32n), Number(value & 0xffffffffn)]
      expect(out.toString('latin1', 0, writeUnsigned64(out, 0, high, low))).toBe(String(value))
      expect(out.toString('latin1', 0, writeSigned64(out, 0, high, low))).toBe(String(BigInt.asIntN(64, value)))
    }
  })

  it('decimals come out as they went in', () => {
    const random = chance()
    for (let run = 0; run < RUNS; run++) {
      const precision = 1 + Math.floor(random() * 65)
      const scale = Math.min(precision, 30, Math.floor(random() * 31))
      const text = Array.from({ length: precision }, () => (random() < 0.3 ? 0 : Math.floor(random() * 10))).join('')
      const [whole, fraction] = [text.slice(0, precision - scale).replace(/^0+(?=\d)/, ''), text.slice(precision - scale)]
      const negative = random() < 0.5 && /[1-9]/.test(text)
      const expected = `${negative ? '-' : ''}${whole === '' ? '0' : whole}${scale === 0 ? '' : `.${fraction}`}`
      const cell = packDecimal(text, precision, scale, negative)
      expect(digits.toString('latin1', 0, unpackDecimal(cell, 0, precision, scale)), `decimal(${precision},${scale})`).toBe(expected)
    }
  })

  it('float32 are their shortest text', () => {
    const random = chance()
    const bits = new DataView(new ArrayBuffer(4))
    for (let run = 0; run < RUNS; run++) {
      bits.setUint32(0, Math.floor(random() * 2 ** 32))
      const value = bits.getFloat32(0)
      if (!Number.isFinite(value)) continue
      const text = floatText(value)
      expect(Math.fround(Number(text)), text).toBe(value)
      const count = text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length
      for (let shorter = 1; shorter < count; shorter++) expect(Math.fround(Number(value.toPrecision(shorter))), text).not.toBe(value)
    }
  })

  it('durations come out as they went in, negative ones too', () => {
    const random = chance()
    const readers = [0, 1, 2, 3, 4, 5, 6].map((precision) => compiled(`time(${precision})`, logged(19, precision)).read)
    for (let run = 0; run < RUNS; run++) {
      const precision = Math.floor(random() * 7)
      const unit = 10 ** (6 - precision)
      const micros = (Math.floor(random() * 3_020_399_000_000 / unit) * unit) * (random() < 0.5 ? -1 : 1)
      const cell = packTime(micros, precision)
      expect(recorded((writer) => readers[precision]!(writer, cell, 0, cell.length)), `${micros} of time(${precision})`).toBe(`int ${micros + 0}`)
    }
  })

  it('days are days of the calendar', () => {
    const random = chance()
    const into = { year: 0, month: 0, day: 0 }
    for (let day = daysFromDate(1, 1, 1); day <= daysFromDate(9999, 12, 31); day += 1 + Math.floor(random() * 300)) {
      putDate(day, into)
      expect(dateFromDays(day)).toEqual(into)
      expect(daysFromDate(into.year, into.month, into.day)).toBe(day)
      expect(isDate(into.year, into.month, into.day)).toBe(true)
    }
    expect([isDate(2100, 2, 29), isDate(2000, 2, 29), isDate(2023, 4, 31), isDate(2023, 13, 1), isDate(2023, 0, 1), isDate(2023, 1, 0)]).toEqual([false, true, false, false, false, false])
  })
})

/** decimal2bin (strings/decimal.cc), the other way round and slowly. */
function packDecimal(text: string, precision: number, scale: number, negative: boolean): Buffer {
  const bytesOf = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]
  const whole = text.slice(0, precision - scale)
  const fraction = text.slice(precision - scale)
  const first = whole.length % 9
  const groups = [whole.slice(0, first), ...(whole.slice(first).match(/.{9}/g) ?? []), ...(fraction.match(/.{1,9}/g) ?? [])].filter((group) => group !== '')
  const bytes = Buffer.concat(groups.map((group) => Buffer.from(Number(group).toString(16).padStart(bytesOf[group.length]! * 2, '0'), 'hex')))
  if (negative) for (let at = 0; at < bytes.length; at++) bytes[at]! ^= 0xff
  bytes[0]! ^= 0x80
  return bytes
}

/** my_time_packed_to_binary (sql-common/my_time.cc). */
function packTime(micros: number, precision: number): Buffer {
  const size = (precision + 1) >> 1
  const value = BigInt(Math.abs(micros))
  const seconds = value / 1_000_000n
  const packed = ((seconds / 3600n) << 12n) | (((seconds / 60n) % 60n) << 6n) | seconds % 60n
  const scaled = (value % 1_000_000n) / [1_000_000n, 10_000n, 100n, 1n][size]!
  const all = (packed << BigInt(8 * size)) | scaled
  const stored = (1n << BigInt(23 + 8 * size)) + (micros < 0 ? -all : all)
  return Buffer.from(stored.toString(16).padStart(2 * (3 + size), '0'), 'hex')
}

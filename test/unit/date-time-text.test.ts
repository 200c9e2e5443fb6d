import { expect, test } from 'vitest'
import { copyDateTime, DATE_TIME_LENGTH } from '../../src/byte/date-time-text.ts'
import { Random } from '../chaos/random.ts'
import { seedOf } from './offset/seed.ts'

const SHAPE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/
const BEFORE = 'xyz'

/** What is copied of a text that stands in the middle of other bytes; undefined where it has another shape. */
function copy(text: Buffer): string | undefined {
  const bytes = Buffer.concat([Buffer.from(BEFORE), text, Buffer.from('9')])
  const to = Buffer.alloc(DATE_TIME_LENGTH)
  const fits = copyDateTime(bytes, BEFORE.length, BEFORE.length + text.length, new DataView(to.buffer, to.byteOffset, to.length))
  return fits ? to.toString('latin1') : undefined
}

test('a date and a time are copied, with a T between', () => {
  expect(copy(Buffer.from('2024-02-29 13:14:15'))).toBe('2024-02-29T13:14:15')
  expect(copy(Buffer.from('9999-99-99 99:99:99.25+00'))).toBe('9999-99-99T99:99:99')
  expect(copy(Buffer.from('2024-02-29 13:14:1'))).toBeUndefined()
})

test('any other byte at any place is noticed', () => {
  const text = Buffer.from('2024-02-29 13:14:15')
  for (let at = 0; at < text.length; at++) {
    for (let byte = 0; byte < 256; byte++) {
      const other = Buffer.from(text)
      other[at] = byte
      const latin = other.toString('latin1')
      expect(copy(other), `byte ${byte} at ${at}`).toBe(SHAPE.test(latin) ? latin.replace(' ', 'T') : undefined)
    }
  }
})

test('several other bytes are noticed too, as a carry between them might hide', () => {
  const seed = seedOf('bytes of dates')
  const random = new Random(seed)
  for (let round = 0; round < 20_000; round++) {
    const other = Buffer.from('2024-02-29 13:14:15')
    for (let left = random.between(1, 4); left > 0; left--) other[random.between(0, other.length - 1)] = random.pick([random.between(0, 255), 0x2f, 0x3a, 0x2d, 0x20, 0xff, 0xfa, 0x30, 0x39])
    const latin = other.toString('latin1')
    expect(copy(other), latin).toBe(SHAPE.test(latin) ? latin.replace(' ', 'T') : undefined)
  }
})

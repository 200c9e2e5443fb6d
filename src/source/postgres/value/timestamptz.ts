import { dateFromDays, daysFromDate } from '../../../time/calendar.ts'
import { isoDate } from './date.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { found, infinity, scanDateTime, scanEra, scanOffset } from './moment-text.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'
import { areDigits, copyDateTime } from '../../../byte/date-time-text.ts'
import { Scratch } from '../../../byte/scratch.ts'

const DAY = 86400
const PLUS = 0x2b
const ZERO = 0x30
const DOT = 0x2e
const Z = 0x5a

/** `timestamp with time zone`: ISO text in UTC with exactly the declared digits of a second, whatever the modes. */
export function timestamptzType(typmod: number): ValueType {
  const reader = (fail: Fail): ReadCell => readZoned(fail, typmod < 0 ? 6 : typmod)
  return {
    shape: { type: 'string', name: 'io.debezium.time.ZonedTimestamp', version: 1 },
    reader,
    zero: (writer) => writer.string('1970-01-01T00:00:00Z'),
    default: (expression) => {
      const text = constantOf(expression, '1970-01-01 00:00:00+00')?.trim()
      return text === 'infinity' || text === '-infinity' ? undefined : readConstant(text, reader)
    },
  }
}

const zoned = new Scratch()
const utc: Buffer = Buffer.alloc(40)
const utcView = new DataView(utc.buffer, utc.byteOffset, utc.length)

function readZoned(fail: Fail, digits: number): ReadCell {
  return (writer, bytes, start, end) => {
    if (copyUtc(bytes, start, end)) return writer.plain(utc, 0, putFraction(utc, 19, bytes, start + 19, end - 3, digits))
    const zone = scanDateTime(bytes, start, end)
    if (zone < 0) {
      if (infinity(bytes, start, end) === 0) fail(writer, MALFORMED)
      else writer.plain(bytes, start, end)
      return
    }
    const era = scanOffset(bytes, zone, end)
    if (era < 0 || !scanEra(bytes, era, end)) return fail(writer, MALFORMED)
    const to = zoned.take(48)
    const length = to.write(utcText(), 0, 'latin1')
    const dot = bytes.subarray(start, zone).lastIndexOf(DOT)
    writer.plain(to, 0, putFraction(to, length, bytes, dot < 0 ? zone : start + dot, zone, digits))
  }
}

/**
 * Copies date and time where the text is right but for the T, the padding and the Z, and is false elsewhere: sessions run in UTC and
 * most years have four digits. The shape is proof enough of a moment that the server's own output function has written.
 */
function copyUtc(bytes: Buffer, start: number, end: number): boolean {
  const zone = end - 3
  if (zone > start + 26 || bytes[zone] !== PLUS || bytes[zone + 1] !== ZERO || bytes[zone + 2] !== ZERO) return false
  if (!copyDateTime(bytes, start, zone, utcView)) return false
  return zone === start + 19 || (bytes[start + 19] === DOT && zone > start + 20 && areDigits(bytes, start + 20, zone))
}

/** The moment in {@link found} in UTC, to the second. */
export function utcText(): string {
  const seconds = daysFromDate(found.year, found.month, found.day) * DAY + found.seconds - found.offset
  const days = Math.floor(seconds / DAY)
  Object.assign(found, dateFromDays(days))
  const clock = seconds - days * DAY
  const part = (value: number): string => String(value).padStart(2, '0')
  return `${isoDate()}T${part(Math.floor(clock / 3600))}:${part(Math.floor(clock / 60) % 60)}:${part(clock % 60)}`
}

/** Exactly `digits` digits of the fraction at [from, end), which begins with the dot or is empty, and the Z. */
function putFraction(to: Buffer, length: number, bytes: Buffer, from: number, end: number, digits: number): number {
  let at = length
  if (digits > 0) {
    to[at++] = DOT
    for (let i = 1; i <= digits; i++) to[at++] = from + i < end ? bytes[from + i]! : ZERO
  }
  to[at] = Z
  return at + 1
}

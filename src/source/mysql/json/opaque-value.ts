import { COLON, QUOTE } from '../../../byte/json-sign.ts'
import { writePadded } from '../../../byte/digits.ts'
import { malformed } from '../binlog/malformed.ts'
import { writeString } from './json-string.ts'
import type { JsonText } from './json-text.ts'
import { writeDecimal } from './packed-decimal.ts'

/** enum_field_types (include/field_types.h). */
const TIMESTAMP = 7
const DATE = 10
const TIME = 11
const DATETIME = 12
const DECIMAL = 246
const VAR_STRING = 253

const MINUS = 0x2d
const DOT = 0x2e
const BLANK = 0x20
const PACKED_BYTES = 8
/** `"-9999-12-31 23:59:59.999999"`, hours of a TIME with four digits. */
const MOMENT_ROOM = 40
/** base64_encode (mysys/base64.cc) breaks its lines: 76 characters of 57 bytes. */
const LINE = 57

/**
 * Writes what a document has of types that JSON does not: numbers and moments as the server spells them (wrapper_to_string,
 * sql-common/json_dom.cc), always with six fractional digits; of other types the bytes, as `base64:type252:…`.
 */
export function writeOpaque(into: JsonText, bytes: Buffer, type: number, start: number, end: number): void {
  switch (type) {
    case DECIMAL:
      if (end - start < 2) throw malformed('JSON document', 'a decimal has no digits')
      return writeDecimal(into, bytes, start + 2, end, bytes[start]!, bytes[start + 1]!)
    case TIME:
    case DATE:
    case DATETIME:
    case TIMESTAMP:
      return writeMoment(into, bytes, type, start, end)
    case VAR_STRING:
      return writeString(into, bytes, start, end)
    default:
      return writeBase64(into, bytes, type, start, end)
  }
}

/** TIME_to_longlong_packed (mysys/my_time.cc): 24 bits of microseconds, below zero the whole is; above them six bits each for seconds and minutes, then hours: ten bits of a TIME, five under day, month and year. */
function writeMoment(into: JsonText, bytes: Buffer, type: number, start: number, end: number): void {
  if (end - start !== PACKED_BYTES) throw malformed('JSON document', 'a moment has not eight bytes')
  let low = bytes.readUInt32LE(start)
  let high = bytes.readInt32LE(start + 4)
  const negative = high < 0
  if (negative) {
    low = -low >>> 0
    high = ~high + (low === 0 ? 1 : 0)
  }
  const micros = low & 0xffffff
  const whole = high * 256 + (low >>> 24)
  const out = into.room(MOMENT_ROOM)
  let w = into.length
  out[w++] = QUOTE
  if (negative) out[w++] = MINUS
  const hours = type === TIME ? Math.floor(whole / 2 ** 12) : Math.floor(whole / 2 ** 12) % 32
  if (micros > 999_999 || hours > 999) throw malformed('JSON document', 'a moment is out of range')
  if (type !== TIME) w = writeDay(out, w, Math.floor(whole / 2 ** 17))
  if (type !== TIME && type !== DATE) out[w++] = BLANK
  if (type !== DATE) w = writeClock(out, w, hours, whole % 2 ** 12, micros)
  out[w++] = QUOTE
  into.length = w
}

function writeDay(out: Buffer, at: number, day: number): number {
  const months = Math.floor(day / 32)
  if (months >= 10_000 * 13) throw malformed('JSON document', 'a year is out of range')
  let w = writePadded(out, at, Math.floor(months / 13), 4)
  out[w++] = MINUS
  w = writePadded(out, w, months % 13, 2)
  out[w++] = MINUS
  return writePadded(out, w, day % 32, 2)
}

function writeClock(out: Buffer, at: number, hours: number, rest: number, micros: number): number {
  let w = writePadded(out, at, hours, hours > 99 ? 3 : 2)
  out[w++] = COLON
  w = writePadded(out, w, rest >> 6, 2)
  out[w++] = COLON
  w = writePadded(out, w, rest & 63, 2)
  out[w++] = DOT
  return writePadded(out, w, micros, 6)
}

function writeBase64(into: JsonText, bytes: Buffer, type: number, start: number, end: number): void {
  into.ascii(`"base64:type${type}:`)
  for (let p = start; p < end; p += LINE) {
    if (p > start) into.ascii('\\n')
    into.ascii(bytes.toString('base64', p, Math.min(end, p + LINE)))
  }
  into.byte(QUOTE)
}

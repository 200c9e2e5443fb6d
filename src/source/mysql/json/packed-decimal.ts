import { writePadded } from '../../../byte/digits.ts'
import { malformed } from '../binlog/malformed.ts'
import type { JsonText } from './json-text.ts'

/*
  A DECIMAL's bytes (decimal2bin, strings/decimal.cc): nine digits are four bytes, big-endian; what is left over before the point stands
  first, what is left over behind it last, in as few bytes as it needs. The first bit is turned over; below zero, all the others are too.
*/

const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const GROUP = 9
const GROUP_BYTES = 4
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const
/** DECIMAL_BUFF_LENGTH groups (include/my_decimal.h). */
const MAX_DIGITS = 81

export function packedBytes(precision: number, scale: number): number {
  return bytesOf(precision - scale) + bytesOf(scale)
}

function bytesOf(digits: number): number {
  return Math.floor(digits / GROUP) * GROUP_BYTES + BYTES_OF_DIGITS[digits % GROUP]!
}

/** Writes all digits behind the point, as the server does: `1.50`. */
export function writeDecimal(into: JsonText, bytes: Buffer, start: number, end: number, precision: number, scale: number): void {
  if (scale > precision || precision > MAX_DIGITS || packedBytes(precision, scale) !== end - start) throw malformed('JSON document', 'a decimal has another size than its digits')
  const out = into.room(MAX_DIGITS + 3)
  const negative = start < end && (bytes[start]! & 0x80) === 0
  if (negative) out[into.length++] = MINUS
  const whole = into.length
  const integers = precision - scale
  let at = start
  let left = integers
  for (let digits = left % GROUP || GROUP; left > 0; left -= digits, digits = GROUP) at = writeGroup(into, out, bytes, start, at, digits, negative)
  dropZeros(into, whole)
  if (scale === 0) return
  out[into.length++] = DOT
  for (left = scale; left > 0; left -= GROUP) at = writeGroup(into, out, bytes, start, at, Math.min(left, GROUP), negative)
}

function writeGroup(into: JsonText, out: Buffer, bytes: Buffer, start: number, at: number, digits: number, negative: boolean): number {
  const end = at + BYTES_OF_DIGITS[digits]!
  let value = 0
  for (let p = at; p < end; p++) {
    const byte = p === start ? bytes[p]! ^ 0x80 : bytes[p]!
    value = value * 256 + (negative ? byte ^ 0xff : byte)
  }
  if (value >= POWERS[digits]!) throw malformed('JSON document', 'a decimal has a group of digits that is too large')
  into.length = writePadded(out, into.length, value, digits)
  return end
}

/** Zero keeps one of them. */
function dropZeros(into: JsonText, whole: number): void {
  const { bytes } = into
  let first = whole
  while (first < into.length && bytes[first] === ZERO) first++
  if (first === into.length) {
    bytes[whole] = ZERO
    into.length = whole + 1
    return
  }
  bytes.copyWithin(whole, first, into.length)
  into.length -= first - whole
}

import { writePadded } from '../../../byte/digits.ts'

/*
  A DECIMAL's bytes (decimal2bin, strings/decimal.cc): nine digits are four bytes, big-endian; what is left over before the point stands
  first, what is left over behind it last, in as few bytes as it needs. The first bit is turned over; below zero, all the others are too.
*/

const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const GROUP = 9
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const

/** Sign, digits and point of any DECIMAL; what it is read into. */
export const digits: Buffer = Buffer.alloc(96)

/** Reads a cell of the log into {@link digits} as the server prints it, all digits of the fraction included; returns its length, -1 where a group has more than it can have. */
export function unpackDecimal(bytes: Buffer, start: number, precision: number, scale: number): number {
  const negative = (bytes[start]! & 0x80) === 0
  const whole = precision - scale
  let length = 1
  let at = start
  for (let left = whole, size = whole % GROUP || GROUP; left > 0; left -= size, size = GROUP) {
    length = unpackGroup(bytes, start, at, size, negative, length)
    if (length < 0) return -1
    at += BYTES_OF_DIGITS[size]!
  }
  if (whole === 0) digits[length++] = ZERO
  const point = length
  if (scale > 0) digits[length++] = DOT
  for (let left = scale; left > 0; left -= GROUP) {
    const size = Math.min(left, GROUP)
    length = unpackGroup(bytes, start, at, size, negative, length)
    if (length < 0) return -1
    at += BYTES_OF_DIGITS[size]!
  }
  return trim(length, point, negative)
}

function unpackGroup(bytes: Buffer, start: number, at: number, size: number, negative: boolean, length: number): number {
  const end = at + BYTES_OF_DIGITS[size]!
  let value = 0
  for (let p = at; p < end; p++) {
    const byte = p === start ? bytes[p]! ^ 0x80 : bytes[p]!
    value = value * 256 + (negative ? byte ^ 0xff : byte)
  }
  return value < POWERS[size]! ? writePadded(digits, length, value, size) : -1
}

/** Moves the digits to the front: without zeros before the first one, with the sign unless all are zeros. */
function trim(length: number, point: number, negative: boolean): number {
  let first = 1
  while (first < point - 1 && digits[first] === ZERO) first++
  const to = negative && !isZero(first, length) ? 1 : 0
  if (to === 1) digits[0] = MINUS
  if (first !== to) digits.copyWithin(to, first, length)
  return length - first + to
}

function isZero(start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (digits[at]! > ZERO) return false
  return true
}

/** Where the first digit is that counts; -1 where it is no decimal. ZEROFILL pads with zeros, and has no sign. */
export function firstDecimalDigit(bytes: Buffer, start: number, end: number): number {
  let first = bytes[start] === MINUS ? start + 1 : start
  let dots = 0
  if (first >= end || bytes[first] === DOT || bytes[end - 1] === DOT) return -1
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!
    if (byte === DOT) dots++
    else if (byte < ZERO || byte > 0x39) return -1
  }
  if (dots > 1) return -1
  while (first + 1 < end && bytes[first] === ZERO && bytes[first + 1] !== DOT) first++
  return first
}

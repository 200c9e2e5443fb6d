import { writeNatural, writePadded } from '../../../byte/digits.ts'

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
  const flip = (bytes[start]! & 0x80) === 0 ? 0xff : 0
  const first = flip === 0 ? 0 : 1
  const whole = precision - scale
  let length = first
  let at = start
  let top = 0x80
  let isZero = true
  for (let left = whole, size = whole % GROUP || GROUP; left > 0; left -= size, size = GROUP) {
    const value = readGroup(bytes, at, BYTES_OF_DIGITS[size]!, flip, top)
    if (value >= POWERS[size]!) return -1
    top = 0
    at += BYTES_OF_DIGITS[size]!
    // no zeros before the first digit that counts
    if (!isZero) length = writePadded(digits, length, value, size)
    else if (value > 0) {
      length = writeNatural(digits, length, value)
      isZero = false
    }
  }
  if (length === first) digits[length++] = ZERO
  if (scale > 0) digits[length++] = DOT
  for (let left = scale; left > 0; left -= GROUP) {
    const size = Math.min(left, GROUP)
    const value = readGroup(bytes, at, BYTES_OF_DIGITS[size]!, flip, top)
    if (value >= POWERS[size]!) return -1
    top = 0
    at += BYTES_OF_DIGITS[size]!
    length = writePadded(digits, length, value, size)
    if (value > 0) isZero = false
  }
  if (flip === 0) return length
  if (!isZero) digits[0] = MINUS
  else digits.copyWithin(0, 1, length--)
  return length
}

/** `top`: the bit that is turned over in the first byte. */
function readGroup(bytes: Buffer, at: number, size: number, flip: number, top: number): number {
  let value = bytes[at]! ^ flip ^ top
  for (let p = at + 1; p < at + size; p++) value = value * 256 + (bytes[p]! ^ flip)
  return value
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

import { signed16, word16, word24, word32 } from '../../../byte/little-endian.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { TYPE } from '../binlog/column-type.ts'

const MINUS = 0x2d
const ZERO = 0x30
/** What is exact in a double. */
const EXACT_DIGITS = 15

/** Reads an integer of up to 32 bits from the log. */
export type TakeInteger = (bytes: Buffer, at: number) => number

/** By the type in the log; undefined where it is no integer of up to 32 bits. */
export function takeInteger({ type }: LoggedColumn, unsigned: boolean): TakeInteger | undefined {
  switch (type) {
    case TYPE.tiny:
      return unsigned ? (bytes, at) => bytes[at]! : (bytes, at) => (bytes[at]! << 24) >> 24
    case TYPE.short:
      return unsigned ? word16 : signed16
    case TYPE.int24:
      return unsigned ? word24 : (bytes, at) => (word24(bytes, at) << 8) >> 8
    case TYPE.long:
      return unsigned ? word32 : (bytes, at) => word32(bytes, at) | 0
    default:
      return undefined
  }
}

/** Where the digits of an integer begin that ZEROFILL may have padded; -1 where it is none. The sign of a negative one stands at `start`, and it is not padded. */
export function firstDigit(bytes: Buffer, start: number, end: number): number {
  let first = bytes[start] === MINUS ? start + 1 : start
  if (first >= end) return -1
  for (let at = first; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > 0x39) return -1
  while (first < end - 1 && bytes[first] === ZERO) first++
  return first
}

/** An integer's text as a number; NaN where it is none, or too long for a double. */
export function textInteger(bytes: Buffer, start: number, end: number): number {
  const first = firstDigit(bytes, start, end)
  if (first < 0 || end - first > EXACT_DIGITS) return NaN
  let value = 0
  for (let at = first; at < end; at++) value = value * 10 + bytes[at]! - ZERO
  return bytes[start] === MINUS ? 0 - value : value
}

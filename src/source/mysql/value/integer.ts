import { writeSigned64, writeUnsigned64 } from '../../../byte/digits.ts'
import { word32 } from '../../../byte/little-endian.ts'
import { ascii } from '../../../byte/slice.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { TYPE } from '../binlog/column-type.ts'
import { decimalShape } from './decimal.ts'
import { firstDigit, takeInteger, textInteger } from './integer-cell.ts'
import { MALFORMED, type ReadCell, type Stead, type ValueType } from './reader.ts'

const MINUS = 0x2d
const GREATEST = (1n << 63n) - 1n
const LEAST = -(1n << 63n)
/** Digits and sign of any integer of 64 bits. */
const digits: Buffer = Buffer.alloc(24)
const ZERO: Buffer = Buffer.from('0')
const writeZero: WriteValue = (writer) => writer.integer(0)

const SHORT: readonly (readonly [bits: number, unsigned: boolean, type: 'int16' | 'int32' | 'int64'])[] = [
  [8, false, 'int16'], [8, true, 'int16'], [16, false, 'int16'], [16, true, 'int32'], [24, false, 'int32'], [24, true, 'int32'], [32, false, 'int32'], [32, true, 'int64'],
]

/** TINYINT to INT: the smallest type of Kafka Connect that Debezium takes for it. */
export function integerType(bits: 8 | 16 | 24 | 32, unsigned: boolean): ValueType {
  const type = SHORT.find(([size, sign]) => size === bits && sign === unsigned)![2]
  return {
    shape: { type },
    text: ({ fail }) => (writer, bytes, start, end) => {
      const value = textInteger(bytes, start, end)
      if (Number.isNaN(value)) fail(writer, MALFORMED)
      else writer.integer(value)
    },
    binlog: (_, logged) => {
      const take = takeInteger(logged, unsigned)
      return take === undefined ? undefined : (writer, bytes, start) => writer.integer(take(bytes, start))
    },
    zero: writeZero,
    default: (text) => {
      const value = constant(text)
      return value === undefined || value > 0xffffffffn || value < -0x80000000n ? undefined : (writer) => writer.integer(Number(value))
    },
  }
}

/** BIGINT, and BIGINT UNSIGNED as `bigint.unsigned.handling.mode` wants it. */
export function bigintType(unsigned: boolean, modes: HandlingModes): ValueType {
  if (unsigned && modes.bigintUnsigned === 'precise') return PRECISE
  return {
    shape: { type: 'int64' },
    text: (stead) => readLong(stead, unsigned),
    binlog: (_, { type }) => (type === TYPE.longlong ? (writer, bytes, start) => writer.long(digits, 0, writeSigned64(digits, 0, word32(bytes, start + 4), word32(bytes, start))) : undefined),
    zero: writeZero,
    default: (text) => {
      const value = constant(text)
      if (value === undefined || value < LEAST) return undefined
      // Debezium saturates here, unlike in values.
      const long = Buffer.from(String(value > GREATEST ? GREATEST : value))
      return (writer) => writer.long(long, 0, long.length)
    },
  }
}

const PRECISE: ValueType = {
  shape: decimalShape(0, 20),
  text: ({ fail }) => (writer, bytes, start, end) => {
    const first = firstDigit(bytes, start, end)
    if (first < 0 || bytes[start] === MINUS) fail(writer, MALFORMED)
    else writer.decimal(bytes, first, end, 0)
  },
  binlog: (_, { type }) => (type === TYPE.longlong ? (writer, bytes, start) => writer.decimal(digits, 0, writeUnsigned64(digits, 0, word32(bytes, start + 4), word32(bytes, start)), 0) : undefined),
  zero: (writer) => writer.decimal(ZERO, 0, 1, 0),
  default: (text) => {
    const value = constant(text)
    if (value === undefined) return undefined
    const decimal = Buffer.from(String(value))
    return (writer) => writer.decimal(decimal, 0, decimal.length, 0)
  },
}

/** Fewer digits are below 2^63. */
const SAFE_DIGITS = 18

function readLong({ fail }: Stead, unsigned: boolean): ReadCell {
  return (writer, bytes, start, end) => {
    const first = firstDigit(bytes, start, end)
    if (first < 0) return fail(writer, MALFORMED)
    if (unsigned && end - first > SAFE_DIGITS) {
      const wrapped = BigInt.asIntN(64, BigInt(ascii(bytes, first, end)))
      return writer.long(digits, 0, digits.write(String(wrapped), 'latin1'))
    }
    writer.long(bytes, bytes[start] === MINUS ? start : first, end)
  }
}

/** `42`, `00007`, and what Debezium takes for numbers besides. */
function constant(text: string): bigint | undefined {
  const trimmed = text.trim()
  if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true' ? 1n : 0n
  return /^[+-]?\d+$/.test(trimmed) ? BigInt(trimmed.replace('+', '')) : undefined
}

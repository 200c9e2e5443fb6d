import { floatText } from '../../../byte/float-text.ts'
import { word32 } from '../../../byte/little-endian.ts'
import { ascii } from '../../../byte/slice.ts'
import { TYPE } from '../binlog/column-type.ts'
import { bitsNumber } from './bit.ts'
import { digits, firstDecimalDigit, unpackDecimal } from './decimal-cell.ts'
import type { Decoder } from './decode.ts'
import { undecodable } from './decode-error.ts'
import { textNumber } from './floating.ts'
import { firstDigit, takeInteger, textInteger } from './integer-cell.ts'
import { isPlainFloat, isUnsigned } from './value-type.ts'
import { loggedYear, textYear } from './year.ts'

const MINUS = 0x2d

/** TINYINT to INT: numbers. */
export const INTEGER: Decoder = {
  text: ({ typeName }) => (bytes, start, end) => expectNumber(textInteger(bytes, start, end), typeName),
  binlog: (column, logged) => {
    const take = takeInteger(logged, isUnsigned(column))
    if (take === undefined) throw undecodable(column.typeName)
    return take
  },
}

const long = new DataView(new ArrayBuffer(8))

/** The eight bytes at `start`: a third of what Buffer's own reading of a bigint costs, which adds two of them up. */
function inLong(bytes: Buffer, start: number): DataView {
  long.setUint32(0, word32(bytes, start), true)
  long.setUint32(4, word32(bytes, start + 4), true)
  return long
}

/** BIGINT: a bigint. */
export const BIGINT: Decoder = {
  text: ({ typeName }) => (bytes, start, end) => {
    if (firstDigit(bytes, start, end) < 0) throw undecodable(typeName)
    return BigInt(ascii(bytes, start, end))
  },
  binlog: (column, { type }) => {
    if (type !== TYPE.longlong) throw undecodable(column.typeName)
    return isUnsigned(column) ? (bytes, start) => inLong(bytes, start).getBigUint64(0, true) : (bytes, start) => inLong(bytes, start).getBigInt64(0, true)
  },
}

/** DECIMAL: its text. */
export const DECIMAL: Decoder = {
  text: ({ typeName }) => (bytes, start, end) => {
    const first = firstDecimalDigit(bytes, start, end)
    if (first < 0) throw undecodable(typeName)
    return ascii(bytes, bytes[start] === MINUS ? start : first, end)
  },
  binlog: ({ typeName }, { type, meta }) => {
    if (type !== TYPE.newDecimal) throw undecodable(typeName)
    return (bytes, start) => {
      const length = unpackDecimal(bytes, start, meta >> 8, meta & 0xff)
      if (length < 0) throw undecodable(typeName)
      return ascii(digits, 0, length)
    }
  },
}

/** FLOAT and DOUBLE: numbers; of a FLOAT the one that its shortest text says. */
export const FLOATING: Decoder = {
  text: (column) => {
    const float = column.typeName.startsWith('FLOAT') && isPlainFloat(column)
    return (bytes, start, end) => {
      const value = expectNumber(textNumber(bytes, start, end), column.typeName)
      return float ? Number(floatText(value)) : value
    }
  },
  binlog: (column, { type }) => {
    if (type === TYPE.double) return (bytes, start) => bytes.readDoubleLE(start)
    if (type !== TYPE.float) throw undecodable(column.typeName)
    return isPlainFloat(column) ? (bytes, start) => Number(floatText(bytes.readFloatLE(start))) : (bytes, start) => bytes.readFloatLE(start)
  },
}

/** YEAR: a number. */
export const YEAR_NUMBER: Decoder = {
  text: ({ typeName }) => (bytes, start, end) => expectNumber(textYear(bytes, start, end), typeName),
  binlog: ({ typeName }, { type }) => {
    if (type !== TYPE.year) throw undecodable(typeName)
    return (bytes, start) => loggedYear(bytes[start]!)
  },
}

/** BIT(1): a boolean; more bits: a bigint. */
export const BITS: Decoder = {
  text: ({ length, typeName }) => bits(length ?? 1, typeName),
  binlog: ({ length, typeName }, { type }) => {
    if (type !== TYPE.bit) throw undecodable(typeName)
    return bits(length ?? 1, typeName)
  },
  spell: (value: boolean | bigint) => String(BigInt(value)),
}

function bits(length: number, typeName: string): (bytes: Buffer, start: number, end: number) => boolean | bigint {
  return (bytes, start, end) => {
    if (end - start !== (length + 7) >> 3) throw undecodable(typeName)
    return length === 1 ? bytes[start] === 1 : bitsNumber(bytes, start, end)
  }
}

function expectNumber(value: number, typeName: string): number {
  if (Number.isNaN(value)) throw undecodable(typeName)
  return value
}

import { TYPE } from '../binlog/column-type.ts'
import { textInteger } from './integer-cell.ts'
import { MALFORMED, readConstant, type ValueType } from './reader.ts'

const FIRST = 1900
/** The digits of MariaDB's YEAR(2). */
const SHORT = 2

/** YEAR: a number. `0000` is 0, which is no year and no NULL. */
export const YEAR: ValueType = {
  shape: { type: 'int32', name: 'io.debezium.time.Year', version: 1 },
  text: ({ fail }) => (writer, bytes, start, end) => {
    const year = textYear(bytes, start, end)
    if (Number.isNaN(year)) fail(writer, MALFORMED)
    else writer.integer(year)
  },
  binlog: (_, { type }) => (type === TYPE.year ? (writer, bytes, start) => writer.integer(loggedYear(bytes[start]!)) : undefined),
  zero: (writer) => writer.integer(0),
  default: (text) => readConstant(text.trim(), YEAR.text),
}

/** Years since 1900; 0 is `0000`. */
export function loggedYear(byte: number): number {
  return byte === 0 ? 0 : FIRST + byte
}

/** Of a YEAR(2) the server prints two digits: `70` is 1970, `69` is 2069. NaN where it is no year. */
export function textYear(bytes: Buffer, start: number, end: number): number {
  const year = textInteger(bytes, start, end)
  if (end - start > SHORT || Number.isNaN(year)) return year
  return year + (year < 70 ? 2000 : FIRST)
}

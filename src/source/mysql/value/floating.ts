import { doubleText, floatText } from '../../../byte/float-text.ts'
import { ascii } from '../../../byte/slice.ts'
import { TYPE } from '../binlog/column-type.ts'
import { MALFORMED, readConstant, type ReadCell, type Stead, type ValueType } from './reader.ts'

const ZERO: Buffer = Buffer.from('0')
/** `1e15`, `-0`, `1.7976931348623157e308`: as the server prints a double. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/
const LONGEST = 400
const written: Buffer = Buffer.alloc(32)

/** A FLOAT without digits: the shortest text that reads back as the same 32 bits. It is selected as the double that it is (selectExpression). */
export const FLOAT: ValueType = {
  shape: { type: 'float' },
  text: ({ fail }) => (writer, bytes, start, end) => {
    const value = textNumber(bytes, start, end)
    if (Number.isNaN(value)) fail(writer, MALFORMED)
    else writer.float(written, 0, written.write(floatText(value), 'latin1'))
  },
  binlog: (_, { type }) => (type === TYPE.float ? (writer, bytes, start) => writer.float(written, 0, written.write(floatText(bytes.readFloatLE(start)), 'latin1')) : undefined),
  zero: (writer) => writer.float(ZERO, 0, 1),
  default: (text) => floatingDefault(text, FLOAT.text),
}

/** DOUBLE; and FLOAT(M, D), whose 32 bits Debezium widens. */
export const DOUBLE: ValueType = {
  shape: { type: 'double' },
  text: (stead) => readDouble(stead),
  binlog: (_, { type }) => {
    if (type === TYPE.double) return (writer, bytes, start) => writer.double(written, 0, written.write(doubleText(bytes.readDoubleLE(start)), 'latin1'))
    return type === TYPE.float ? (writer, bytes, start) => writer.double(written, 0, written.write(doubleText(bytes.readFloatLE(start)), 'latin1')) : undefined
  },
  zero: (writer) => writer.double(ZERO, 0, 1),
  default: (text) => floatingDefault(text, DOUBLE.text),
}

/** The text is written anew: ZEROFILL pads it, and exponents are spelled otherwise than in JavaScript. */
function readDouble({ fail }: Stead): ReadCell {
  return (writer, bytes, start, end) => {
    const value = textNumber(bytes, start, end)
    if (Number.isNaN(value)) fail(writer, MALFORMED)
    else writer.double(written, 0, written.write(doubleText(value), 'latin1'))
  }
}

/** NaN where it is no number; the server has none either. */
export function textNumber(bytes: Buffer, start: number, end: number): number {
  if (end - start > LONGEST) return NaN
  const text = ascii(bytes, start, end)
  return NUMBER.test(text) ? Number(text) : NaN
}

function floatingDefault(text: string, reader: ValueType['text']): ReturnType<typeof readConstant> {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === 'true' || trimmed === 'false') return readConstant(trimmed === 'true' ? '1' : '0', reader)
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : NaN
  return Number.isFinite(value) ? readConstant(doubleText(value), reader) : undefined
}

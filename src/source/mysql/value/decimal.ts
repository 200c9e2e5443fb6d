import { doubleText } from '../../../byte/float-text.ts'
import { ascii } from '../../../byte/slice.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { digits, firstDecimalDigit, unpackDecimal } from './decimal-cell.ts'
import { MALFORMED, readConstant, type ReadCell, type Shape, type Stead, type ValueType } from './reader.ts'

const MINUS = 0x2d
const ZERO: Buffer = Buffer.from('0')
/** Longer decimals may have more digits than a double holds: they are rounded to the nearest one. */
const EXACT_LENGTH = 15

/** The schema of a decimal. */
export function decimalShape(scale: number, precision: number): Shape {
  return { type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters: { scale: String(scale), 'connect.decimal.precision': String(precision) } }
}

/** DECIMAL(M, D), by `decimal.handling.mode`. */
export function decimalType(precision: number, scale: number, modes: HandlingModes): ValueType {
  const write = writeDecimal(modes.decimal, scale)
  const text = ({ fail }: Stead): ReadCell => (writer, bytes, start, end) => {
    const first = firstDecimalDigit(bytes, start, end)
    if (first < 0) fail(writer, MALFORMED)
    else write(writer, bytes, bytes[start] === MINUS ? start : first, end)
  }
  const common = { text, binlog: (stead: Stead, logged: LoggedColumn) => readPacked(stead, logged, write), default: (value: string) => decimalDefault(value, scale, text) }
  if (modes.decimal === 'double') return { ...common, shape: { type: 'double' }, zero: (writer) => writer.double(ZERO, 0, 1) }
  if (modes.decimal === 'precise') return { ...common, shape: decimalShape(scale, precision), zero: (writer) => writer.decimal(ZERO, 0, 1, scale) }
  const zero = scale === 0 ? '0' : `0.${'0'.repeat(scale)}`
  return { ...common, shape: { type: 'string' }, zero: (writer) => writer.string(zero) }
}

function readPacked({ fail }: Stead, { type, meta }: LoggedColumn, write: ReadCell): ReadCell | undefined {
  if (type !== TYPE.newDecimal) return undefined
  const precision = meta >> 8
  const scale = meta & 0xff
  return (writer, bytes, start) => {
    const length = unpackDecimal(bytes, start, precision, scale)
    if (length < 0) fail(writer, MALFORMED)
    else write(writer, digits, 0, length)
  }
}

function writeDecimal(mode: HandlingModes['decimal'], scale: number): ReadCell {
  if (mode === 'precise') return (writer, bytes, start, end) => writer.decimal(bytes, start, end, scale)
  if (mode === 'string') return (writer, bytes, start, end) => writer.plain(bytes, start, end)
  return (writer, bytes, start, end) => {
    if (end - start <= EXACT_LENGTH) return writer.double(bytes, start, end)
    const rounded = Buffer.from(doubleText(Number(ascii(bytes, start, end))))
    writer.double(rounded, 0, rounded.length)
  }
}

/** As the server would print it: `1.5` of a DECIMAL(10, 3) is `1.500`. */
function decimalDefault(value: string, scale: number, text: ValueType['text']): ReturnType<typeof readConstant> {
  const constant = /^(true|false)$/i.test(value.trim()) ? (value.trim().toLowerCase() === 'true' ? '1' : '0') : value.trim()
  const match = /^\+?(-?)(\d*)(?:\.(\d*))?$/.exec(constant)
  if (match === null || constant === '' || constant === '.') return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  if (/[^0]/.test(fraction.slice(scale))) return undefined
  return readConstant(`${sign}${whole === '' ? '0' : whole}${scale === 0 ? '' : `.${fraction.slice(0, scale).padEnd(scale, '0')}`}`, text)
}

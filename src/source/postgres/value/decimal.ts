import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { isSpecial } from './number.ts'
import { MALFORMED, type Fail, type ReadCell, type Shape, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const ZERO_TEXT: Buffer = Buffer.from('0')

const SPECIAL = 'NaN and the infinities have no precise decimal; decimal mode "double" or "string" has them'
/** In decimal mode "string", SpecialValueDecimal's enum names. */
const SPECIAL_NAMES: Readonly<Record<string, string>> = { NaN: 'NAN', Infinity: 'POSITIVE_INFINITY', '-Infinity': 'NEGATIVE_INFINITY' }

const VARIABLE: Shape = {
  type: 'struct',
  name: 'io.debezium.data.VariableScaleDecimal',
  version: 1,
  doc: 'Variable scaled decimal',
  fields: [{ name: 'scale', schema: { type: 'int32', optional: false } }, { name: 'value', schema: { type: 'bytes', optional: false } }],
}

/** The schema of a decimal with a fixed scale. */
export function decimalShape(scale: number, precision?: number): Shape {
  const parameters = { scale: String(scale), ...(precision === undefined ? {} : { 'connect.decimal.precision': String(precision) }) }
  return { type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters }
}

/** `numeric` and `numeric(p, s)`. */
export function numericType(typmod: number, modes: HandlingModes): ValueType {
  const fixed = typmod < 0 ? undefined : { precision: ((typmod - 4) >> 16) & 0xffff, scale: (typmod - 4) & 0xffff }
  if (modes.decimal === 'double') return { shape: { type: 'double' }, reader: readDouble, zero: (writer) => writer.double(ZERO_TEXT, 0, 1), default: numericDefault(fixed?.scale, readDouble) }
  if (modes.decimal === 'string') {
    const reader = (fail: Fail): ReadCell => readString(fail, fixed?.scale)
    const zero = fixed === undefined || fixed.scale === 0 ? '0' : `0.${'0'.repeat(fixed.scale)}`
    return { shape: { type: 'string' }, reader, zero: (writer) => writer.string(zero), placeholder: placeholderText(modes), default: numericDefault(fixed?.scale, reader) }
  }
  // A struct cannot be a default (Debezium: "Struct can't be used as default value").
  if (fixed === undefined) return { shape: VARIABLE, reader: readVariable, zero: (writer) => writeVariable(writer, ZERO_TEXT, 0, 1, 0) }
  const { precision, scale } = fixed
  const reader = (fail: Fail): ReadCell => readFixed(fail, scale)
  return { shape: decimalShape(scale, precision), reader, zero: (writer) => writer.decimal(ZERO_TEXT, 0, 1, scale), default: numericDefault(scale, reader) }
}

function placeholderText({ unavailablePlaceholder }: HandlingModes): (writer: CellWriter) => void {
  const text = new TextDecoder().decode(unavailablePlaceholder)
  return (writer) => writer.string(text)
}

/** Decimal text: an optional minus, digits, an optional dot and more digits. */
export function isDecimal(bytes: Buffer, start: number, end: number): boolean {
  let at = bytes[start] === MINUS ? start + 1 : start
  if (at >= end || bytes[at] === DOT || bytes[end - 1] === DOT) return false
  let dots = 0
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte === DOT) dots++
    else if (byte < 0x30 || byte > 0x39) return false
  }
  return dots <= 1
}

function readFixed(fail: Fail, scale: number): ReadCell {
  return (writer, bytes, start, end) => {
    if (isDecimal(bytes, start, end)) writer.decimal(bytes, start, end, scale)
    else fail(writer, isSpecial(bytes, start, end) ? SPECIAL : MALFORMED)
  }
}

function readVariable(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (!isDecimal(bytes, start, end)) return fail(writer, isSpecial(bytes, start, end) ? SPECIAL : MALFORMED)
    let dot = start
    while (dot < end && bytes[dot] !== DOT) dot++
    if (dot === end) return writeVariable(writer, bytes, start, end, 0)
    // Zeros at the end of the fraction go, those of the whole part stay: the scale is never negative.
    let last = end
    while (bytes[last - 1] === ZERO) last--
    if (last - 1 === dot) last = dot
    writeVariable(writer, bytes, start, last, Math.max(last - dot - 1, 0))
  }
}

function writeVariable(writer: CellWriter, bytes: Buffer, start: number, end: number, scale: number): void {
  writer.beginStruct()
  writer.member('scale')
  writer.integer(scale)
  writer.member('value')
  writer.decimal(bytes, start, end, scale)
  writer.endStruct()
}

/** Longer decimals may have more digits than a double holds: they are rounded to the nearest one. */
const EXACT_LENGTH = 15

/** Decimal text as a double. */
export function readDouble(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    const decimal = isDecimal(bytes, start, end)
    if (!decimal && !isSpecial(bytes, start, end)) fail(writer, MALFORMED)
    else if (!decimal || (end - start <= EXACT_LENGTH && !hasLeadingZero(bytes, start, end))) writer.double(bytes, start, end)
    else {
      const rounded = Buffer.from(String(Number(bytes.toString('latin1', start, end))))
      writer.double(rounded, 0, rounded.length)
    }
  }
}

/** Never the server's, but a default may be written so. */
function hasLeadingZero(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start
  return bytes[first] === ZERO && first + 1 < end && bytes[first + 1] !== DOT
}

const padded = new Scratch()

function readString(fail: Fail, scale: number | undefined): ReadCell {
  return (writer, bytes, start, end) => {
    if (!isDecimal(bytes, start, end)) {
      if (isSpecial(bytes, start, end)) writer.string(SPECIAL_NAMES[bytes.toString('latin1', start, end)]!)
      else fail(writer, MALFORMED)
      return
    }
    let fraction = 0
    if (scale !== undefined) while (fraction < end - start && bytes[end - 1 - fraction] !== DOT) fraction++
    if (fraction === end - start) fraction = 0
    if (scale === undefined || fraction >= scale) return writer.plain(bytes, start, end)
    // numeric(3,-2): Debezium takes the modifier's scale as unsigned, and 12300 is written with 2046 zeros behind the point.
    const length = end - start
    const text = padded.take(length + 1 + scale)
    bytes.copy(text, 0, start, end)
    if (fraction === 0) text[length] = DOT
    const filled = fraction === 0 ? length + 1 : length
    const total = filled + scale - fraction
    text.fill(ZERO, filled, total)
    writer.plain(text, 0, total)
  }
}

/** A default must fit the column's scale without rounding. */
function numericDefault(scale: number | undefined, reader: (fail: Fail) => ReadCell): (expression: string) => ReturnType<typeof readConstant> {
  return (expression) => {
    const text = constantOf(expression, '0.0')?.trim()
    const match = text === undefined ? null : /^[+]?(-?\d+)(?:\.(\d+))?$/.exec(text)
    if (match === null) return undefined
    const [, whole = '0', fraction = ''] = match
    if (scale === undefined) return readConstant(fraction === '' ? whole : `${whole}.${fraction}`, reader)
    const kept = fraction.slice(0, scale)
    if (/[^0]/.test(fraction.slice(scale))) return undefined
    return readConstant(kept === '' ? whole : `${whole}.${kept}`, reader)
  }
}

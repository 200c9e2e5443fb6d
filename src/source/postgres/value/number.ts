import { doubleText, floatText } from '../../../byte/float-text.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'

const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const DIGIT_ZERO = 0x30
const LETTER_E = 0x65
const ZERO: Buffer = Buffer.from('0')

export const INT2: ValueType = integer('int16', -0x8000n, 0x7fffn)
export const INT4: ValueType = integer('int32', -0x80000000n, 0x7fffffffn)
export const INT8: ValueType = {
  ...integer('int64', -(1n << 63n), (1n << 63n) - 1n),
  reader: (fail) => (writer, bytes, start, end) => (isInteger(bytes, start, end) ? writer.long(bytes, start, end) : fail(writer, MALFORMED)),
}
/** An oid is unsigned, so Debezium gives it 64 bits. It shows no defaults of them. */
export const OID: ValueType = { shape: { type: 'int64' }, reader: readDigits, zero: writeZero }

export const BOOLEAN: ValueType = {
  shape: { type: 'boolean' },
  reader: (fail) => (writer, bytes, start, end) => {
    const byte = bytes[start]
    if (end - start === 1 && (byte === 0x74 || byte === 0x66)) writer.boolean(byte === 0x74)
    else fail(writer, MALFORMED)
  },
  zero: (writer) => writer.boolean(false),
  default: (expression) => {
    const text = constantOf(expression, 'false')
    return text === undefined ? undefined : (writer) => writer.boolean(text.toLowerCase() === 'true')
  },
}

export const FLOAT4: ValueType = {
  shape: { type: 'float' },
  reader: (fail) => (writer, bytes, start, end) => (isFloating(bytes, start, end) ? writer.float(bytes, start, end) : fail(writer, MALFORMED)),
  zero: (writer) => writer.float(ZERO, 0, 1),
  default: (expression) => {
    const value = floatingConstant(expression)
    return value === undefined ? undefined : readConstant(floatText(value), FLOAT4.reader)
  },
}

export const FLOAT8: ValueType = {
  shape: { type: 'double' },
  reader: (fail) => (writer, bytes, start, end) => (isFloating(bytes, start, end) ? writer.double(bytes, start, end) : fail(writer, MALFORMED)),
  zero: (writer) => writer.double(ZERO, 0, 1),
  default: (expression) => {
    const value = floatingConstant(expression)
    return value === undefined ? undefined : readConstant(doubleText(value), FLOAT8.reader)
  },
}

function integer(type: 'int16' | 'int32' | 'int64', least: bigint, greatest: bigint): ValueType {
  return {
    shape: { type },
    reader: readDigits,
    zero: writeZero,
    default: (expression): WriteValue | undefined => {
      const text = constantOf(expression, '0')
      if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined
      const value = BigInt(text.replace('+', ''))
      if (value < least || value > greatest) return undefined
      const digits = Buffer.from(String(value))
      return type === 'int64' ? (writer) => writer.long(digits, 0, digits.length) : (writer) => writer.digits(digits, 0, digits.length)
    },
  }
}

function writeZero(...[writer]: Parameters<WriteValue>): void {
  writer.integer(0)
}

function readDigits(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (isInteger(bytes, start, end)) writer.digits(bytes, start, end)
    else fail(writer, MALFORMED)
  }
}

/** Digits with an optional minus, none of them a leading zero. Writers copy them as they are: what is not a number must not get there. */
export function isInteger(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  if (bytes[at] === MINUS) at++
  if (at >= end || end - start > 20 || (bytes[at] === DIGIT_ZERO && end - at > 1)) return false
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte < 0x30 || byte > 0x39) return false
  }
  return true
}

/** No double has more: `-1.7976931348623157e+308`. */
const EXPONENT_DIGITS = 3
const FLOATING_LENGTH = 32

/** The server's spelling of a float: `1.5`, `1e-10`, `-0`, `NaN`, `-Infinity`. */
export function isFloating(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start
  let at = skipDigits(bytes, first, end)
  if (at === first) return isSpecial(bytes, start, end)
  if (bytes[first] === DIGIT_ZERO && at - first > 1) return false
  if (at < end && bytes[at] === DOT) {
    const fraction = at + 1
    at = skipDigits(bytes, fraction, end)
    if (at === fraction) return false
  }
  if (at < end && (bytes[at]! | 0x20) === LETTER_E) {
    const exponent = bytes[at + 1] === MINUS || bytes[at + 1] === PLUS ? at + 2 : at + 1
    at = skipDigits(bytes, exponent, end)
    if (at === exponent || at - exponent > EXPONENT_DIGITS) return false
  }
  return at === end && end - start <= FLOATING_LENGTH
}

function skipDigits(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at]! >= DIGIT_ZERO && bytes[at]! <= 0x39) at++
  return at
}

/** `NaN`, `Infinity`, `-Infinity`: of float4, float8 and numeric. */
export function isSpecial(bytes: Buffer, start: number, end: number): boolean {
  return end - start <= 9 && /^(NaN|-?Infinity)$/.test(bytes.toString('latin1', start, end))
}

function floatingConstant(expression: string): number | undefined {
  const text = constantOf(expression, '0.0')?.trim()
  if (text === undefined || !/^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|Infinity)$|^NaN$/.test(text)) return undefined
  return Number(text)
}

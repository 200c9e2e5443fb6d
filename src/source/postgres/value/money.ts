import type { HandlingModes } from '../../../event/handling-mode.ts'
import { decimalShape, isDecimal, readDouble } from './decimal.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const DOLLAR = 0x24
const COMMA = 0x2c
const ZERO: Buffer = Buffer.from('0')
/** lc_monetary C: two digits after the point. */
const DIGITS = 2

/** `money`, as lc_monetary C writes it: `-$1,234.50`. */
export function moneyType(modes: HandlingModes): ValueType {
  const scale = modes.moneyFractionDigits
  if (modes.decimal === 'double') return { shape: { type: 'double' }, reader: (fail) => plainAmount(fail, readDouble(fail)), zero: (writer) => writer.double(ZERO, 0, 1) }
  if (modes.decimal === 'string') {
    const zero = scale === 0 ? '0' : `0.${'0'.repeat(scale)}`
    return { shape: { type: 'string' }, reader: (fail) => plainAmount(fail, (writer, bytes, start, end) => writer.plain(bytes, start, end)), zero: (writer) => writer.string(zero) }
  }
  const read: ReadCell = scale >= DIGITS ? (writer, bytes, start, end) => writer.decimal(bytes, start, end, scale) : rounded(scale)
  return { shape: decimalShape(scale), reader: (fail) => plainAmount(fail, read), zero: (writer) => writer.decimal(ZERO, 0, 1, scale) }
}

const amount = new Scratch()

/** Drops the currency sign and the thousands separators. */
export function copyAmount(bytes: Buffer, start: number, end: number, to: Buffer): number {
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte !== DOLLAR && byte !== COMMA) to[length++] = byte
  }
  return length
}

function plainAmount(fail: Fail, read: ReadCell): ReadCell {
  return (writer, bytes, start, end) => {
    const text = amount.take(end - start)
    const length = copyAmount(bytes, start, end, text)
    if (isDecimal(text, 0, length)) read(writer, text, 0, length)
    else fail(writer, MALFORMED)
  }
}

/** Fewer fraction digits than money has: half is rounded away from zero, as Debezium does. */
function rounded(scale: number): ReadCell {
  const unit = 10n ** BigInt(DIGITS - scale)
  return (writer, bytes, start, end) => {
    const [whole = '', fraction = ''] = bytes.toString('latin1', start, end).split('.')
    const negative = whole.startsWith('-')
    const cents = BigInt(whole.replace('-', '') + fraction.padEnd(DIGITS, '0'))
    const value = (cents + unit / 2n) / unit
    const digits = String(value).padStart(scale + 1, '0')
    const text = Buffer.from(`${negative && value > 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`)
    writer.decimal(text, 0, text.length, scale)
  }
}

import { writeInteger as writeSigned, writeNatural, writePadded } from '../../../byte/digits.ts'
import { malformed } from '../binlog/malformed.ts'
import type { JsonText } from './json-text.ts'

const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
/** A sign, and the digits of 64 bits. */
const INTEGER_ROOM = 24
/** `-0.0000000000000012345678901234568`: MY_GCVT_MAX_FIELD_WIDTH is 34. */
const DOUBLE_ROOM = 40
/** Up to here a number of so many digits is the only one of at most fifteen that reads back the same double. */
const SURE = 1e15
const POWERS = [1, 10, 100, 1000, 10_000, 100_000] as const
/** DBL_DIG: MAX_DECPT_FOR_F_FORMAT of include/mysql/strings/dtoa.h. */
const PLAIN_DIGITS = 15

export function writeInteger(into: JsonText, value: number): void {
  into.length = writeSigned(into.room(INTEGER_ROOM), into.length, value)
}

export function writeInteger64(into: JsonText, bytes: Buffer, at: number, signed: boolean): void {
  const low = bytes.readUInt32LE(at)
  const high = signed ? bytes.readInt32LE(at + 4) : bytes.readUInt32LE(at + 4)
  const value = high * 2 ** 32 + low
  if (Number.isSafeInteger(value)) return writeInteger(into, value)
  into.ascii(String(signed ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at)))
}

/**
 * Writes the fewest digits that read back the same double, spelled as the server does (my_gcvt, strings/dtoa.cc; Json_wrapper adds
 * `.0`): with an exponent where there are more than fifteen digits before the point and none behind it, or fourteen zeros behind it.
 */
export function writeDouble(into: JsonText, value: number): void {
  if (!Number.isFinite(value)) throw malformed('JSON document', 'a number is not finite')
  const out = into.room(DOUBLE_ROOM)
  if (value < 0 || Object.is(value, -0)) out[into.length++] = MINUS
  const size = Math.abs(value)
  if (size < SURE && Math.floor(size) === size) {
    const w = writeNatural(out, into.length, size)
    out[w] = DOT
    out[w + 1] = ZERO
    into.length = w + 2
    return
  }
  for (let scale = 1; scale < POWERS.length; scale++) {
    const power = POWERS[scale]!
    const scaled = Math.round(size * power)
    if (scaled >= SURE) break
    // a division of two exact numbers is rounded once, as reading the text is
    if (scaled / power !== size) continue
    const whole = Math.floor(scaled / power)
    const w = writeNatural(out, into.length, whole)
    out[w] = DOT
    into.length = writePadded(out, w + 1, scaled - whole * power, scale)
    return
  }
  into.ascii(spell(size))
}

function spell(size: number): string {
  const [mantissa = '', power = ''] = size.toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const point = Number(power) + 1
  if (point < 1 - PLAIN_DIGITS || (point > PLAIN_DIGITS && digits.length <= point)) return `${mantissa}e${Number(power)}`
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (digits.length <= point) return `${digits.padEnd(point, '0')}.0`
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

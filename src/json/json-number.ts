import { QUOTE } from '../byte/json-sign.ts'
import { writeNatural, writePadded } from '../byte/digits.ts'

const ZERO = 0x30
const MINUS = 0x2d
const DOT = 0x2e
const LOWER_E = 0x65
const UPPER_E = 0x45

/** Room that writeInteger (byte/digits.ts) and {@link writeTicks} may need: a sign and more digits than 64 bits have. */
export const INTEGER_ROOM = 32
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/**
 * Writes `seconds * 10^scale + fraction` exactly, although it may exceed a double: the digits of seconds and fraction follow
 * each other. Below zero the magnitude is taken first: -(s * 10^scale) + f = -((s - 1) * 10^scale + (10^scale - f)).
 */
export function writeTicks(out: Buffer, at: number, seconds: number, fraction: number, scale: number): number {
  let w = at
  let whole = seconds
  let rest = fraction
  if (whole < 0) {
    out[w++] = MINUS
    whole = -whole
    if (rest > 0) {
      whole -= 1
      rest = POWERS[scale]! - rest
    }
  }
  if (whole === 0) return writeNatural(out, w, rest)
  return writePadded(out, writeNatural(out, w, whole), rest, scale)
}

/** Room that {@link writeFloating} may need for `length` bytes of text. */
export function floatingRoom(length: number): number {
  return length + 32
}

/**
 * Writes a float or double as Java spells it (`1.0`, `1.0E7`, `9.99E-4`): plain from 10^-3 up to 10^7, otherwise with an exponent,
 * always with a fraction. The digits are the server's: the shortest that read back the same number. NaN and the infinities become
 * strings, because JSON has no numbers for them and Jackson writes them so.
 */
export function writeFloating(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number, bits: 32 | 64): number {
  let w = at
  let p = start
  if (bytes[p] === MINUS) p++
  const first = bytes[p]!
  if (first === 0x4e || first === 0x49) return writeQuoted(out, at, bytes, start, end)
  let dot = end
  let last = end
  for (let i = p; i < end; i++) {
    const byte = bytes[i]!
    if (byte === DOT) dot = i
    else if (byte === LOWER_E || byte === UPPER_E) return writeNormalised(out, at, bytes, start, end, bits)
  }
  if (!isPlain(bytes, p, dot, end)) return writeNormalised(out, at, bytes, start, end, bits)
  if (dot < end) while (last > dot + 2 && bytes[last - 1] === ZERO) last--
  for (let i = start; i < last; i++) out[w++] = bytes[i]!
  if (dot === end) {
    out[w++] = DOT
    out[w++] = ZERO
  }
  return w
}

/** Text that needs at most its trailing zeros cut or `.0` added: `1`, `12.50`, `0.001`, at most 17 significant digits. */
function isPlain(bytes: Uint8Array, start: number, dot: number, end: number): boolean {
  const first = bytes[start]!
  if (first === ZERO) {
    if (dot !== start + 1 || dot === end - 1 || end - start > 19) return false
    return dot === end || bytes[dot + 1] !== ZERO || bytes[dot + 2] !== ZERO || bytes[dot + 3] !== ZERO
  }
  return first > ZERO && first <= 0x39 && dot - start <= 7 && dot !== end - 1 && end - start <= 18
}

function writeQuoted(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number): number {
  let w = at
  out[w++] = QUOTE
  for (let i = start; i < end; i++) out[w++] = bytes[i]!
  out[w++] = QUOTE
  return w
}

/** The significant digits of a double are at most 17; longer text (a numeric as double) is rounded to the double it denotes. */
const MAX_SIGNIFICANT = 17

/** Any spelling: the significant digits and the exponent of the first of them, then Java's form. Rare, so strings are fine. */
function writeNormalised(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number, bits: 32 | 64): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  let match = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match !== null && match[2]!.length + match[3]!.length > MAX_SIGNIFICANT) {
    const rounded = Number(text)
    if (!Number.isFinite(rounded)) return writeText(out, at, rounded < 0 ? '"-Infinity"' : '"Infinity"')
    match = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(Object.is(rounded, -0) ? '-0' : String(rounded))
  }
  if (match === null) return writeQuoted(out, at, bytes, start, end)
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  const all = whole + fraction
  const significant = all.replace(/^0+/, '')
  const exponent = whole.length - 1 - (all.length - significant.length) + Number(power)
  const digits = significant.replace(/0+$/, '')
  if (digits.length === 1 && exponent < FEWEST_DIGITS[bits]) return writeText(out, at, sign + twoDigits(`${digits}e${exponent}`, bits))
  return writeText(out, at, sign + javaForm(digits, exponent))
}

/** Below these exponents neighbouring numbers are so far apart that two digits may say more than one. */
const FEWEST_DIGITS = { 32: -43, 64: -321 } as const

/** Where one digit is enough, Java takes the two that come closest (Float.toString, Double.toString): `1.4E-45` for the server's `1e-45`. */
function twoDigits(text: string, bits: 32 | 64): string {
  const value = bits === 32 ? Math.fround(Number(text)) : Number(text)
  return value.toExponential(1).replace('e', 'E')
}

/** `digits` without zeros at either end; `exponent` is that of the first digit. */
function javaForm(digits: string, exponent: number): string {
  if (digits === '') return '0.0'
  if (exponent < -3 || exponent >= 7) return `${digits[0]!}.${digits.slice(1) || '0'}E${exponent}`
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  return `${digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')}.${digits.slice(exponent + 1) || '0'}`
}

function writeText(out: Buffer, at: number, text: string): number {
  return at + out.write(text, at, 'latin1')
}

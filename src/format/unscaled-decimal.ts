import { TailraceError } from '../error/tailrace-error.ts'

const ZERO = 0x30
const MINUS = 0x2d
const DOT = 0x2e
/** Integers of this many digits, and the steps towards them, are exact in a double. */
const EXACT_DIGITS = 15
/** Up to here digits are gathered in limbs; beyond, BigInt's conversion grows slower than the square of the digits. */
const LIMB_DIGITS = 120
const LIMB = 0x1000000
/** Eight digits at a time: limb * 10^8 + carry stays below 2^53. */
const CHUNK = 8
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power)

/**
 * A decimal's unscaled integer in two's complement, big-endian, in as few bytes as hold it: what Java's
 * `BigInteger.toByteArray` returns and Kafka's Decimal carries. The bytes are in `bytes[0, length)` until the next parse.
 */
export class UnscaledDecimal {
  bytes: Uint8Array = new Uint8Array(64)
  length = 0
  private readonly limbs = new Float64Array(24)

  /** Reads ASCII such as `-12.50`. Digits beyond `scale` must be zeros: TR_VALUE_CONVERSION otherwise, because dropping them would invent a value. */
  parse(text: Uint8Array, start: number, end: number, scale: number): void {
    const negative = text[start] === MINUS
    const from = negative || text[start] === 0x2b ? start + 1 : start
    let dot = end
    let value = 0
    for (let p = from; p < end; p++) {
      const byte = text[p]!
      if (byte === DOT) dot = p
      else value = value * 10 + byte - ZERO
    }
    const fraction = dot < end ? end - dot - 1 : 0
    const missing = scale - fraction
    const digits = end - from - (dot < end ? 1 : 0) + missing
    if (missing >= 0 && digits <= EXACT_DIGITS) this.fromDouble(value * POWERS[missing]!, negative)
    else this.fromDigits(text, from, end, dot, missing, negative)
  }

  private fromDouble(magnitude: number, negative: boolean): void {
    // Two's complement of -m is the complement of m - 1.
    let rest = negative && magnitude > 0 ? magnitude - 1 : magnitude
    const flip = negative && magnitude > 0 ? 0xff : 0
    let length = 1
    for (let limit = 0x80; rest >= limit; limit *= 256) length++
    const { bytes } = this
    for (let p = length - 1; p >= 0; p--) {
      const next = Math.floor(rest / 256)
      bytes[p] = (rest - next * 256) ^ flip
      rest = next
    }
    this.length = length
  }

  private fromDigits(text: Uint8Array, from: number, end: number, dot: number, missing: number, negative: boolean): void {
    let last = end
    for (let drop = -missing; drop > 0 && last > from; ) {
      last--
      if (last === dot) continue
      if (text[last] !== ZERO) throw new TailraceError('TR_VALUE_CONVERSION', { message: 'A decimal has more digits than its column’s scale' })
      drop--
    }
    const padding = Math.max(missing, 0)
    let first = from
    while (first < last && (text[first] === ZERO || first === dot)) first++
    if (first === last) this.fromDouble(0, false)
    else if (last - first + padding <= LIMB_DIGITS) this.fromLimbs(text, first, last, padding, negative)
    else this.fromBigInt(text, first, last, dot, padding, negative)
  }

  private fromLimbs(text: Uint8Array, first: number, last: number, padding: number, negative: boolean): void {
    const { limbs } = this
    let size = 0
    let chunk = 0
    let digits = 0
    for (let p = first; p < last + padding; p++) {
      const byte = p < last ? text[p]! : ZERO
      if (byte !== DOT) {
        chunk = chunk * 10 + byte - ZERO
        digits++
      }
      if (digits === CHUNK || p === last + padding - 1) {
        size = multiplyAdd(limbs, size, POWERS[digits]!, chunk)
        chunk = digits = 0
      }
    }
    if (negative) for (let i = 0; limbs[i]!-- === 0; i++) limbs[i] = LIMB - 1
    const { bytes } = this
    for (let i = 0; i < size; i++) {
      const limb = limbs[size - 1 - i]!
      bytes[1 + i * 3] = limb >> 16
      bytes[2 + i * 3] = limb >> 8
      bytes[3 + i * 3] = limb
    }
    bytes[0] = 0
    this.settle(1 + size * 3, negative)
  }

  private fromBigInt(text: Uint8Array, first: number, last: number, dot: number, padding: number, negative: boolean): void {
    const ascii = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
    const digits = dot > first && dot < last ? ascii.toString('latin1', first, dot) + ascii.toString('latin1', dot + 1, last) : ascii.toString('latin1', first, last)
    const magnitude = BigInt(digits + '0'.repeat(padding))
    const hex = (negative ? magnitude - 1n : magnitude).toString(16)
    const length = 1 + Math.ceil(hex.length / 2)
    if (this.bytes.length < length) this.bytes = new Uint8Array(length)
    this.bytes[0] = 0
    this.bytes.set(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'), 1)
    this.settle(length, negative)
  }

  /** Drops leading zero bytes that say nothing, then complements. */
  private settle(length: number, negative: boolean): void {
    const { bytes } = this
    let skip = 0
    while (skip < length - 1 && bytes[skip] === 0 && bytes[skip + 1]! < 0x80) skip++
    if (skip > 0) bytes.copyWithin(0, skip, length)
    this.length = length - skip
    if (negative) for (let p = 0; p < this.length; p++) bytes[p] = bytes[p]! ^ 0xff
  }
}

/** limbs = limbs * factor + addend, least significant limb first; returns the new size. */
function multiplyAdd(limbs: Float64Array, size: number, factor: number, addend: number): number {
  let carry = addend
  for (let i = 0; i < size; i++) {
    const sum = limbs[i]! * factor + carry
    carry = Math.floor(sum / LIMB)
    limbs[i] = sum - carry * LIMB
  }
  let grown = size
  for (; carry > 0; carry = Math.floor(carry / LIMB)) limbs[grown++] = carry % LIMB
  return grown
}

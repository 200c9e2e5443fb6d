const ZERO = 0x30
const MINUS = 0x2d
/** Integers of this many digits are exact in a double. */
const EXACT_DIGITS = 15
const TWO_32 = 0x100000000
const TWO_16 = 0x10000
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/** The most bytes that a long takes. */
export const LONG_ROOM = 10

/**
 * Writes an integer that fits a double exactly as Avro's int or long: zig-zag, seven bits a byte, least significant first
 * (Avro specification, "Primitive Types" of the binary encoding). Returns where it ends.
 */
export function writeLong(out: Buffer, at: number, value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) {
    let w = at
    let rest = (value << 1) ^ (value >> 31)
    for (; rest > 0x7f; rest >>>= 7) out[w++] = (rest & 0x7f) | 0x80
    out[w++] = rest
    return w
  }
  const negative = value < 0
  const magnitude = negative ? -value - 1 : value
  return writeHalves(out, at, Math.floor(magnitude / TWO_32), magnitude >>> 0, negative)
}

/** Writes a length or count, which is never negative. */
export function writeCount(out: Buffer, at: number, count: number): number {
  if (count > 0x3f) return writeLong(out, at, count)
  out[at] = count << 1
  return at + 1
}

/** Writes ASCII digits with an optional minus: any integer of 64 bits, exactly and without a BigInt. */
export function writeDigits(out: Buffer, at: number, bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  const from = negative ? start + 1 : start
  if (end - from <= EXACT_DIGITS) {
    const value = parse(bytes, from, end)
    return writeLong(out, at, negative ? -value : value)
  }
  return writeProduct(out, at, parse(bytes, from, end - 9), 1e9, parse(bytes, end - 9, end), negative)
}

/** Writes `seconds * 10^scale + fraction`, 0 <= fraction < 10^scale, exactly. */
export function writeTicks(out: Buffer, at: number, seconds: number, fraction: number, scale: number): number {
  const factor = POWERS[scale]!
  const negative = seconds < 0
  let whole = seconds
  let rest = fraction
  if (negative) {
    whole = -whole
    if (rest > 0) {
      whole -= 1
      rest = factor - rest
    }
  }
  const value = whole * factor + rest
  if (value <= Number.MAX_SAFE_INTEGER) return writeLong(out, at, negative ? -value : value)
  return writeProduct(out, at, whole, factor, rest, negative)
}

function parse(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let p = start; p < end; p++) value = value * 10 + bytes[p]! - ZERO
  return value
}

/** Writes ±(high * factor + low), a magnitude below 2^64 that no double may hold: multiplied in pieces of 16 bits. */
function writeProduct(out: Buffer, at: number, high: number, factor: number, low: number, negative: boolean): number {
  const top = Math.floor(high / TWO_16)
  const bottom = (high - top * TWO_16) * factor + low
  const carry = Math.floor(bottom / TWO_16)
  const upper = top * factor + carry
  let upperHalf = Math.floor(upper / TWO_16)
  let lowerHalf = (upper - upperHalf * TWO_16) * TWO_16 + bottom - carry * TWO_16
  if (negative) {
    if (lowerHalf === 0) {
      upperHalf--
      lowerHalf = TWO_32
    }
    lowerHalf--
  }
  return writeHalves(out, at, upperHalf, lowerHalf, negative)
}

/** Zig-zag of a number in two halves: of the magnitude, or below zero of the magnitude less one. */
function writeHalves(out: Buffer, at: number, upper: number, lower: number, negative: boolean): number {
  let w = at
  let low = ((lower << 1) | (negative ? 1 : 0)) >>> 0
  let high = ((upper << 1) | (lower >>> 31)) >>> 0
  while (high > 0) {
    out[w++] = (low & 0x7f) | 0x80
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  for (; low > 0x7f; low >>>= 7) out[w++] = (low & 0x7f) | 0x80
  out[w++] = low
  return w
}

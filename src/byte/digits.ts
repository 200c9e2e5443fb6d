const ZERO = 0x30
const MINUS = 0x2d
const EXACT = BigInt(Number.MAX_SAFE_INTEGER)

/** Writes 0 <= value < 2^53 as decimal digits; returns where they end. */
export function writeNatural(out: Buffer, at: number, value: number): number {
  if (value > 0xffffffff) {
    const high = Math.floor(value / 1e9)
    return writePadded(out, writeNatural(out, at, high), value - high * 1e9, 9)
  }
  let digits = 1
  if (value >= 1e5) digits = value >= 1e8 ? (value >= 1e9 ? 10 : 9) : value >= 1e7 ? 8 : value >= 1e6 ? 7 : 6
  else if (value >= 10) digits = value >= 1e3 ? (value >= 1e4 ? 5 : 4) : value >= 100 ? 3 : 2
  return writePadded(out, at, value, digits)
}

/** The same of a bigint, which may be longer. */
export function writeBigNatural(out: Buffer, at: number, value: bigint): number {
  return value <= EXACT ? writeNatural(out, at, Number(value)) : at + out.write(String(value), at, 'latin1')
}

/** Writes an integer that fits a double exactly; returns where it ends. */
export function writeInteger(out: Buffer, at: number, value: number): number {
  if (value >= 0) return writeNatural(out, at, value)
  out[at] = MINUS
  return writeNatural(out, at + 1, -value)
}

/** Writes exactly `digits` digits of 0 <= value < 2^32. */
export function writePadded(out: Buffer, at: number, value: number, digits: number): number {
  let rest = value >>> 0
  for (let p = at + digits - 1; p >= at; p--) {
    const tenth = (rest / 10) >>> 0
    out[p] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

/** By 0 to 99: its two digits. */
export const TENS: Uint8Array = Uint8Array.from({ length: 100 }, (_, value) => ZERO + Math.floor(value / 10))
export const ONES: Uint8Array = Uint8Array.from({ length: 100 }, (_, value) => ZERO + (value % 10))

/** Writes the two digits of 0 <= value < 100. */
export function writePair(out: Buffer, at: number, value: number): number {
  out[at] = TENS[value]!
  out[at + 1] = ONES[value]!
  return at + 2
}

const WORD = 0x100000000
const SIX_DIGITS = 1_000_000

/** Writes high * 2^32 + low, both unsigned, as decimal digits; returns where they end. */
export function writeUnsigned64(out: Buffer, at: number, high: number, low: number): number {
  if (high === 0) return writeNatural(out, at, low)
  // Long division by 10^6, for the remainder times 2^32 is still exact in a double.
  const upper = Math.floor(high / SIX_DIGITS)
  const rest = (high - upper * SIX_DIGITS) * WORD + low
  const quotient = Math.floor(rest / SIX_DIGITS)
  return writePadded(out, writeNatural(out, at, upper * WORD + quotient), rest - quotient * SIX_DIGITS, 6)
}

/** The same in two's complement. */
export function writeSigned64(out: Buffer, at: number, high: number, low: number): number {
  if (high < 0x80000000) return writeUnsigned64(out, at, high, low)
  out[at] = MINUS
  return writeUnsigned64(out, at + 1, (~high >>> 0) + (low === 0 ? 1 : 0), -low >>> 0)
}

const ZERO = 0x30
const MINUS = 0x2d
const DOT = 0x2e
/** Integers of this many digits, and these powers of ten, are exact in a double: their quotient is then the nearest double. */
const EXACT_DIGITS = 15
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power)

/** The double nearest to ASCII text: digits, optional fraction and exponent, or `NaN`, `Infinity`, `-Infinity`. */
export function parseFloating(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS
  let dot = end
  let value = 0
  if (end - start > EXACT_DIGITS) return parseText(bytes, start, end)
  for (let p = negative ? start + 1 : start; p < end; p++) {
    const byte = bytes[p]!
    if (byte === DOT) dot = p + 1
    else if (byte >= ZERO && byte <= 0x39) value = value * 10 + byte - ZERO
    else return parseText(bytes, start, end)
  }
  const magnitude = value / POWERS[end - dot]!
  return negative ? -magnitude : magnitude
}

function parseText(bytes: Uint8Array, start: number, end: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'))
}

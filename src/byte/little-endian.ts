/*
  Little-endian integers, unsigned where nothing else is said. Buffer's own methods check their arguments in a call that is not inlined, which costs several times as much as the number.
  These do not: whoever calls them knows that the bytes are there.
*/

export function word16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

/** Two's complement. */
export function signed16(bytes: Uint8Array, at: number): number {
  return (word16(bytes, at) << 16) >> 16
}

export function word24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
}

export function word32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

export function word48(bytes: Uint8Array, at: number): number {
  return word16(bytes, at + 4) * 4_294_967_296 + word32(bytes, at)
}

export function word64(bytes: Uint8Array, at: number): bigint {
  return joinWords(word32(bytes, at + 4), word32(bytes, at))
}

/** high * 2^32 + low, both unsigned. */
export function joinWords(high: number, low: number): bigint {
  return high < EXACT_HIGH ? BigInt(high * 4_294_967_296 + low) : (BigInt(high) << 32n) | BigInt(low)
}

/** Below, a double has all bits of the number, and to make one of it is cheaper. */
const EXACT_HIGH = 0x200000

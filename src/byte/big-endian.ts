import { joinWords } from './little-endian.ts'

/* Unsigned big-endian integers, without the checks of Buffer's methods (little-endian.ts). */

export function bigWord32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export function bigWord64(bytes: Uint8Array, at: number): bigint {
  return joinWords(bigWord32(bytes, at), bigWord32(bytes, at + 4))
}

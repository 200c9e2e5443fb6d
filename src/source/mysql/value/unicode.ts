import { bigWord32 } from '../../../byte/big-endian.ts'
import { putCodePoint, REPLACEMENT, type DecodeText } from './code-point.ts'

/** ucs2, utf16 and utf16le; utf32. Big-endian but for the one that says so; undefined for others. */
export function unicode(charset: string): DecodeText | undefined {
  switch (charset) {
    case 'ucs2':
    case 'utf16':
      return (bytes, start, end, to) => decode16(bytes, start, end, to, 0)
    case 'utf16le':
      return (bytes, start, end, to) => decode16(bytes, start, end, to, 1)
    case 'utf32':
      return decode32
    default:
      return undefined
  }
}

/** `high`: where the higher byte of a unit is. */
function decode16(bytes: Buffer, start: number, end: number, to: Buffer, high: 0 | 1): number {
  let length = 0
  let at = start
  while (at + 1 < end) {
    let code = (bytes[at + high]! << 8) | bytes[at + 1 - high]!
    at += 2
    if (code >= 0xd800 && code < 0xe000) {
      const low = at + 1 < end ? (bytes[at + high]! << 8) | bytes[at + 1 - high]! : 0
      if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        at += 2
      } else code = REPLACEMENT
    }
    length = putCodePoint(to, length, code)
  }
  return at < end ? putCodePoint(to, length, REPLACEMENT) : length
}

function decode32(bytes: Buffer, start: number, end: number, to: Buffer): number {
  let length = 0
  let at = start
  for (; at + 3 < end; at += 4) {
    const code = bigWord32(bytes, at)
    length = putCodePoint(to, length, code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? REPLACEMENT : code)
  }
  return at < end ? putCodePoint(to, length, REPLACEMENT) : length
}

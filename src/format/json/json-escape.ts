/**
 * How Jackson, Kafka's JSON library, escapes text when it writes UTF-8 (UTF8JsonGenerator, CharTypes): `"`, `\` and control
 * characters, and every character beyond U+FFFF as two escaped surrogates. The text is reproduced to the byte, because message
 * keys are hashed and compacted by their bytes.
 */

/** By first byte: 0 written as it is, 1 `\u00XX`, 2 first byte of a four-byte sequence, otherwise the letter after the backslash. */
export const ESCAPE: Uint8Array = new Uint8Array(256)
ESCAPE.fill(1, 0, 0x20)
ESCAPE.fill(2, 0xf0, 0xf5)
for (const [byte, letter] of [[0x22, '"'], [0x5c, '\\'], [8, 'b'], [9, 't'], [10, 'n'], [12, 'f'], [13, 'r']] as const) ESCAPE[byte] = letter.charCodeAt(0)

/** The most bytes an escape takes for each byte of text: `\u0001` for one byte, twelve for four. */
export const MAX_EXPANSION = 6

const FOUR_BYTE_LEAD = 2
const HEX: Buffer = Buffer.from('0123456789ABCDEF')
const BACKSLASH = 0x5c
const LETTER_U = 0x75

/**
 * Where the next byte that needs an escape is, or `end`.
 */
export function nextEscape(bytes: Uint8Array, start: number, end: number): number {
  let p = start
  while (p < end && ESCAPE[bytes[p]!] === 0) p++
  return p
}

/** True where `bytes[at]` begins a whole four-byte sequence. A torn one (never sent by a server) is passed on as it is. */
function isFourByte(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 < end && (bytes[at + 1]! & 0xc0) === 0x80 && (bytes[at + 2]! & 0xc0) === 0x80 && (bytes[at + 3]! & 0xc0) === 0x80
}

/** How many bytes of text the escape at `at` stands for. */
export function escapedBytes(bytes: Uint8Array, at: number, end: number): number {
  return ESCAPE[bytes[at]!] === FOUR_BYTE_LEAD && isFourByte(bytes, at, end) ? 4 : 1
}

/** Writes the escape of what begins at `bytes[at]`; returns where it ends in `out`. Needs room for twelve bytes. */
export function writeEscape(out: Buffer, where: number, bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]!
  const letter = ESCAPE[byte]!
  if (letter === FOUR_BYTE_LEAD) {
    if (!isFourByte(bytes, at, end)) {
      out[where] = byte
      return where + 1
    }
    const beyond = (((byte & 7) << 18) | ((bytes[at + 1]! & 63) << 12) | ((bytes[at + 2]! & 63) << 6) | (bytes[at + 3]! & 63)) - 0x10000
    return writeUnit(out, writeUnit(out, where, 0xd800 | ((beyond >> 10) & 0x3ff)), 0xdc00 | (beyond & 0x3ff))
  }
  if (letter === 1) return writeUnit(out, where, byte)
  out[where] = BACKSLASH
  out[where + 1] = letter
  return where + 2
}

function writeUnit(out: Buffer, where: number, unit: number): number {
  out[where] = BACKSLASH
  out[where + 1] = LETTER_U
  out[where + 2] = HEX[unit >> 12]!
  out[where + 3] = HEX[(unit >> 8) & 15]!
  out[where + 4] = HEX[(unit >> 4) & 15]!
  out[where + 5] = HEX[unit & 15]!
  return where + 6
}

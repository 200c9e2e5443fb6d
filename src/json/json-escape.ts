/**
 * How Jackson, Kafka's JSON library, escapes text when it writes UTF-8 (UTF8JsonGenerator, CharTypes): `"`, `\` and control
 * characters, and every character beyond U+FFFF as two escaped surrogates. The text is reproduced to the byte, because message
 * keys are hashed and compacted by their bytes.
 */

/** By first byte: 0 written as it is, 1 `\u00XX`, 2 first byte of a four-byte sequence, from SHORT_ESCAPE on the letter after the backslash. */
export const ESCAPE: Uint8Array = new Uint8Array(256)
ESCAPE.fill(1, 0, 0x20)
ESCAPE.fill(2, 0xf0, 0xf5)
for (const [byte, letter] of [[0x22, '"'], [0x5c, '\\'], [8, 'b'], [9, 't'], [10, 'n'], [12, 'f'], [13, 'r']] as const) ESCAPE[byte] = letter.charCodeAt(0)

/** An entry of {@link ESCAPE} from here on is the letter itself. */
export const SHORT_ESCAPE = 3
export const BACKSLASH = 0x5c

/**
 * The same in one step, for all but the long escapes: by byte, what it is written as in the lower 16 bits (little-endian), and how many bytes
 * that is in those above. {@link LONG_ESCAPE} and more where it is longer.
 */
export const ESCAPED: Int32Array = new Int32Array(256)
export const LENGTH_SHIFT = 16
export const LONG_ESCAPE: number = 4 << LENGTH_SHIFT
for (let byte = 0; byte < 256; byte++) {
  const letter = ESCAPE[byte]!
  ESCAPED[byte] = letter === 0 ? byte | (1 << LENGTH_SHIFT) : letter >= SHORT_ESCAPE ? BACKSLASH | (letter << 8) | (2 << LENGTH_SHIFT) : LONG_ESCAPE
}

/** The most bytes an escape takes for each byte of text: `\u0001` for one byte, twelve for four. */
export const MAX_EXPANSION = 6

const FOUR_BYTE_LEAD = 2
const HEX: Buffer = Buffer.from('0123456789ABCDEF')
const LETTER_U = 0x75

/** True where `bytes[at]` begins a whole four-byte sequence. A torn one (never sent by a server) is passed on as it is. */
function isFourByte(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 < end && (bytes[at + 1]! & 0xc0) === 0x80 && (bytes[at + 2]! & 0xc0) === 0x80 && (bytes[at + 3]! & 0xc0) === 0x80
}

/** How many bytes of text the escape at `at` stands for. */
export function escapedBytes(bytes: Uint8Array, at: number, end: number): number {
  return ESCAPE[bytes[at]!] === FOUR_BYTE_LEAD && isFourByte(bytes, at, end) ? 4 : 1
}

/** Writes the long escape of what begins at `bytes[at]`; returns where it ends in `out`. Needs room for twelve bytes. */
export function writeEscape(out: Buffer, where: number, bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]!
  if (ESCAPE[byte] === 1) return writeUnit(out, where, byte)
  if (!isFourByte(bytes, at, end)) {
    out[where] = byte
    return where + 1
  }
  const beyond = (((byte & 7) << 18) | ((bytes[at + 1]! & 63) << 12) | ((bytes[at + 2]! & 63) << 6) | (bytes[at + 3]! & 63)) - 0x10000
  return writeUnit(out, writeUnit(out, where, 0xd800 | ((beyond >> 10) & 0x3ff)), 0xdc00 | (beyond & 0x3ff))
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

const HALF = /\p{Surrogate}/u

/** Half of a character beyond U+FFFF stands in it, as where Debezium cuts a text: UTF-8 has nothing for it, and Jackson its escape. */
export function isTorn(text: string): boolean {
  return HALF.test(text)
}

/** Text of any kind, escaped like the others. */
export function escapedText(text: string): Buffer {
  const escape = (char: string): string => {
    const letter = char.length === 1 ? ESCAPE[char.charCodeAt(0)] : undefined
    if (letter !== undefined && letter >= SHORT_ESCAPE) return `\\${String.fromCharCode(letter)}`
    return [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}`).join('')
  }
  // eslint-disable-next-line no-control-regex -- JSON escapes them
  return Buffer.from(text.replace(/["\\\u0000-\u001f\p{Surrogate}\u{10000}-\u{10ffff}]/gu, escape))
}

import { QUOTE } from '../../../byte/json-sign.ts'
import type { JsonText } from './json-text.ts'

const BACKSLASH = 0x5c
const LETTER_U = 0x75
const ZERO = 0x30
/** `\u0001` for one byte. */
const MAX_EXPANSION = 6
/** Escaped in pieces of this size, so that six times a long text is never reserved. */
const PIECE = 4096
const HEX = Buffer.from('0123456789ABCDEF')

/** By byte: 0 stands for itself, 1 `\u00XX`, else the letter behind the backslash. The server escapes the same (double_quote, sql-common/json_dom.cc), but with lower-case hex; this is as Debezium writes it. */
const ESCAPE = new Uint8Array(256)
ESCAPE.fill(1, 0, 0x20)
for (const [byte, letter] of [[QUOTE, '"'], [BACKSLASH, '\\'], [8, 'b'], [9, 't'], [10, 'n'], [12, 'f'], [13, 'r']] as const) ESCAPE[byte] = letter.charCodeAt(0)

/** Writes UTF-8 as a quoted JSON string. */
export function writeString(into: JsonText, bytes: Buffer, start: number, end: number): void {
  let out = into.room(Math.min(end - start, PIECE) * MAX_EXPANSION + 2)
  out[into.length++] = QUOTE
  for (let p = start; p < end; p += PIECE) {
    if (p > start) out = into.room(PIECE * MAX_EXPANSION + 1)
    into.length = writePiece(out, into.length, bytes, p, Math.min(end, p + PIECE))
  }
  out[into.length++] = QUOTE
}

/** Returns where it ends. */
function writePiece(out: Buffer, at: number, bytes: Buffer, start: number, end: number): number {
  let w = at
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!
    const escape = ESCAPE[byte]!
    if (escape === 0) {
      out[w++] = byte
      continue
    }
    out[w++] = BACKSLASH
    if (escape !== 1) {
      out[w++] = escape
      continue
    }
    out[w++] = LETTER_U
    out[w++] = ZERO
    out[w++] = ZERO
    out[w++] = HEX[byte >> 4]!
    out[w++] = HEX[byte & 15]!
  }
  return w
}

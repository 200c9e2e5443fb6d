import type { JsonText } from './json-text.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
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
  into.byte(QUOTE)
  for (let p = start; p < end; p += PIECE) writePiece(into, bytes, p, Math.min(end, p + PIECE))
  into.byte(QUOTE)
}

function writePiece(into: JsonText, bytes: Buffer, start: number, end: number): void {
  const out = into.room((end - start) * MAX_EXPANSION)
  let w = into.length
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
    w += out.write('u00', w, 'latin1')
    out[w++] = HEX[byte >> 4]!
    out[w++] = HEX[byte & 15]!
  }
  into.length = w
}

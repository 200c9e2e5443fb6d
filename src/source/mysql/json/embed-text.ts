import { QUOTE } from '../../../byte/json-sign.ts'

const BACKSLASH = 0x5c
const PLAIN = 0
const BLANK = 1
const RARE = 2

/** By byte, between strings. */
const BETWEEN = new Uint8Array(256).fill(RARE)
for (const sign of '{}[]:,+-.0123456789eEtrufalsn') BETWEEN[sign.charCodeAt(0)] = PLAIN
BETWEEN[0x20] = BLANK

/** By byte, inside of strings. */
const INSIDE = new Uint8Array(256)
INSIDE.fill(RARE, 0, 0x20)
// four bytes of UTF-8, which are escaped
INSIDE.fill(RARE, 0xf0)
INSIDE[BACKSLASH] = INSIDE[QUOTE] = RARE

/** Copies what stands inside of a string; returns where it ends in `out`, -1 where something in it needs an escape. */
export function embedPlain(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let w = at
  for (let p = start; p < end; p++) {
    const byte = bytes[p]!
    if (INSIDE[byte] !== PLAIN) return -1
    out[w++] = byte
  }
  return w
}

/** The server's JSON text as compactJson has it, for where JSON stands inside of a JSON string (EmbedJson): gives up where a string has an escape. */
export function embedText(text: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let w = at
  let p = start
  while (p < end) {
    const byte = text[p++]!
    if (byte === QUOTE) {
      out[w] = BACKSLASH
      out[w + 1] = QUOTE
      w += 2
      while (p < end && INSIDE[text[p]!] === PLAIN) out[w++] = text[p++]!
      if (p >= end || text[p++] !== QUOTE) return -1
      out[w] = BACKSLASH
      out[w + 1] = QUOTE
      w += 2
      continue
    }
    const kind = BETWEEN[byte]!
    if (kind === RARE) return -1
    if (kind === PLAIN) out[w++] = byte
  }
  return w
}

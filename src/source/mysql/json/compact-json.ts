import { QUOTE } from '../../../byte/json-sign.ts'
import type { JsonText } from './json-text.ts'

const BLANK = 0x20
const BACKSLASH = 0x5c
const LOWER_U = 0x75
const LOWER_A = 0x61
const LOWER_F = 0x66
const TO_UPPER = 0x20

/** Copies the server's JSON text (`{"a": 1}`) as writeJson has it: without the blanks between values, hex digits in upper case. */
export function compactJson(text: Buffer, start: number, end: number, into: JsonText): void {
  const out = into.room(end - start)
  let w = into.length
  let quoted = false
  for (let p = start; p < end; p++) {
    const byte = text[p]!
    if (byte === BLANK && !quoted) continue
    out[w++] = byte
    if (byte === QUOTE) quoted = !quoted
    if (byte !== BACKSLASH || p + 1 >= end) continue
    const letter = (out[w++] = text[++p]!)
    if (letter !== LOWER_U) continue
    for (const last = Math.min(end - 1, p + 4); p < last;) out[w++] = upper(text[++p]!)
  }
  into.length = w
}

function upper(byte: number): number {
  return byte >= LOWER_A && byte <= LOWER_F ? byte - TO_UPPER : byte
}

import { ascii, utf8 } from './slice.ts'

/** The texts of a longer row are taken one by one: a text that somebody keeps may keep that of its whole row (V8's sliced strings). */
const MOST_BYTES = 512

let row: Buffer | undefined
let first = 0
let last = 0
let text = ''

/**
 * The row that is decoded next, [start, end). To make a text of bytes is a call out of JavaScript that costs more than the text does: the row is made
 * one once, and the texts of its cells are parts of it. Its bytes must not change afterwards.
 */
export function beginRow(bytes: Buffer, start: number, end: number): void {
  row = end - start > MOST_BYTES ? undefined : bytes
  first = start
  last = end
  text = ''
}

/** UTF-8 text at [start, end), cheaper where it is ASCII and in the row of {@link beginRow}. */
export function cellText(bytes: Buffer, start: number, end: number): string {
  if (bytes !== row || start < first || end > last) return utf8(bytes, start, end)
  for (let at = start; at < end; at++) if (bytes[at]! > 0x7f) return utf8(bytes, start, end)
  if (text === '') text = ascii(bytes, first, last)
  return text.substring(start - first, end - first)
}

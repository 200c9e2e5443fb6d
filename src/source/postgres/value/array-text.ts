/*
  Arrays as array_out writes them (src/backend/utils/adt/arrayfuncs.c): `{1,NULL,"a \"b\" \\"}`, `[0:2]={5,6,7}`, `{{1,2},{3,4}}`.
*/

const OPEN = 0x7b
const CLOSE = 0x7d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACKET = 0x5b
const EQUALS = 0x3d

/** How an element is written. */
export const PLAIN = 0
/** In quotes, without escapes: the slice is what is between them. */
export const QUOTED = 1
/** In quotes, with backslashes to undo. */
export const ESCAPED = 2
export const NULL = 3

/** What {@link scanArray} returns instead of a count. */
export const NOT_AN_ARRAY = -1
export const NESTED = -2

/** The last element that {@link scanElement} found. One object: a caller takes what it needs before the next scan. */
export const element: { start: number; end: number; form: number } = { start: 0, end: 0, form: PLAIN }

/** Where the braces begin: behind the bounds, if there are any. */
export function skipBounds(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== BRACKET) return start
  let at = start
  while (at < end && bytes[at] !== EQUALS) at++
  return at + 1
}

/** Reads the element at `at` into {@link element}; returns the offset of the delimiter or brace behind it, -1 where there is none. */
export function scanElement(bytes: Buffer, at: number, end: number, delimiter: number): number {
  if (bytes[at] === QUOTE) return scanQuoted(bytes, at + 1, end)
  let close = at
  for (; close < end; close++) {
    const byte = bytes[close]!
    if (byte === delimiter || byte === CLOSE) break
    if (byte === OPEN || byte === QUOTE || byte === BACKSLASH) return -1
  }
  if (close === end || close === at) return -1
  element.start = at
  element.end = close
  element.form = isNull(bytes, at, close) ? NULL : PLAIN
  return close
}

function scanQuoted(bytes: Buffer, start: number, end: number): number {
  element.start = start
  element.form = QUOTED
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === BACKSLASH) {
      element.form = ESCAPED
      at++
    } else if (byte === QUOTE) {
      element.end = at
      return at + 1
    }
  }
  return -1
}

/** An unquoted NULL, the only thing array_out never quotes otherwise. */
function isNull(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 4 && (bytes[start]! | 0x20) === 0x6e && (bytes[start + 1]! | 0x20) === 0x75 && (bytes[start + 2]! | 0x20) === 0x6c && (bytes[start + 3]! | 0x20) === 0x6c
}

/** Undoes the backslashes of an escaped element; returns its length. */
export function unescapeElement(bytes: Buffer, start: number, end: number, to: Buffer): number {
  let length = 0
  for (let at = start; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++
    to[length++] = bytes[at]!
  }
  return length
}

/** Counts the elements of an array of one dimension and sees that all of it is well formed, before anything is written. */
export function scanArray(bytes: Buffer, start: number, end: number, delimiter: number): number {
  let at = skipBounds(bytes, start, end)
  if (end - at < 2 || bytes[at] !== OPEN || bytes[end - 1] !== CLOSE) return NOT_AN_ARRAY
  at++
  if (bytes[at] === OPEN) return NESTED
  if (at === end - 1) return 0
  for (let count = 1; ; count++) {
    at = scanElement(bytes, at, end, delimiter)
    if (at < 0 || at >= end) return NOT_AN_ARRAY
    if (bytes[at] === CLOSE) return at === end - 1 ? count : NOT_AN_ARRAY
    if (bytes[at++] !== delimiter) return NOT_AN_ARRAY
  }
}

/*
  Dates and times as the server writes them with DateStyle ISO (EncodeDateOnly, EncodeDateTime in
  src/backend/utils/adt/datetime.c): `2024-02-29`, `13:14:15.5`, `2024-02-29 13:14:15.5+02`, ` BC` at the very end.
  Scanners return the offset behind what they read, or -1 where the text reads otherwise.
*/

const COLON = 0x3a
const DOT = 0x2e
const MINUS = 0x2d
const PLUS = 0x2b
const SPACE = 0x20

/** What the last scan found. One object for all: readers are synchronous, and nothing is allocated. */
export const found = {
  year: 0,
  month: 0,
  day: 0,
  /** Of the day; 86400 for 24:00:00. */
  seconds: 0,
  nanos: 0,
  /** Seconds east of UTC. */
  offset: 0,
}

/** Two digits, -1 otherwise. */
function pair(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - 48
  const ones = bytes[at + 1]! - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** `2024-02-29`: years have at least four digits and no sign. */
export function scanDate(bytes: Buffer, start: number, end: number): number {
  let at = start
  let year = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) break
    year = year * 10 + digit
  }
  if (at - start < 4 || at - start > 7 || end - at < 6 || bytes[at] !== MINUS || bytes[at + 3] !== MINUS) return -1
  found.year = year
  found.month = pair(bytes, at + 1)
  found.day = pair(bytes, at + 4)
  return found.month < 1 || found.month > 12 || found.day < 1 || found.day > 31 ? -1 : at + 6
}

/** `13:14:15` with up to nine digits of a second. */
export function scanClock(bytes: Buffer, start: number, end: number): number {
  if (end - start < 8 || bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return -1
  const hours = pair(bytes, start)
  const minutes = pair(bytes, start + 3)
  const seconds = pair(bytes, start + 6)
  if (hours < 0 || hours > 24 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return -1
  found.seconds = hours * 3600 + minutes * 60 + seconds
  found.nanos = 0
  let at = start + 8
  if (at === end || bytes[at] !== DOT) return at
  let unit = 100_000_000
  for (at++; at < end; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) break
    found.nanos += digit * unit
    unit /= 10
  }
  // more digits than a second has here would also be longer than what readers set aside for a moment
  return at === start + 9 || at > start + 18 ? -1 : at
}

/** `+02`, `-05:30`, `+01:02:03`. */
export function scanOffset(bytes: Buffer, start: number, end: number): number {
  const sign = bytes[start]
  if (end - start < 3 || (sign !== PLUS && sign !== MINUS)) return -1
  let offset = 0
  let at = start + 1
  for (let unit = 3600; unit > 0; unit = unit > 1 ? unit / 60 : 0) {
    const part = end - at < 2 ? -1 : pair(bytes, at)
    if (part < 0) return -1
    offset += part * unit
    at += 2
    if (end - at < 3 || bytes[at] !== COLON) break
    at++
  }
  found.offset = sign === MINUS ? -offset : offset
  return at
}

/** Whether nothing is left, or only ` BC`, which is taken into account: year 0 is 1 BC. */
export function scanEra(bytes: Buffer, at: number, end: number): boolean {
  if (at === end) return true
  if (end - at !== 3 || bytes[at] !== SPACE || bytes[at + 1] !== 0x42 || bytes[at + 2] !== 0x43) return false
  found.year = 1 - found.year
  return true
}

/** `2024-02-29 13:14:15.5`, without an offset; a BC year is not yet taken into account. */
export function scanDateTime(bytes: Buffer, start: number, end: number): number {
  const space = scanDate(bytes, start, end)
  return space < 0 || bytes[space] !== SPACE ? -1 : scanClock(bytes, space + 1, end)
}

/** 1 for `infinity`, -1 for `-infinity`, otherwise 0. */
export function infinity(bytes: Buffer, start: number, end: number): -1 | 0 | 1 {
  const length = end - start
  if (length === 8) return isInfinity(bytes, start) ? 1 : 0
  return length === 9 && bytes[start] === MINUS && isInfinity(bytes, start + 1) ? -1 : 0
}

const INFINITY = Buffer.from('infinity')

function isInfinity(bytes: Buffer, start: number): boolean {
  for (let i = 0; i < 8; i++) if (bytes[start + i] !== INFINITY[i]) return false
  return true
}

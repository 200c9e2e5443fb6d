import { isoDate, scanWholeDate } from './date.ts'
import { undecodable } from './decode-error.ts'
import { infinity, scanDateTime, scanEra, scanOffset } from './moment-text.ts'
import { Scratch } from '../../../byte/scratch.ts'
import { ascii } from '../../../byte/slice.ts'
import { utcText } from './timestamptz.ts'

const DOT = 0x2e
const SPACE = 0x20
const PLUS = 0x2b
const ZERO = 0x30
const T = 0x54
const Z = 0x5a
/** `2024-02-29 13:14:15`. */
const TO_THE_SECOND = 19

const text = new Scratch()

/** `2024-02-29`; years before 1 and after 9999 are signed as in ISO 8601; `infinity` and `-infinity` stay. */
export function decodeDate(bytes: Buffer, start: number, end: number): string {
  if (scanWholeDate(bytes, start, end)) return end - start === 10 ? ascii(bytes, start, end) : isoDate()
  return infinite(bytes, start, end, 'date')
}

/** `2024-02-29T13:14:15.5`, with the server's digits. */
export function decodeTimestamp(bytes: Buffer, start: number, end: number): string {
  const at = scanDateTime(bytes, start, end)
  if (at === end && bytes[start + 10] === SPACE) {
    const to = text.take(40)
    return ascii(to, 0, copy(bytes, start, end, to))
  }
  if (at < 0 || !scanEra(bytes, at, end)) return infinite(bytes, start, end, 'timestamp')
  return `${isoDate()}T${ascii(bytes, bytes.indexOf(SPACE, start) + 1, at)}`
}

/** `2024-02-29T13:14:15.5Z`: in UTC, with the server's digits. */
export function decodeTimestamptz(bytes: Buffer, start: number, end: number): string {
  const zone = scanDateTime(bytes, start, end)
  if (end - zone === 3 && bytes[zone] === PLUS && bytes[zone + 1] === ZERO && bytes[zone + 2] === ZERO && bytes[start + 10] === SPACE) {
    const to = text.take(40)
    const length = copy(bytes, start, zone, to)
    to[length] = Z
    return ascii(to, 0, length + 1)
  }
  const era = zone < 0 ? -1 : scanOffset(bytes, zone, end)
  if (era < 0 || !scanEra(bytes, era, end)) return infinite(bytes, start, end, 'timestamptz')
  const dot = bytes.subarray(start, zone).lastIndexOf(DOT)
  return `${utcText()}${dot < 0 ? '' : ascii(bytes, start + dot, zone)}Z`
}

function copy(bytes: Buffer, start: number, end: number, to: Buffer): number {
  const length = end - start
  for (let i = 0; i < length; i++) to[i] = bytes[start + i]!
  to[TO_THE_SECOND - 9] = T
  return length
}

function infinite(bytes: Buffer, start: number, end: number, type: string): string {
  if (infinity(bytes, start, end) === 0) throw undecodable(type)
  return ascii(bytes, start, end)
}

import { daysFromDate, isDate } from '../../../time/calendar.ts'
import { writePadded, writePair } from '../../../byte/digits.ts'

/** What was last read, from whichever layout; one for all, for readers are synchronous. */
export const found = { negative: false, year: 0, month: 0, day: 0, hours: 0, minutes: 0, seconds: 0, micros: 0 }

const HYPHEN = 0x2d
const COLON = 0x3a
const DOT = 0x2e
const ZERO = 0x30
const T = 0x54
const Z = 0x5a
const DAY = 86400
/** Years of two digits below this one are of the 21st century (YY_PART_YEAR, sql-common/my_time.cc). */
const TURN = 70

/** Whether what was read is a day that Debezium has a value for: neither zero nor impossible; dates of year 0 are none. */
export function isDay(): boolean {
  return found.year > 0 && isDate(found.year, found.month, found.day)
}

/** `enable.time.adjuster`. */
export function adjustYear(): void {
  if (found.year < 100) found.year += found.year < TURN ? 2000 : 1900
}

export function epochDay(): number {
  return daysFromDate(found.year, found.month, found.day)
}

/** Of the day that was read: hours to seconds as seconds. */
export function clockSeconds(): number {
  return found.hours * 3600 + found.minutes * 60 + found.seconds
}

/** Seconds since 1970-01-01 of a date and time that were read. */
export function epochSeconds(): number {
  return epochDay() * DAY + clockSeconds()
}

/** Writes `2024-02-29`; returns where it ends. */
export function putDateText(to: Buffer, at: number): number {
  const century = ((found.year / 100) | 0) % 100
  writePair(to, at, century)
  writePair(to, at + 2, found.year % 100)
  to[at + 4] = HYPHEN
  writePair(to, at + 5, found.month)
  to[at + 7] = HYPHEN
  return writePair(to, at + 8, found.day)
}

/** Writes `13:14:15`, hours with two digits or three. */
export function putClockText(to: Buffer, at: number): number {
  const colon = found.hours > 99 ? writePadded(to, at, found.hours, 3) : writePair(to, at, found.hours)
  to[colon] = COLON
  writePair(to, colon + 1, found.minutes)
  to[colon + 3] = COLON
  return writePair(to, colon + 4, found.seconds)
}

/** Writes `.5` with so many digits; none at all for 0. */
export function putFraction(to: Buffer, at: number, digits: number): number {
  if (digits === 0) return at
  to[at] = DOT
  writePadded(to, at + 1, found.micros, 6)
  return at + 1 + digits
}

/** The digits of the fraction without zeros at the end. */
export function leastDigits(): number {
  let digits = 6
  for (let rest = found.micros; digits > 0 && rest % 10 === 0; rest /= 10) digits--
  return digits
}

/** Writes `2024-02-29T13:14:15.5`, with so many digits of the fraction. */
export function putIso(to: Buffer, at: number, digits: number): number {
  const middle = putDateText(to, at)
  to[middle] = T
  return putFraction(to, putClockText(to, middle + 1), digits)
}

export function putZulu(to: Buffer, at: number): number {
  to[at] = Z
  return at + 1
}

/** Two digits at `at`; 255 where there are none. */
function pair(bytes: Buffer, at: number): number {
  const high = bytes[at]! - ZERO
  const low = bytes[at + 1]! - ZERO
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : 255
}

/** Reads `2024-02-29` at `start`: its end, or -1. Days that there are not are read too. */
export function scanDate(bytes: Buffer, start: number, end: number): number {
  if (end - start < 10 || bytes[start + 4] !== HYPHEN || bytes[start + 7] !== HYPHEN) return -1
  const century = pair(bytes, start)
  const year = pair(bytes, start + 2)
  found.month = pair(bytes, start + 5)
  found.day = pair(bytes, start + 8)
  if (century > 99 || year > 99 || found.month > 12 || found.day > 31) return -1
  found.year = century * 100 + year
  found.negative = false
  return start + 10
}

/** Reads `2024-02-29 13:14:15.5`, all of it. A date alone is its midnight (defaults may be written so). */
export function scanDateTime(bytes: Buffer, start: number, end: number): boolean {
  const at = scanDate(bytes, start, end)
  if (at < 0) return false
  found.hours = found.minutes = found.seconds = found.micros = 0
  if (at === end) return true
  const separator = bytes[at]
  return (separator === 0x20 || separator === T) && scanClock(bytes, at + 1, end) && found.hours < 24
}

/** Reads `-838:59:59.000001`, all of it. */
export function scanTime(bytes: Buffer, start: number, end: number): boolean {
  const negative = bytes[start] === HYPHEN
  const fits = scanClock(bytes, negative ? start + 1 : start, end)
  found.negative = negative
  return fits
}

function scanClock(bytes: Buffer, start: number, end: number): boolean {
  let at = start
  let hours = 0
  while (at < end && at - start < 3 && bytes[at]! >= ZERO && bytes[at]! <= 0x39) hours = hours * 10 + bytes[at++]! - ZERO
  if (at === start || end - at < 6 || bytes[at] !== COLON || bytes[at + 3] !== COLON) return false
  found.hours = hours
  found.minutes = pair(bytes, at + 1)
  found.seconds = pair(bytes, at + 4)
  return found.minutes < 60 && found.seconds < 60 && scanFraction(bytes, at + 6, end)
}

function scanFraction(bytes: Buffer, start: number, end: number): boolean {
  found.micros = 0
  if (start === end) return true
  if (bytes[start] !== DOT || end - start > 7 || end - start < 2) return false
  let micros = 0
  for (let place = 0; place < 6; place++) {
    const at = start + 1 + place
    const digit = at < end ? bytes[at]! - ZERO : 0
    if (digit < 0 || digit > 9) return false
    micros = micros * 10 + digit
  }
  found.micros = micros
  return true
}

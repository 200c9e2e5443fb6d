/*
  Dates and times in row events (sql-common/my_time.cc, my_datetime_packed_from_binary, my_time_packed_from_binary, my_timestamp_from_binary):
    DATE 3 bytes, little-endian: day 5 bits, month 4, year
    DATETIME2 5 bytes, big-endian: 1, (year * 13 + month) 17 bits, day 5, hours 5, minutes 6, seconds 6; then the fraction
    TIME2 3 bytes, big-endian: 1, 0, hours 10 bits, minutes 6, seconds 6; then the fraction; a negative one is 0x800000… minus all of it
    TIMESTAMP2 4 bytes, big-endian: seconds, unsigned as of MariaDB 11.5; then the fraction
    Fraction (n + 1) / 2 bytes, big-endian: n digits, or n + 1 where n is odd
  and what was before MySQL 5.6 (MariaDB: mysql56_temporal_format=OFF), little-endian: TIMESTAMP 4 bytes, TIME 3 bytes hhmmss, DATETIME 8 bytes
  YYYYMMDDhhmmss, both decimal.
*/
import { word24, word32 } from '../../../byte/little-endian.ts'
import { putDate } from '../../../time/calendar.ts'
import { TYPE } from '../binlog/column-type.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import { found } from './moment.ts'

/** Reads a cell into {@link found}. */
export type Unpack = (bytes: Buffer, at: number) => void

const DAY = 86400
/** To microseconds, by the bytes of the fraction. */
const MICROS = [0, 10_000, 100, 1] as const
const MONTHS = 13
const WORD24 = 0x1000000

function fraction(bytes: Buffer, at: number, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = (value << 8) | bytes[at + i]!
  return value * MICROS[size]!
}

/** Undefined where the log has another type. */
export function unpackDate({ type }: LoggedColumn): Unpack | undefined {
  if (type !== TYPE.date && type !== TYPE.newDate) return undefined
  return (bytes, at) => {
    const value = word24(bytes, at)
    found.day = value & 31
    found.month = (value >> 5) & 15
    found.year = value >> 9
  }
}

export function unpackDateTime({ type, meta }: LoggedColumn): Unpack | undefined {
  if (type === TYPE.datetime) return unpackOldDateTime
  if (type !== TYPE.datetime2) return undefined
  const size = (meta + 1) >> 1
  return (bytes, at) => {
    const months = ((bytes[at]! & 0x7f) << 10) | (bytes[at + 1]! << 2) | (bytes[at + 2]! >> 6)
    found.year = (months / MONTHS) | 0
    found.month = months % MONTHS
    found.day = (bytes[at + 2]! >> 1) & 31
    found.hours = ((bytes[at + 2]! & 1) << 4) | (bytes[at + 3]! >> 4)
    found.minutes = ((bytes[at + 3]! & 15) << 2) | (bytes[at + 4]! >> 6)
    found.seconds = bytes[at + 4]! & 63
    found.micros = fraction(bytes, at + 5, size)
  }
}

function unpackOldDateTime(bytes: Buffer, at: number): void {
  const value = word32(bytes, at + 4) * 2 ** 32 + word32(bytes, at)
  const date = Math.floor(value / 1e6)
  putClock(value - date * 1e6)
  found.year = Math.floor(date / 1e4)
  found.month = Math.floor(date / 100) % 100
  found.day = date % 100
}

export function unpackTime({ type, meta }: LoggedColumn): Unpack | undefined {
  if (type === TYPE.time) return unpackOldTime
  if (type !== TYPE.time2) return undefined
  const size = (meta + 1) >> 1
  const scale = 2 ** (8 * size)
  return (bytes, at) => {
    const word = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    let rest = 0
    for (let i = 0; i < size; i++) rest = (rest << 8) | bytes[at + 3 + i]!
    let whole = word - 0x800000
    found.negative = whole < 0
    if (whole < 0) {
      const value = -(whole * scale + rest)
      whole = Math.floor(value / scale)
      rest = value - whole * scale
    }
    found.hours = (whole >> 12) & 0x3ff
    found.minutes = (whole >> 6) & 63
    found.seconds = whole & 63
    found.micros = rest * MICROS[size]!
  }
}

function unpackOldTime(bytes: Buffer, at: number): void {
  const value = (word24(bytes, at) << 8) >> 8
  found.negative = value < 0
  putClock(Math.abs(value))
}

/** hhmmss, decimal. */
function putClock(value: number): void {
  found.hours = Math.floor(value / 1e4)
  found.minutes = Math.floor(value / 100) % 100
  found.seconds = value % 100
  found.micros = 0
}

/** A TIMESTAMP as date and time in UTC, `0000-00-00 00:00:00` for 0. */
export function unpackTimestamp({ type, meta }: LoggedColumn): Unpack | undefined {
  if (type === TYPE.timestamp) return (bytes, at) => putMoment(word32(bytes, at), 0)
  if (type !== TYPE.timestamp2) return undefined
  const size = (meta + 1) >> 1
  return (bytes, at) => putMoment(bytes[at]! * WORD24 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!), fraction(bytes, at + 4, size))
}

/** Moments are often of the same day as the one before. */
const lastDate = { year: 1970, month: 1, day: 1 }
let lastDays = 0

function putMoment(seconds: number, micros: number): void {
  found.micros = micros
  if (seconds === 0 && micros === 0) {
    found.year = found.month = found.day = found.hours = found.minutes = found.seconds = 0
    return
  }
  const days = Math.floor(seconds / DAY)
  const clock = seconds - days * DAY
  if (days !== lastDays) putDate((lastDays = days), lastDate)
  found.year = lastDate.year
  found.month = lastDate.month
  found.day = lastDate.day
  found.hours = (clock / 3600) | 0
  found.minutes = ((clock / 60) | 0) % 60
  found.seconds = clock % 60
}

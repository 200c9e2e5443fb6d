import type { HandlingModes } from '../../../event/handling-mode.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'

/** What interval_out prints under intervalstyle postgres: `1 year 2 mons -3 days +04:05:06.789012`. */
const POSTGRES = /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/
const MAX = (1n << 63n) - 1n
/** A month is a twelfth of 365.25 days (MicroDuration.DAYS_PER_MONTH_AVG). */
const MONTH = 2_629_800_000_000n
const DAY = 86_400_000_000n
const INFINITE = 'an infinite interval has no length'

interface Interval {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly sign: '' | '-'
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  /** Up to six digits, none at the end a zero. */
  readonly fraction: string
}

/** `interval`: microseconds, or ISO text. */
export function intervalType(modes: HandlingModes): ValueType {
  const text = modes.interval === 'string'
  const reader = text ? readIso : readMicros
  return {
    shape: text ? { type: 'string', name: 'io.debezium.time.Interval', version: 1 } : { type: 'int64', name: 'io.debezium.time.MicroDuration', version: 1 },
    reader,
    zero: (writer) => (text ? writer.string('P0Y0M0DT0H0M0S') : writer.integer(0)),
    default: (expression) => readConstant(constantOf(expression, '00:00:00')?.trim(), reader),
  }
}

function parse(text: string): Interval | undefined {
  const match = text === '' ? null : POSTGRES.exec(text)
  if (match === null) return undefined
  const number = (group: number): number => Number(match[group] ?? 0)
  return {
    years: number(1), months: number(2), days: number(3), sign: match[4] === '-' ? '-' : '',
    hours: number(5), minutes: number(6), seconds: number(7), fraction: (match[8] ?? '').replace(/0+$/, ''),
  }
}

/** `P1Y2M3DT4H5M6.789012S`, every part with its own sign: what java.time and Debezium's string mode write. */
export function isoInterval(text: string): string | undefined {
  const interval = parse(text)
  if (interval === undefined) return undefined
  const { years, months, days, sign, hours, minutes, seconds, fraction } = interval
  const signed = (value: number): string => (value === 0 ? '0' : `${sign}${value}`)
  const second = fraction === '' ? signed(seconds) : `${sign}${seconds}.${fraction}`
  return `P${years}Y${months}M${days}DT${signed(hours)}H${signed(minutes)}M${second}S`
}

function readIso(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    const text = bytes.toString('latin1', start, end)
    const iso = isoInterval(text)
    if (iso === undefined) fail(writer, isInfinite(text) ? INFINITE : MALFORMED)
    else writer.plain(Buffer.from(iso), 0, iso.length)
  }
}

function readMicros(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    const text = bytes.toString('latin1', start, end)
    const interval = parse(text)
    if (interval === undefined) return fail(writer, isInfinite(text) ? INFINITE : MALFORMED)
    const { years, months, days, sign, hours, minutes, seconds, fraction } = interval
    const clock = BigInt(hours * 3600 + minutes * 60 + seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
    const micros = BigInt(years * 12 + months) * MONTH + BigInt(days) * DAY + (sign === '-' ? -clock : clock)
    // Beyond 64 bits it saturates, as Java's conversion from double does.
    const digits = Buffer.from(String(micros > MAX ? MAX : micros < -MAX - 1n ? -MAX - 1n : micros))
    writer.long(digits, 0, digits.length)
  }
}

/** PostgreSQL 17 has infinite intervals. */
function isInfinite(text: string): boolean {
  return text === 'infinity' || text === '-infinity'
}

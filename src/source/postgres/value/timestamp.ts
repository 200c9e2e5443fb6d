import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { daysFromDate } from '../../../time/calendar.ts'
import { isoDate } from './date.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { found, infinity, scanDateTime, scanEra } from './moment-text.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'

const DAY = 86400
/**
 * 2^63 - 1 in each unit: whole seconds and the rest. The least value is one unit more below zero. In milliseconds every
 * moment fits that PostgreSQL has.
 */
const LIMIT = {
  3: { seconds: Infinity, fraction: 0, least: 0 },
  6: { seconds: 9223372036854, fraction: 775807, least: 224192 },
  9: { seconds: 9223372036, fraction: 854775807, least: 145224192 },
} as const
const NANOS = { 3: 1e6, 6: 1e3, 9: 1 } as const
type Scale = 3 | 6 | 9

const TOO_FAR = 'it is outside of what 64 bits hold in this unit'
/** pgjdbc's constants for infinity, PGStatement.DATE_POSITIVE_INFINITY, taken as microseconds. */
const INFINITE = { seconds: 9223372036825, fraction: 200000, text: '+294247-01-10T04:00:25.2Z' }
const MINUS_INFINITE = { seconds: -9223372036833, fraction: 600000, text: '-290308-12-21T19:59:27.6Z' }
/**
 * As a default, infinity is Java's greatest and least moment. Only in microseconds does Debezium show one: the seconds
 * saturate at 64 bits, and adding the fraction of the greatest moment wraps around.
 */
const INFINITE_DEFAULT = { micros: '-9223372036853775810', text: '+999999999-12-31T23:59:59.999999999Z' }
const MINUS_INFINITE_DEFAULT = { micros: '-9223372036854775808', text: '-999999999-01-01T00:00:00Z' }

/** `timestamp(p)`. */
export function timestampType(typmod: number, modes: HandlingModes): ValueType {
  const precision = typmod < 0 ? 6 : typmod
  if (modes.time === 'isostring') {
    return value('string', 'io.debezium.time.IsoTimestamp', readIsoTimestamp, (infinite) => (writer) => writer.string(infinite.text))
  }
  if (modes.time === 'connect') return ticks('org.apache.kafka.connect.data.Timestamp', 3)
  if (modes.time === 'nanoseconds') return ticks('io.debezium.time.NanoTimestamp', 9)
  if (modes.time !== 'microseconds' && precision <= 3) return ticks('io.debezium.time.Timestamp', 3)
  return ticks('io.debezium.time.MicroTimestamp', 6)
}

function ticks(name: string, scale: Scale): ValueType {
  return value('int64', name, (fail) => readTicks(fail, scale), (infinite) => {
    if (scale !== 6) return undefined
    const digits = Buffer.from(infinite.micros)
    return (writer) => writer.long(digits, 0, digits.length)
  })
}

function value(type: 'string' | 'int64', name: string, reader: (fail: Fail) => ReadCell, infiniteDefault: (infinite: typeof INFINITE_DEFAULT) => WriteValue | undefined): ValueType {
  return {
    shape: { type, name, version: 1 },
    reader,
    zero: (writer) => (type === 'string' ? writer.string('1970-01-01T00:00:00Z') : writer.integer(0)),
    default: (expression) => {
      const text = constantOf(expression, '1970-01-01 00:00:00')?.trim()
      if (text === 'infinity') return infiniteDefault(INFINITE_DEFAULT)
      return text === '-infinity' ? infiniteDefault(MINUS_INFINITE_DEFAULT) : readConstant(text, reader)
    },
  }
}

/** Reads a whole timestamp into {@link found}. */
export function scanTimestamp(bytes: Buffer, start: number, end: number): boolean {
  const at = scanDateTime(bytes, start, end)
  return at >= 0 && scanEra(bytes, at, end)
}

function readTicks(fail: Fail, scale: Scale): ReadCell {
  const limit = LIMIT[scale]
  const nanos = NANOS[scale]
  return (writer, bytes, start, end) => {
    if (!scanTimestamp(bytes, start, end)) return infinite(writer, bytes, start, end, scale, fail)
    const seconds = daysFromDate(found.year, found.month, found.day) * DAY + found.seconds
    const fraction = Math.floor(found.nanos / nanos)
    const fits = seconds >= 0 ? seconds < limit.seconds || (seconds === limit.seconds && fraction <= limit.fraction) : seconds >= -limit.seconds || (seconds === -limit.seconds - 1 && fraction >= limit.least)
    if (fits) writer.ticks(seconds, fraction, scale)
    else fail(writer, TOO_FAR)
  }
}

function infinite(writer: CellWriter, bytes: Buffer, start: number, end: number, scale: Scale, fail: Fail): void {
  const sign = infinity(bytes, start, end)
  if (sign === 0) return fail(writer, MALFORMED)
  if (scale === 9) {
    const limit = LIMIT[9]
    if (sign > 0) writer.ticks(limit.seconds, limit.fraction, 9)
    else writer.ticks(-limit.seconds - 1, limit.least, 9)
    return
  }
  const { seconds, fraction } = sign > 0 ? INFINITE : MINUS_INFINITE
  if (scale === 6) writer.ticks(seconds, fraction, 6)
  else writer.ticks(seconds, fraction / 1e3, 3)
}

function readIsoTimestamp(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    const at = scanDateTime(bytes, start, end)
    if (at >= 0 && scanEra(bytes, at, end)) return writer.string(isoTimestamp(bytes, start, at))
    const sign = infinity(bytes, start, end)
    if (sign === 0) fail(writer, MALFORMED)
    else writer.string(sign > 0 ? INFINITE.text : MINUS_INFINITE.text)
  }
}

/** The date in {@link found}, and the clock as it stands before `clockEnd`. */
function isoTimestamp(bytes: Buffer, start: number, clockEnd: number): string {
  const text = bytes.toString('latin1', start, clockEnd)
  return `${isoDate()}T${text.slice(text.indexOf(' ') + 1)}Z`
}

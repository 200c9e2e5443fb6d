import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { daysFromDate, isoYear } from '../../../time/calendar.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { found, infinity, scanDate, scanEra } from './moment-text.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'

/** Debezium's constants for infinity: -5877611-06-21 and the day after (PostgresValueConverter.POSITIVE_INFINITY_LOCAL_DATE). */
const INFINITE = { days: -2147472692, text: '-5877611-06-21Z' }
const MINUS_INFINITE = { days: -2147472691, text: '-5877611-06-22Z' }
/** As a default, infinity is Java's greatest and least date; their days are cut to 32 bits. */
const INFINITE_DEFAULT = { days: 169560311, text: '+999999999-12-31Z' }
const MINUS_INFINITE_DEFAULT = { days: -170999002, text: '-999999999-01-01Z' }

/** `date`: days since 1970-01-01, proleptic Gregorian, or ISO text. */
export function dateType(modes: HandlingModes): ValueType {
  const iso = modes.time === 'isostring'
  const name = iso ? 'io.debezium.time.IsoDate' : modes.time === 'connect' ? 'org.apache.kafka.connect.data.Date' : 'io.debezium.time.Date'
  const reader = iso ? readIsoDate : readDays
  return {
    shape: { type: iso ? 'string' : 'int32', name, version: 1 },
    reader,
    zero: (writer) => (iso ? writer.string('1970-01-01Z') : writer.integer(0)),
    default: (expression): WriteValue | undefined => {
      const text = constantOf(expression, '1970-01-01')?.trim()
      if (text !== 'infinity' && text !== '-infinity') return readConstant(text, reader)
      const infinite = text === 'infinity' ? INFINITE_DEFAULT : MINUS_INFINITE_DEFAULT
      return (writer) => (iso ? writer.string(infinite.text) : writer.integer(infinite.days))
    },
  }
}

/** Reads a whole date into {@link found}. */
export function scanWholeDate(bytes: Buffer, start: number, end: number): boolean {
  const at = scanDate(bytes, start, end)
  return at >= 0 && scanEra(bytes, at, end)
}

function readDays(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (scanWholeDate(bytes, start, end)) return writer.integer(daysFromDate(found.year, found.month, found.day))
    const sign = infinity(bytes, start, end)
    if (sign === 0) fail(writer, MALFORMED)
    else writer.integer(sign > 0 ? INFINITE.days : MINUS_INFINITE.days)
  }
}

function readIsoDate(fail: Fail): ReadCell {
  return (writer, bytes, start, end) => {
    if (scanWholeDate(bytes, start, end)) return writer.string(`${isoDate()}Z`)
    const sign = infinity(bytes, start, end)
    if (sign === 0) fail(writer, MALFORMED)
    else writer.string(sign > 0 ? INFINITE.text : MINUS_INFINITE.text)
  }
}

/** The date in {@link found}. */
export function isoDate(): string {
  const { year, month, day } = found
  return `${isoYear(year)}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}

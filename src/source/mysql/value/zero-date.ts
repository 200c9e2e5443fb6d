import { TailraceError } from '../../../error/tailrace-error.ts'
import type { WriteValue } from '../../../event/schema.ts'
import { writeNull } from '../../conversion-failure.ts'
import type { ZeroDateConversion } from '../conversion-options.ts'
import { Captured } from './captured.ts'
import type { Convert, Conversion } from './conversion.ts'
import type { ReadCell, ValueType } from './reader.ts'
import { baseType, valueType } from './value-type.ts'

type DateType = 'DATE' | 'DATETIME' | 'TIMESTAMP'

const DAY_MS = 86_400_000
/** A DATETIME with so many digits of a second is a MicroTimestamp. */
const MICROS_FROM = 4
const FORMS: Readonly<Record<DateType, RegExp>> = {
  DATE: /^\d{4}-\d\d-\d\d$/, DATETIME: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, TIMESTAMP: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/,
}

/** Debezium's ZeroDateFallbackConverter, whose forms of the three types are those of `adaptive` whatever the mode is. Errors: TR_CONFIG_INVALID. */
export function zeroDates({ types = ['DATE', 'DATETIME', 'TIMESTAMP'], date, datetime, timestamp, single = {} }: ZeroDateConversion): Convert {
  const common = { DATE: moment('DATE', date), DATETIME: moment('DATETIME', datetime), TIMESTAMP: moment('TIMESTAMP', timestamp) }
  return (column, name, modes) => {
    const type = types.find((each) => each === baseType(column))
    if (type === undefined) return undefined
    const fallback = Object.hasOwn(single, name) ? moment(type, single[name]) : common[type]
    const plain = valueType(column, { ...modes, time: 'adaptive' })!
    const write = fallback === undefined ? undefined : writeMoment(type, fallback, (column.length ?? 0) >= MICROS_FROM ? 6 : 3)
    return conversion(type === 'TIMESTAMP' ? withoutZeros(plain) : plain, write)
  }
}

/** The schema's default is the value for none, too, and without that there is none. */
function conversion(type: ValueType, write: WriteValue | undefined): Conversion {
  return {
    type: { ...type, default: () => write },
    nothing: write ?? writeNull,
    ...(write === undefined ? { optional: true } : {}),
  }
}

/** Milliseconds since 1970; undefined for null. */
function moment(type: DateType, text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined
  const ms = Date.parse(type === 'DATETIME' ? `${text.replace(' ', 'T')}Z` : text)
  if (FORMS[type].test(text) && !Number.isNaN(ms)) return ms
  throw new TailraceError('TR_CONFIG_INVALID', { message: `columns.convert: ${JSON.stringify(text.slice(0, 40))} is no ${type}` })
}

function writeMoment(type: DateType, ms: number, scale: number): WriteValue {
  switch (type) {
    case 'DATE':
      return (writer) => writer.integer(ms / DAY_MS)
    case 'DATETIME':
      return (writer) => writer.ticks(ms / 1000, 0, scale)
    case 'TIMESTAMP': {
      const text = shortest(new Date(ms).toISOString())
      return (writer) => writer.string(text)
    }
  }
}

/** Java's ISO_OFFSET_DATE_TIME: no zeros behind the last digit of a fraction. */
function shortest(text: string): string {
  return text.replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits === '' ? 'Z' : `.${digits}Z`))
}

function withoutZeros(type: ValueType): ValueType {
  const captured = new Captured()
  const through = (read: ReadCell): ReadCell => (writer, bytes, start, end) => {
    read(captured, bytes, start, end)
    if (captured.kind === 'text') writer.string(shortest(captured.content))
    else writer.null()
  }
  return {
    ...type,
    text: (stead) => through(type.text(stead)),
    binlog: (stead, logged) => {
      const read = type.binlog(stead, logged)
      return read === undefined ? undefined : through(read)
    },
  }
}

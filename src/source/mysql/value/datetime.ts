import type { CellWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { adjustYear, epochSeconds, found, isDay, leastDigits, putIso, putZulu, scanDateTime } from './moment.ts'
import { unpackDateTime } from './moment-cell.ts'
import { MALFORMED, readConstant, type Shape, type Stead, type ValueType } from './reader.ts'

type Scale = 3 | 6 | 9

/** 2^63 nanoseconds: whole seconds and the rest, on either side of zero. */
const NANO_LIMIT = { greatest: 9223372036, fraction: 854775807, least: -9223372037, leastFraction: 145224192 } as const
const TOO_FAR = 'it is outside of what 64 bits hold in nanoseconds'
const MILLI_DIGITS = 3

const text: Buffer = Buffer.alloc(32)

/** DATETIME(p): milli-, micro- or nanoseconds since 1970-01-01 as if it were UTC, or ISO text. */
export function datetimeType(precision: number, modes: HandlingModes): ValueType {
  const form = datetimeForm(precision, modes)
  const write = (writer: CellWriter, stead: Stead): void => {
    if (!isDay()) return stead.nothing(writer)
    if (modes.timeAdjuster) adjustYear()
    form.put(writer, stead)
  }
  const read: ValueType['text'] = (stead) => (writer, bytes, start, end) => {
    if (scanDateTime(bytes, start, end)) write(writer, stead)
    else stead.fail(writer, MALFORMED)
  }
  const zero: ValueType['zero'] = (writer) => (form.shape.type === 'string' ? writer.string('1970-01-01T00:00:00Z') : writer.integer(0))
  return {
    shape: form.shape,
    text: read,
    binlog: (stead, logged) => {
      const unpack = unpackDateTime(logged)
      if (unpack === undefined) return undefined
      return (writer, bytes, start) => {
        unpack(bytes, start)
        write(writer, stead)
      }
    },
    zero,
    default: (value, optional) => readConstant(value.trim(), read, optional ? undefined : zero),
  }
}

function datetimeForm(precision: number, { time }: HandlingModes): { readonly shape: Shape; readonly put: (writer: CellWriter, stead: Stead) => void } {
  const of = (name: string, scale: Scale): ReturnType<typeof datetimeForm> => ({ shape: { type: 'int64', name, version: 1 }, put: putTicks(scale) })
  if (time === 'isostring') return { shape: { type: 'string', name: 'io.debezium.time.IsoTimestamp', version: 1 }, put: putText }
  if (time === 'connect') return of('org.apache.kafka.connect.data.Timestamp', 3)
  if (time === 'nanoseconds') return of('io.debezium.time.NanoTimestamp', 9)
  return time !== 'microseconds' && precision <= MILLI_DIGITS ? of('io.debezium.time.Timestamp', 3) : of('io.debezium.time.MicroTimestamp', 6)
}

function putTicks(scale: Scale): (writer: CellWriter, stead: Stead) => void {
  if (scale === 3) return (writer) => writer.ticks(epochSeconds(), Math.floor(found.micros / 1000), 3)
  if (scale === 6) return (writer) => writer.ticks(epochSeconds(), found.micros, 6)
  return (writer, { fail }) => {
    const seconds = epochSeconds()
    const nanos = found.micros * 1000
    const { greatest, fraction, least, leastFraction } = NANO_LIMIT
    const fits = seconds >= 0 ? seconds < greatest || (seconds === greatest && nanos <= fraction) : seconds > least || (seconds === least && nanos >= leastFraction)
    if (fits) writer.ticks(seconds, nanos, 9)
    else fail(writer, TOO_FAR)
  }
}

/** Without zeros at the end of the fraction. */
function putText(writer: CellWriter): void {
  writer.plain(text, 0, putZulu(text, putIso(text, 0, leastDigits())))
}

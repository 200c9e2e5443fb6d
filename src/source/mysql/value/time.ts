import type { CellWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { clockSeconds, found, leastDigits, putClockText, putFraction, putZulu, scanTime } from './moment.ts'
import { unpackTime } from './moment-cell.ts'
import { MALFORMED, readConstant, type Shape, type Stead, type ValueType } from './reader.ts'

const DAY = 86400
const NO_TIME_OF_DAY = 'it is no time of day, which this time.precision.mode has; "adaptive_time_microseconds" has signed durations'

const text: Buffer = Buffer.alloc(24)

/** TIME(p): a signed duration of up to 838 hours. `connect` and `isostring` have times of day only. */
export function timeType(modes: HandlingModes): ValueType {
  const { shape, put, zero } = timeForm(modes)
  const read: ValueType['text'] = (stead) => (writer, bytes, start, end) => {
    if (scanTime(bytes, start, end)) put(writer, stead)
    else stead.fail(writer, MALFORMED)
  }
  return {
    shape,
    text: read,
    binlog: (stead, logged) => {
      const unpack = unpackTime(logged)
      if (unpack === undefined) return undefined
      return (writer, bytes, start) => {
        unpack(bytes, start)
        put(writer, stead)
      }
    },
    zero,
    default: (value) => readConstant(value.trim(), read),
  }
}

interface TimeForm {
  readonly shape: Shape
  readonly put: (writer: CellWriter, stead: Stead) => void
  readonly zero: ValueType['zero']
}

function timeForm({ time }: HandlingModes): TimeForm {
  const zero: ValueType['zero'] = (writer) => writer.integer(0)
  if (time === 'isostring') return { shape: { type: 'string', name: 'io.debezium.time.IsoTime', version: 1 }, put: putIso, zero: (writer) => writer.string('00:00:00Z') }
  if (time === 'connect') return { shape: { type: 'int32', name: 'org.apache.kafka.connect.data.Time', version: 1 }, put: putMillis, zero }
  const nanos = time === 'nanoseconds'
  const factor = nanos ? 1000 : 1
  return { shape: { type: 'int64', name: nanos ? 'io.debezium.time.NanoTime' : 'io.debezium.time.MicroTime', version: 1 }, put: (writer) => writer.integer(micros() * factor), zero }
}

function micros(): number {
  const value = clockSeconds() * 1e6 + found.micros
  return found.negative ? 0 - value : value
}

/** The end of the day passes, as in Debezium. */
function putMillis(writer: CellWriter, { fail }: Stead): void {
  const value = micros()
  if (value < 0 || value > DAY * 1e6) fail(writer, NO_TIME_OF_DAY)
  else writer.integer(Math.floor(value / 1000))
}

function putIso(writer: CellWriter, { fail }: Stead): void {
  const value = micros()
  if (value < 0 || value >= DAY * 1e6) fail(writer, NO_TIME_OF_DAY)
  else writer.plain(text, 0, putZulu(text, putFraction(text, putClockText(text, 0), leastDigits())))
}

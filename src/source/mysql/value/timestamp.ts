import { areDigits, copyDateTime, DATE_TIME_LENGTH } from '../../../byte/date-time-text.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { adjustYear, isDay, leastDigits, putIso, putZulu, scanDateTime } from './moment.ts'
import { unpackTimestamp } from './moment-cell.ts'
import { MALFORMED, readConstant, type Stead, type ValueType } from './reader.ts'

const text: Buffer = Buffer.alloc(32)
const textView = new DataView(text.buffer, text.byteOffset, text.length)
const ONE = 0x31
const NINE = 0x39
const DOT = 0x2e

/** TIMESTAMP(p): ISO text in UTC with exactly p digits of a second, whatever the modes. Sessions run in UTC. */
export function timestampType(precision: number, modes: HandlingModes): ValueType {
  const read = (stead: Stead, digits: number): ReturnType<ValueType['text']> => (writer, bytes, start, end) => {
    if (copied(bytes, start, end, digits)) writer.plain(text, 0, putZulu(text, end - start))
    else if (scanDateTime(bytes, start, end)) write(writer, stead, digits, modes.timeAdjuster)
    else stead.fail(writer, MALFORMED)
  }
  const zero: ValueType['zero'] = (writer) => writer.string('1970-01-01T00:00:00Z')
  return {
    shape: { type: 'string', name: 'io.debezium.time.ZonedTimestamp', version: 1 },
    text: (stead) => read(stead, precision),
    binlog: (stead, logged) => {
      const unpack = unpackTimestamp(logged)
      if (unpack === undefined) return undefined
      return (writer, bytes, start) => {
        unpack(bytes, start)
        write(writer, stead, precision, modes.timeAdjuster)
      }
    },
    zero,
    default: (value, optional) => readConstant(value.trim(), (stead) => read(stead, -1), optional ? undefined : zero),
  }
}

/**
 * Copies a row's text where it is right but for the T and the Z, and is false elsewhere. From the year 1000 on the shape is proof enough: a
 * TIMESTAMP is zero or a moment that there is.
 */
function copied(bytes: Buffer, start: number, end: number, digits: number): boolean {
  const year = bytes[start]!
  if (year < ONE || year > NINE || end - start !== (digits === 0 ? DATE_TIME_LENGTH : DATE_TIME_LENGTH + 1 + digits) || !copyDateTime(bytes, start, end, textView)) return false
  if (digits === 0) return true
  const fraction = start + DATE_TIME_LENGTH
  if (bytes[fraction] !== DOT || !areDigits(bytes, fraction + 1, end)) return false
  for (let at = fraction; at < end; at++) text[at - start] = bytes[at]!
  return true
}

/** `digits` below zero: no zeros at the end, as defaults are. */
function write(writer: CellWriter, { nothing }: Stead, digits: number, adjust: boolean): void {
  if (!isDay()) return nothing(writer)
  if (adjust) adjustYear()
  writer.plain(text, 0, putZulu(text, putIso(text, 0, digits < 0 ? leastDigits() : digits)))
}

import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'
import { adjustYear, epochDay, isDay, putDateText, putZulu, scanDate, scanDateTime } from './moment.ts'
import { unpackDate } from './moment-cell.ts'
import { MALFORMED, readConstant, type Shape, type Stead, type ValueType } from './reader.ts'

const text: Buffer = Buffer.alloc(16)

/** DATE: days since 1970-01-01, proleptic Gregorian, or ISO text. */
export function dateType(modes: HandlingModes): ValueType {
  const iso = modes.time === 'isostring'
  const put = iso ? putIso : putDays
  const write = (writer: CellWriter, { nothing }: Stead): void => {
    if (!isDay()) return nothing(writer)
    if (modes.timeAdjuster) adjustYear()
    put(writer)
  }
  const read: ValueType['text'] = (stead) => (writer, bytes, start, end) => {
    if (scanDate(bytes, start, end) === end) write(writer, stead)
    else stead.fail(writer, MALFORMED)
  }
  const zero: ValueType['zero'] = (writer) => (iso ? writer.string('1970-01-01Z') : writer.integer(0))
  return {
    shape: dateShape(modes),
    text: read,
    binlog: (stead, logged) => {
      const unpack = unpackDate(logged)
      if (unpack === undefined) return undefined
      return (writer, bytes, start) => {
        unpack(bytes, start)
        write(writer, stead)
      }
    },
    zero,
    default: (value, optional) => readConstant(dateConstant(value), read, optional ? undefined : zero),
  }
}

function dateShape(modes: HandlingModes): Shape {
  if (modes.time === 'isostring') return { type: 'string', name: 'io.debezium.time.IsoDate', version: 1 }
  return { type: 'int32', name: modes.time === 'connect' ? 'org.apache.kafka.connect.data.Date' : 'io.debezium.time.Date', version: 1 }
}

/** A default may have a time behind it, which the server drops. */
function dateConstant(value: string): string {
  const trimmed = value.trim()
  const bytes = Buffer.from(trimmed)
  return scanDateTime(bytes, 0, bytes.length) ? trimmed.slice(0, 10) : trimmed
}

function putDays(writer: CellWriter): void {
  writer.integer(epochDay())
}

function putIso(writer: CellWriter): void {
  writer.plain(text, 0, putZulu(text, putDateText(text, 0)))
}


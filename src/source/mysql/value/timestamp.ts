import type { CellWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import { adjustYear, isDay, leastDigits, putIso, putZulu, scanDateTime } from './moment.ts'
import { unpackTimestamp } from './moment-cell.ts'
import { MALFORMED, readConstant, type Stead, type ValueType } from './reader.ts'

const text: Buffer = Buffer.alloc(32)

/** TIMESTAMP(p): ISO text in UTC with exactly p digits of a second, whatever the modes. Sessions run in UTC. */
export function timestampType(precision: number, modes: HandlingModes): ValueType {
  const read = (stead: Stead, digits: number): ReturnType<ValueType['text']> => (writer, bytes, start, end) => {
    if (scanDateTime(bytes, start, end)) write(writer, stead, digits, modes.timeAdjuster)
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

/** `digits` below zero: no zeros at the end, as defaults are. */
function write(writer: CellWriter, { nothing }: Stead, digits: number, adjust: boolean): void {
  if (!isDay()) return nothing(writer)
  if (adjust) adjustYear()
  writer.plain(text, 0, putZulu(text, putIso(text, 0, digits < 0 ? leastDigits() : digits)))
}

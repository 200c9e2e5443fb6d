import type { HandlingModes } from '../../../event/handling-mode.ts'
import { constantOf, readConstant } from './default-expression.ts'
import { found, scanClock } from './moment-text.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'

const DOT = 0x2e
const Z = 0x5a
const MIDNIGHT = 86400

type Unit = 'milliseconds' | 'microseconds' | 'nanoseconds'
const NANOS: Readonly<Record<Unit, number>> = { milliseconds: 1e6, microseconds: 1e3, nanoseconds: 1 }
const PER_SECOND: Readonly<Record<Unit, number>> = { milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 }

/** `time(p)`. In arrays Debezium cuts it to milliseconds (java.sql.Time). */
export function timeType(typmod: number, modes: HandlingModes, inArray: boolean): ValueType {
  const precision = typmod < 0 ? 6 : typmod
  const step = inArray ? 1e6 : 1
  if (modes.time === 'isostring') return value('string', 'io.debezium.time.IsoTime', (fail) => readIsoTime(fail, inArray ? 3 : 9))
  if (modes.time === 'connect') return value('int32', 'org.apache.kafka.connect.data.Time', (fail) => readTime(fail, 'milliseconds', step))
  if (modes.time === 'nanoseconds') return value('int64', 'io.debezium.time.NanoTime', (fail) => readTime(fail, 'nanoseconds', step))
  if (modes.time === 'adaptive' && precision <= 3) return value('int32', 'io.debezium.time.Time', (fail) => readTime(fail, 'milliseconds', step))
  return value('int64', 'io.debezium.time.MicroTime', (fail) => readTime(fail, 'microseconds', step))
}

function value(type: 'string' | 'int32' | 'int64', name: string, reader: (fail: Fail) => ReadCell): ValueType {
  return {
    shape: { type, name, version: 1 },
    reader,
    zero: (writer) => (type === 'string' ? writer.string('00:00:00Z') : writer.integer(0)),
    default: (expression) => {
      const text = constantOf(expression, '00:00:00')?.trim()
      // As a default, 24:00:00 is Java's greatest time of day.
      return readConstant(text === '24:00:00' ? '23:59:59.999999999' : text, reader)
    },
  }
}

function readTime(fail: Fail, unit: Unit, step: number): ReadCell {
  const nanos = NANOS[unit]
  const perSecond = PER_SECOND[unit]
  return (writer, bytes, start, end) => {
    if (scanClock(bytes, start, end) !== end) return fail(writer, MALFORMED)
    writer.integer(found.seconds * perSecond + Math.floor((found.nanos - (found.nanos % step)) / nanos))
  }
}

const text = new Scratch()

/** The server's digits and a Z: it never writes zeros at the end of a fraction. */
function readIsoTime(fail: Fail, digits: number): ReadCell {
  return (writer, bytes, start, end) => {
    if (scanClock(bytes, start, end) !== end) return fail(writer, MALFORMED)
    if (found.seconds === MIDNIGHT) return writer.string('00:00:00Z')
    const to = text.take(32)
    writer.plain(to, 0, endFraction(to, copyClock(to, bytes, start, Math.min(end, start + 9 + digits))))
  }
}

/** Copies a clock text to the beginning; returns its length. */
export function copyClock(to: Buffer, bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) to[at - start] = bytes[at]!
  return end - start
}

/** Drops zeros at the end of the fraction (where digits were cut off) and adds the Z. */
export function endFraction(to: Buffer, length: number): number {
  let end = length
  if (end > 8) {
    while (to[end - 1] === 0x30) end--
    if (to[end - 1] === DOT) end--
  }
  to[end] = Z
  return end + 1
}

import type { HandlingModes } from '../../../event/handling-mode.ts'
import { found, scanClock, scanOffset } from './moment-text.ts'
import { MALFORMED, type Fail, type ReadCell, type ValueType } from './reader.ts'
import { Scratch } from '../../../byte/scratch.ts'
import { copyClock, endFraction } from './time.ts'

const DAY = 86400
const text = new Scratch()

/** `time with time zone`: in UTC, whatever the modes. In arrays Debezium cuts it to seconds. It shows no defaults of them. */
export function timetzType(_modes: HandlingModes, inArray: boolean): ValueType {
  return {
    shape: { type: 'string', name: 'io.debezium.time.ZonedTime', version: 1 },
    reader: (fail) => readZonedTime(fail, inArray),
    zero: (writer) => writer.string('00:00:00Z'),
  }
}

function readZonedTime(fail: Fail, wholeSeconds: boolean): ReadCell {
  return (writer, bytes, start, end) => {
    const zone = scanClock(bytes, start, end)
    if (zone < 0 || scanOffset(bytes, zone, end) !== end) return fail(writer, MALFORMED)
    const to = text.take(32)
    const length = copyClock(to, bytes, start, wholeSeconds ? start + 8 : zone)
    const seconds = (((found.seconds - found.offset) % DAY) + DAY) % DAY
    putPair(to, 0, Math.floor(seconds / 3600))
    putPair(to, 3, Math.floor(seconds / 60) % 60)
    putPair(to, 6, seconds % 60)
    writer.plain(to, 0, endFraction(to, length))
  }
}

function putPair(to: Buffer, at: number, value: number): void {
  to[at] = 0x30 + Math.floor(value / 10)
  to[at + 1] = 0x30 + (value % 10)
}

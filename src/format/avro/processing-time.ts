import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import { LONG_ROOM, writeDigits } from './zigzag.ts'

/** The branch of an optional field that has a value. */
const PRESENT = 2

/** An envelope's processing time, rendered once for all events of a moment. */
export class ProcessingTime {
  /** `ts_ms` alone. */
  millis: ByteRun = EMPTY_RUN
  /** An envelope's end: `ts_ms`, `ts_us`, `ts_ns`. */
  tail: ByteRun = EMPTY_RUN
  private micros = -1n

  /** Nanoseconds are the microseconds' thousandfold: the clock has no more. */
  set(nowMicros: bigint): void {
    if (nowMicros === this.micros) return
    this.micros = nowMicros
    const millis = present(nowMicros / 1000n)
    this.millis = byteRun(millis)
    this.tail = byteRun(Buffer.concat([millis, present(nowMicros), present(nowMicros * 1000n)]))
  }
}

function present(value: bigint): Buffer {
  const digits = Buffer.from(String(value))
  const out = Buffer.alloc(1 + LONG_ROOM, PRESENT)
  return out.subarray(0, writeDigits(out, 1, digits, 0, digits.length))
}

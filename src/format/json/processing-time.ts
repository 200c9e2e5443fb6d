import { EMPTY_RUN, byteRun, type ByteRun } from '../../byte/byte-run.ts'

/** The digits of a processing time, rendered once for all events of a moment. */
export class ProcessingTime {
  /** Milliseconds: `1795207720080`. */
  millis: ByteRun = EMPTY_RUN
  /** An envelope's end: the milliseconds, `,"ts_us":…,"ts_ns":…`, closing braces. */
  tail: ByteRun = EMPTY_RUN
  private micros = -1n
  private readonly closing: string

  /** `closing` follows the last digit. */
  constructor(closing: string) {
    this.closing = closing
  }

  /** Nanoseconds are the microseconds' thousandfold: the clock has no more. */
  set(nowMicros: bigint): void {
    if (nowMicros === this.micros) return
    this.micros = nowMicros
    const millis = String(nowMicros / 1000n)
    this.millis = byteRun(millis)
    this.tail = byteRun(`${millis},"ts_us":${nowMicros},"ts_ns":${nowMicros * 1000n}${this.closing}`)
  }
}

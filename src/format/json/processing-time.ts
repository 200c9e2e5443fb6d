/** The digits of a processing time, rendered once for all events of a moment. */
export class ProcessingTime {
  /** Milliseconds: `1795207720080`. */
  millis: Buffer = Buffer.alloc(0)
  /** An envelope's end: the milliseconds, `,"ts_us":…,"ts_ns":…`, closing braces. */
  tail: Buffer = Buffer.alloc(0)
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
    this.millis = Buffer.from(millis)
    this.tail = Buffer.from(`${millis},"ts_us":${nowMicros},"ts_ns":${nowMicros * 1000n}${this.closing}`)
  }
}

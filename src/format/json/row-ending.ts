import { EMPTY_RUN, byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { JsonWriter } from '../../json/json-writer.ts'

/**
 * The end of a row's record, which is the same for many that follow each other: it is kept as it was written, and copied at once. `context`, `kind` and the
 * processing time `time` say together what it is the end of.
 */
export class RowEnding {
  /** Up to the frame's end. */
  private run: ByteRun = EMPTY_RUN
  /** How much of it is the value's. */
  private valueLength = 0
  private context: object | undefined
  private kind = ''
  private time: ByteRun = EMPTY_RUN

  /** Whether it was kept for these three. */
  fits(context: object, kind: string, time: ByteRun): boolean {
    return context === this.context && kind === this.kind && time === this.time && this.run !== EMPTY_RUN
  }

  /** Writes what was kept; returns where the value ends. */
  write(writer: JsonWriter): number {
    const end = writer.position + this.valueLength
    writer.run(this.run)
    return end
  }

  /** Keeps what was written for these three from `start` on, of which the value ends at `valueEnd`, once they come again: a lone row's is not worth it. */
  keep(context: object, kind: string, time: ByteRun, start: number, valueEnd: number, writer: JsonWriter): void {
    if (context === this.context && kind === this.kind && time === this.time) {
      this.run = byteRun(writer.written(start))
      this.valueLength = valueEnd - start
      return
    }
    this.context = context
    this.kind = kind
    this.time = time
    this.run = EMPTY_RUN
  }
}

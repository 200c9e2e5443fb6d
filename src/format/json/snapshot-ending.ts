import { EMPTY_RUN, byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent, SnapshotMarker } from '../../event/change-event.ts'
import type { Transaction } from '../../event/transaction.ts'
import type { JsonWriter } from '../../json/json-writer.ts'

/**
 * All that follows the columns of a snapshot's row: `source`, processing time, headers. It is longer than the columns often are, and the same for
 * all rows of a batch (SourceLayout), so that it is kept as it was written for the first of them.
 */
export class SnapshotEnding {
  /** From the columns' end to the frame's end. */
  run: ByteRun = EMPTY_RUN
  /** How much of it is the value's. */
  valueLength = 0
  private transaction: Transaction | undefined
  private marker: SnapshotMarker | undefined
  private time: ByteRun = EMPTY_RUN

  /** `time`: what the processing time is written as. */
  fits(event: ChangeEvent, time: ByteRun): boolean {
    return event.transaction === this.transaction && event.snapshot === this.marker && time === this.time
  }

  /** Keeps what was written for `event` from `start` on, of which the value ends at `valueEnd`. */
  keep(event: ChangeEvent, time: ByteRun, start: number, valueEnd: number, writer: JsonWriter): void {
    this.transaction = event.transaction
    this.marker = event.snapshot
    this.time = time
    this.run = byteRun(writer.written(start))
    this.valueLength = valueEnd - start
  }
}

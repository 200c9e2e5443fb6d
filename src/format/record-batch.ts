import { constants } from 'node:buffer'
import type { HeaderSet } from './format.ts'
import type { RecordFraming } from './record-framing.ts'

/** No key or no value (a tombstone). */
export const ABSENT = -1

/**
 * Encoded records of one batch: one buffer, and for each record where its key and value lie in it. Nothing is copied per
 * record. `first` and `end` narrow it (a stop after exactly N records). The lists keep what an earlier, longer batch left in them.
 */
export class RecordBatch {
  /** Grows by doubling; replaced when it grows, so never keep a reference across an append. */
  bytes: Buffer
  /** Bytes used. */
  length = 0
  count = 0
  readonly destination: string[] = []
  readonly keyStart: number[] = []
  readonly keyEnd: number[] = []
  readonly valueStart: number[] = []
  readonly valueEnd: number[] = []
  readonly headers: HeaderSet[] = []
  /** What the sink wants around keys and values. */
  readonly framing: RecordFraming | undefined
  /** The format has written it: record `i` with all that is around it is [frameStart[i], frameEnd[i]), and one frame follows the other. */
  framed = false
  readonly frameStart: number[] = []
  readonly frameEnd: number[] = []
  /** Partitions of records that the format places itself, by index; sinks place all others by their keys. */
  readonly placed: Map<number, number> = new Map()
  /** Index of the event each record came from. */
  readonly event: number[] = []
  /** Events encoded so far, with or without records: the index of the one that is being encoded. A format raises it by one after each. */
  events = 0
  /** Records to deliver: [first, end). */
  first = 0
  end = 0

  constructor(capacity: number, framing?: RecordFraming) {
    this.framing = framing
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** Makes room for `size` more bytes and returns the buffer to write to. */
  reserve(size: number): Buffer {
    const needed = this.length + size
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.bytes.length * 2, constants.MAX_LENGTH)))
      this.bytes.copy(grown, 0, 0, this.length)
      this.bytes = grown
    }
    return this.bytes
  }

  /** Adds a record whose key and value bytes were written before; starts and ends are offsets into `bytes`, or ABSENT. */
  append(
    event: number, destination: string, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, headers: HeaderSet, frameStart = 0, frameEnd = 0,
  ): void {
    const { count } = this
    this.destination[count] = destination
    this.keyStart[count] = keyStart
    this.keyEnd[count] = keyEnd
    this.valueStart[count] = valueStart
    this.valueEnd[count] = valueEnd
    this.headers[count] = headers
    this.event[count] = event
    this.frameStart[count] = frameStart
    this.frameEnd[count] = frameEnd
    this.end = ++this.count
  }

  /** Empties it for the next batch; the buffer is kept unless it has grown beyond `keep` bytes. */
  clear(keep: number): void {
    if (this.bytes.length > keep) this.bytes = Buffer.allocUnsafeSlow(keep)
    this.length = this.count = this.events = this.first = this.end = 0
    this.framed = false
    this.placed.clear()
  }
}

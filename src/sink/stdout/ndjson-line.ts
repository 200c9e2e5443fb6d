import type { HeaderSet } from '../../format/format.ts'
import { ABSENT, type RecordBatch } from '../../format/record-batch.ts'
import type { RecordFraming } from '../../format/record-framing.ts'

/** A line is `{"destination":…,"partition":…,"key":…,"value":…,"headers":{…}}`. Keys, values and headers are JSON already. */
export const NDJSON: RecordFraming = {
  opening: (destination, partition) => `{"destination":${JSON.stringify(destination)},"partition":${partition ?? 'null'},"key":`,
  middle: ',"value":',
  absent: 'null',
  closing: (headers) => `,"headers":{${headers.map(({ name, value }) => `${JSON.stringify(name)}:${value.toString()}`).join(',')}}}\n`,
}

const NULL: Buffer = Buffer.from(NDJSON.absent)
const VALUE: Buffer = Buffer.from(NDJSON.middle)
/** Lines are gathered up to this size, then written; a longer line is written alone. */
const CHUNK = 4 * 1024 * 1024
/** A buffer that one long line made larger than this is given up afterwards. */
const KEEP = 2 * CHUNK
/** Destinations come from tables, so there are few; a transform may invent any number. */
const MAX_DESTINATIONS = 10_000

/** Composes lines of records that their format has not framed; what surrounds keys and values is rendered once for each destination and header set. */
export class NdjsonLines {
  /** The lines composed last are `bytes[0, length)`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(256 * 1024)
  length = 0
  private readonly openings = new Map<string, Buffer>()
  private readonly closings = new WeakMap<HeaderSet, Buffer>()

  /** Composes records from `from` on, as many as fit a chunk; returns the index of the first that is left. */
  compose(records: RecordBatch, from: number): number {
    if (this.bytes.length > KEEP) this.bytes = Buffer.allocUnsafeSlow(CHUNK)
    this.length = 0
    const { destination, headers, keyStart, keyEnd, valueStart, valueEnd, end, placed } = records
    let lastDestination: string | undefined
    let lastHeaders: HeaderSet | undefined
    let opening = NULL
    let closing = NULL
    let index = from
    while (index < end && this.length < CHUNK) {
      if (placed.has(index)) {
        opening = Buffer.from(NDJSON.opening(destination[index]!, placed.get(index)))
        lastDestination = undefined
      } else if (destination[index] !== lastDestination) opening = this.opening((lastDestination = destination[index]!))
      if (headers[index] !== lastHeaders) closing = this.closing((lastHeaders = headers[index]!))
      const keyAt = keyStart[index]!
      const valueAt = valueStart[index]!
      const keyLength = keyAt === ABSENT ? NULL.length : keyEnd[index]! - keyAt
      const valueLength = valueAt === ABSENT ? NULL.length : valueEnd[index]! - valueAt
      const size = opening.length + keyLength + VALUE.length + valueLength + closing.length
      if (this.length + size > this.bytes.length) this.grow(size)
      this.append(opening)
      this.slice(records.bytes, keyAt, keyLength)
      this.append(VALUE)
      this.slice(records.bytes, valueAt, valueLength)
      this.append(closing)
      index++
    }
    return index
  }

  private append(run: Buffer): void {
    this.bytes.set(run, this.length)
    this.length += run.length
  }

  private slice(from: Buffer, start: number, length: number): void {
    // A plain view costs a third of Buffer.subarray or Buffer.copy, which matters for short values.
    this.bytes.set(start === ABSENT ? NULL : new Uint8Array(from.buffer, from.byteOffset + start, length), this.length)
    this.length += length
  }

  private grow(size: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + size, Math.min(this.bytes.length * 2, KEEP)))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  private opening(destination: string): Buffer {
    let opening = this.openings.get(destination)
    if (opening === undefined) {
      opening = Buffer.from(NDJSON.opening(destination))
      if (this.openings.size >= MAX_DESTINATIONS) this.openings.clear()
      this.openings.set(destination, opening)
    }
    return opening
  }

  private closing(headers: HeaderSet): Buffer {
    let closing = this.closings.get(headers)
    if (closing === undefined) {
      closing = Buffer.from(NDJSON.closing(headers))
      this.closings.set(headers, closing)
    }
    return closing
  }
}

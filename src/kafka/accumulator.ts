import type { HeaderSet } from '../format/format.ts'
import { encodedHeaders, PartitionBatch, type RecordSlices } from './partition-batch.ts'

const FIRST_BYTES = 16 * 1024
/** A record's time is written as a 32-bit difference from its batch's first; a clock that is put right may leap further. */
const LONGEST_SPAN_MS = 2 ** 31

/** Bytes of batches that were sent, kept for the next ones: what a request needs at most is 1 MiB, and few are under way. */
const SPARE_BUFFERS = 16

/** Collects records into one open batch a partition. Batches of a partition leave in the order they were filled. */
export class Accumulator {
  readonly #batchBytes: number
  readonly #open = new Map<string, PartitionBatch[]>()
  /** In the order in which they were begun. */
  #batches: PartitionBatch[] = []
  /** Sizes to expect: what the last batch of a partition came to. */
  readonly #sizes = new Map<string, number>()
  readonly #spare: Buffer[] = []
  #bytes = 0

  /** A batch is closed once it has `batchBytes`; a record that is larger has one of its own. */
  constructor(batchBytes: number) {
    this.#batchBytes = batchBytes
  }

  /** Bytes collected and not taken. */
  get bytes(): number {
    return this.#bytes
  }

  get empty(): boolean {
    return this.#batches.length === 0
  }

  append(topic: string, partition: number, record: RecordSlices, headers: HeaderSet, timestampMs: number): void {
    const encoded = encodedHeaders(headers)
    const batch = this.#batch(topic, partition, record.keyEnd - record.keyStart + record.valueEnd - record.valueStart + encoded.length, timestampMs)
    const before = batch.length
    batch.append(record, encoded, timestampMs)
    this.#bytes += batch.length - before
  }

  /** Everything collected so far. */
  take(): PartitionBatch[] {
    const taken = this.#batches
    for (const batch of taken) this.#sizes.set(batch.topic, batch.length)
    this.#batches = []
    this.#open.clear()
    this.#bytes = 0
    return taken
  }

  /**
   * Batches that are acknowledged: their memory is used again, which spares the garbage collector large allocations. Not that of a
   * batch that was sent more than once: an earlier attempt may still be on its way out of it.
   */
  recycle(batches: readonly PartitionBatch[]): void {
    for (const { bytes, sent } of batches) if (sent === 1 && bytes.length === this.#batchBytes && this.#spare.length < SPARE_BUFFERS) this.#spare.push(bytes)
  }

  #batch(topic: string, partition: number, size: number, timestampMs: number): PartitionBatch {
    let partitions = this.#open.get(topic)
    if (partitions === undefined) this.#open.set(topic, (partitions = []))
    const open = partitions[partition]
    if (open !== undefined && open.length + size <= this.#batchBytes && Math.abs(timestampMs - open.firstTimestampMs) < LONGEST_SPAN_MS) return open
    const expected = Math.min(this.#batchBytes, Math.max(FIRST_BYTES, Math.ceil((this.#sizes.get(topic) ?? 0) * 1.25)))
    const batch = (partitions[partition] = new PartitionBatch(topic, partition, timestampMs, (expected === this.#batchBytes ? this.#spare.pop() : undefined) ?? expected))
    this.#batches.push(batch)
    return batch
  }
}

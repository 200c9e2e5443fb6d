import type { Position } from '../event/position.ts'
import type { ChangeEvent, Operation } from '../event/change-event.ts'
import type { TableVersion } from '../event/table.ts'
import type { Format } from '../format/format.ts'
import { RecordBatch } from '../format/record-batch.ts'
import type { RecordFraming } from '../format/record-framing.ts'
import type { Batch, Sink } from '../sink/sink.ts'
import type { ChangeBatch } from '../source/source.ts'

/** A batch as the sink gets it, and the position it ends at. A unit is what the sink counts: an event or a record. */
export interface Delivery {
  readonly batch: Batch
  readonly units: number
  /** The newest event of the batch. */
  readonly last: ChangeEvent | undefined
  readonly position: Position
  /** Units of the next change that are in this delivery as well. */
  readonly partial: number
  readonly barrier: boolean
}

/** Records that outgrow this are not kept for the next batch. */
const KEEP_BYTES = 8 * 1024 * 1024
const FIRST_BYTES = 1024 * 1024

/** Turns batches of changes into deliveries: encodes where the sink takes records, and cuts at an exact unit. */
export class Dispatcher {
  readonly #accepts: Sink['accepts']
  readonly #framing: RecordFraming | undefined
  readonly #format: Format | undefined
  /** One in the sink's hands, one being filled. */
  readonly #buffers: RecordBatch[] = []
  #turn = 0
  readonly counts: Record<Operation, number> = { c: 0, u: 0, d: 0, r: 0, t: 0, m: 0, s: 0, b: 0, e: 0 }

  constructor({ accepts, framing }: Pick<Sink, 'accepts' | 'framing'>, format: Format | undefined) {
    this.#accepts = accepts
    this.#framing = framing
    this.#format = format
  }

  /** Errors: of the format, for a table that it cannot encode. */
  compile(tables: readonly TableVersion[]): void {
    for (const table of tables) this.#format?.prepare?.(table)
  }

  /** What the format has to wait for before these events are encoded. */
  ready(events: readonly ChangeEvent[], signal: AbortSignal): Promise<void> | undefined {
    return this.#accepts === 'records' ? this.#format?.ready?.(events, signal) : undefined
  }

  /** At most `limit` units; the first `skip` were delivered before. */
  prepare(batch: ChangeBatch, nowMicros: bigint, skip: number, limit: number): Delivery {
    const { events } = batch
    for (let index = 0; index < events.length; index++) this.counts[events[index]!.op]++
    if (events.length === 0) return { batch: { events, records: undefined }, units: 0, last: undefined, position: batch.position(0), partial: skip, barrier: batch.barrier }
    return this.#accepts === 'records' ? this.#records(batch, nowMicros, skip, limit) : this.#events(batch, skip, limit)
  }

  #events(batch: ChangeBatch, skip: number, limit: number): Delivery {
    const { events } = batch
    const end = Math.min(events.length, skip + limit)
    const units = Math.max(0, end - skip)
    const last = events[end - 1]
    if (end === events.length) return { batch: { events: skip > 0 ? events.slice(skip) : events, records: undefined }, units, last, position: batch.position(events.length), partial: 0, barrier: batch.barrier }
    const change = changeStart(events, end)
    return { batch: { events: events.slice(skip, end), records: undefined }, units, last, position: batch.position(change), partial: end - change, barrier: false }
  }

  #records(batch: ChangeBatch, nowMicros: bigint, skip: number, limit: number): Delivery {
    const records = this.#next()
    const { events } = batch
    const format = this.#format!
    for (let index = 0; index < events.length; index++) {
      const before = records.count
      format.encode(events[index]!, records, nowMicros)
      for (let record = before; record < records.count; record++) records.event[record] = index
    }
    records.first = Math.min(skip, records.count)
    const end = Math.min(records.count, records.first + limit)
    records.end = end
    const units = end - records.first
    const encoded = { batch: { events: [], records }, units, last: events.at(-1) }
    if (end === records.count) return { ...encoded, position: batch.position(events.length), partial: 0, barrier: batch.barrier }
    // the first record that is left belongs to a change whose earlier records are delivered
    const change = changeStart(events, records.event[end]!)
    let partial = 0
    while (end - partial > 0 && records.event[end - partial - 1]! >= change) partial++
    return { ...encoded, position: batch.position(change), partial, barrier: false }
  }

  #next(): RecordBatch {
    const buffer = (this.#buffers[this.#turn] ??= new RecordBatch(FIRST_BYTES, this.#framing))
    this.#turn = 1 - this.#turn
    buffer.clear(KEEP_BYTES)
    return buffer
  }
}

/** Index of the first event of the change that `events[index]` belongs to. */
function changeStart(events: readonly ChangeEvent[], index: number): number {
  const start = index - events[index]!.part
  const before = events[start - 1]
  // a transaction's beginning is a part of its first change
  return before?.op === 'b' && before.ordinal === events[start]!.ordinal ? start - 1 : start
}

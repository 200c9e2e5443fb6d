import type { ChangeEvent } from '../../event/change-event.ts'
import type { BatchBuilder } from '../batch-builder.ts'
import type { ChangeBatch } from '../source.ts'
import { PgPosition } from './position.ts'
import type { PgTransaction } from './transaction.ts'

/** A batch of the stream or the snapshot. */
export class PgBatch implements ChangeBatch {
  readonly events: readonly ChangeEvent[]
  readonly bytes: number
  readonly barrier: boolean
  /** Where the batch begins and ends. */
  readonly #start: PgPosition
  readonly #end: PgPosition

  constructor(events: readonly ChangeEvent[], bytes: number, start: PgPosition, end: PgPosition, barrier = false) {
    this.events = events
    this.bytes = bytes
    this.barrier = barrier
    this.#start = start
    this.#end = end
  }

  position(count: number): PgPosition {
    if (count === this.events.length) return this.#end
    if (count === 0) return this.#start
    const event = this.events[count - 1]!
    if (this.#start.phase === 'snapshot') return this.#start
    const lsn = (BigInt(event.high) << 32n) | BigInt(event.low)
    const transaction = event.transaction as PgTransaction
    // a non-transactional message is a place of its own, and behind a transaction's end nothing of it is left
    if (transaction.xid === undefined || event.op === 'e') return new PgPosition('stream', lsn, undefined, lsn)
    // everything before this transaction is done; the resume point before it is its predecessor's end
    const before = transaction.resumeLsn
    const recordLsn = this.#wholeRecord(count, event)
    return new PgPosition('stream', before, { commitLsn: transaction.commitLsn, changes: event.ordinal + 1, changeLsn: lsn, ...(recordLsn === undefined ? {} : { recordLsn }) }, transaction.lastCommit)
  }

  /** Where the last WAL record stands whose changes are all among the first `count` events. */
  #wholeRecord(count: number, last: ChangeEvent): bigint | undefined {
    const other = (event: ChangeEvent | undefined): boolean => event?.transaction !== last.transaction || event.high !== last.high || event.low !== last.low
    if (other(this.events[count])) return (BigInt(last.high) << 32n) | BigInt(last.low)
    let at = count - 2
    while (at >= 0 && !other(this.events[at])) at--
    const event = this.events[at]
    if (event?.transaction === last.transaction) return (BigInt(event.high) << 32n) | BigInt(event.low)
    // the transaction began before the batch did
    const { part } = this.#start
    if (event !== undefined || part?.commitLsn !== (last.transaction as PgTransaction).commitLsn) return undefined
    return part.changeLsn === ((BigInt(last.high) << 32n) | BigInt(last.low)) ? part.recordLsn : part.changeLsn
  }
}

/** Collects a batch. */
export type Builder = BatchBuilder<PgPosition, PgBatch>

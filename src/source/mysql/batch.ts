import type { ChangeEvent } from '../../event/change-event.ts'
import type { BatchBuilder } from '../batch-builder.ts'
import type { ChangeBatch } from '../source.ts'
import { MysqlPosition } from './position.ts'
import type { MysqlRowImage } from './row-image.ts'
import type { MysqlTransaction, TransactionFacts } from './transaction.ts'

/** A batch of the stream or the snapshot. */
export class MysqlBatch implements ChangeBatch {
  readonly events: readonly ChangeEvent[]
  readonly bytes: number
  readonly barrier: boolean
  /** Where the batch begins and ends. */
  readonly #start: MysqlPosition
  readonly #end: MysqlPosition

  constructor(events: readonly ChangeEvent[], bytes: number, start: MysqlPosition, end: MysqlPosition, barrier = false) {
    this.events = events
    this.bytes = bytes
    this.barrier = barrier
    this.#start = start
    this.#end = end
  }

  position(count: number): MysqlPosition {
    if (count === this.events.length) return this.#end
    if (count === 0 || this.#start.phase === 'snapshot') return this.#start
    const next = factsOf(this.events[count]!)
    // between two groups: what lies between them has nothing that is told
    if (factsOf(this.events[count - 1]!) !== next) return new MysqlPosition('stream', next.place, next.gtidsBefore, { xa: next.xaBefore, serverId: next.serverId, begun: next.fileBegun })
    for (let at = count - 1; at >= 0 && factsOf(this.events[at]!) === next; at--) {
      const event = this.events[at]!
      if (event.afterImage !== undefined || event.beforeImage !== undefined) return insideTransaction(event)
    }
    // nothing but its beginning, or a change of the schema within it
    return factsOf(this.events[0]!) === next ? this.#start : new MysqlPosition('stream', next.place, next.gtidsBefore, { xa: next.xaBefore, serverId: next.serverId, begun: next.fileBegun })
  }
}

function factsOf(event: ChangeEvent): TransactionFacts {
  return (event.transaction as MysqlTransaction).facts
}

/** The place behind one change of a transaction, which begins where everything before is done. */
export function insideTransaction(event: ChangeEvent): MysqlPosition {
  const { facts, timestampMicros } = event.transaction as MysqlTransaction
  const image = (event.afterImage ?? event.beforeImage) as MysqlRowImage | undefined
  const part = { rows: event.ordinal + 1, event: image?.event ?? 0, row: (image?.row ?? 0) + 1, begin: facts.begin, gtid: facts.gtid?.text }
  return new MysqlPosition('stream', facts.place, facts.gtidsBefore, { part, xa: facts.xaBefore, serverId: facts.serverId, seconds: Number(timestampMicros / 1_000_000n), begun: facts.fileBegun })
}

/** Collects a batch. */
export type Builder = BatchBuilder<MysqlPosition, MysqlBatch>

import { ChangeEvent } from '../../event/change-event.ts'
import type { TransactionOrder } from '../../event/transaction.ts'
import { TransactionCounter } from '../transaction-counter.ts'
import type { Builder } from './batch.ts'
import type { PgTable } from './table.ts'
import type { PgTransaction } from './transaction.ts'

/**
 * What consumers are told of transactions: beginnings and ends, and each event's order. A beginning comes with the first change, filtered or
 * not: a transaction without changes, which PostgreSQL 14 sends as well, has none. PostgreSQL's name of a transaction has the LSN of what is
 * told (Debezium's PostgresTransactionInfo).
 */
export class TransactionMetadata {
  readonly #batch: Builder
  readonly #table: PgTable
  readonly #counter = new TransactionCounter()
  #transaction: PgTransaction | undefined

  /** `table`: what is of no table is told of this one. */
  constructor(batch: Builder, table: PgTable) {
    this.#batch = batch
    this.#table = table
  }

  open(transaction: PgTransaction): void {
    this.#transaction = transaction
    this.#counter.reset()
  }

  /** A change has come, of that ordinal. `told`: the beginning was, before a restart. */
  begin(high: number, low: number, ordinal: number, told: boolean): void {
    if (this.#counter.begun) return
    this.#counter.begun = true
    if (!told) this.#batch.add(this.#event('b', high, low, ordinal), 0)
  }

  /** The next event's. `table`: empty for a message. */
  order(high: number, low: number, table: string): TransactionOrder {
    return this.#counter.next(this.#id(high, low), table)
  }

  end(lsn: bigint, changes: number): void {
    if (this.#counter.begun) this.#batch.add(this.#event('e', Number(lsn >> 32n), Number(lsn & 0xffffffffn), changes), 0)
  }

  /** The beginning is a part of its change, which has the same place. */
  #event(op: 'b' | 'e', high: number, low: number, ordinal: number): ChangeEvent {
    const marker = { id: this.#id(high, low), counts: op === 'e' ? this.#counter.counts : undefined }
    return new ChangeEvent(op, this.#table, this.#transaction!, 'false', high, low, ordinal, 0, undefined, undefined, undefined, marker)
  }

  #id(high: number, low: number): string {
    return `${this.#transaction!.id}:${(BigInt(high) << 32n) | BigInt(low)}`
  }
}

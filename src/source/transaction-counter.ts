import type { TableCount, TransactionOrder } from '../event/transaction.ts'

/**
 * Counts the events of the transaction that is open, as Debezium's TransactionContext does: those that filters leave, each event of a key
 * update. A transaction that goes on after a restart is counted from its beginning, with what was delivered before.
 */
export class TransactionCounter {
  readonly #tables = new Map<string, number>()
  #total = 0
  /** The beginning was told, by this run or an earlier one: the end is to be told as well. */
  begun = false

  /** A new transaction. */
  reset(): void {
    this.#tables.clear()
    this.#total = 0
    this.begun = false
  }

  /** The next event's place. `table` as in {@link TableCount.table}. */
  next(id: string, table: string): TransactionOrder {
    const inTable = (this.#tables.get(table) ?? 0) + 1
    this.#tables.set(table, inTable)
    return { id, total: ++this.#total, inTable }
  }

  /** Of what was counted so far. */
  get counts(): readonly TableCount[] {
    return [...this.#tables].map(([table, events]) => ({ table, events }))
  }
}

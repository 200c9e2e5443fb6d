import { bytesOf, type RowsLeft } from './row-event.ts'

/** More is not held: the rows go on as they come, and a ROLLBACK behind them is an error. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Rows of a group that may end with ROLLBACK. MariaDB logs a transaction that was rolled back, with all it did, where it made or dropped temporary
 * tables, or changed others that cannot roll back (binlog_savepoint_rollback, binlog_rollback in sql/log.cc). Rows of tables without
 * transactions are never among them: in row format they have groups of their own (use_trans_cache).
 */
export class UncertainRows {
  #rows: RowsLeft[] = []
  #bytes = 0
  /** How many there were at each savepoint, by name. */
  readonly #savepoints = new Map<string, number>()

  /** False: it is too much. */
  hold(rows: RowsLeft): boolean {
    this.#rows.push(rows)
    this.#bytes += bytesOf(rows)
    return this.#bytes <= MOST_BYTES
  }

  savepoint(name: string): void {
    this.#savepoints.set(name, this.#rows.length)
  }

  /** False: there is no such savepoint. */
  rollBackTo(name: string): boolean {
    const count = this.#savepoints.get(name)
    if (count === undefined) return false
    for (const rows of this.#rows.splice(count)) this.#bytes -= bytesOf(rows)
    return true
  }

  /** They count. */
  take(): readonly RowsLeft[] {
    const rows = this.#rows
    this.#rows = []
    this.#bytes = 0
    return rows
  }
}

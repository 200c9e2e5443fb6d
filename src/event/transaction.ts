/** The transaction a change was committed in; for snapshot rows, the snapshot. One object is shared by all its events. */
export interface Transaction {
  /** The source's own name of it: PostgreSQL's xid as decimal digits. */
  readonly id: string
  /** Commit time (snapshot: the time it was read), microseconds since 1970-01-01 UTC. */
  readonly timestampMicros: bigint
  /** Prefix of the ids of this transaction's events: facts of the log, the same on every delivery. */
  readonly identity: string
}

/** Where an event stands in its transaction: Debezium's `transaction` block. Counted after all filters, both events of a key update. */
export interface TransactionOrder {
  /** Debezium's name of the transaction. PostgreSQL: `<xid>:<LSN of the event>`; MySQL and MariaDB: the GTID, else `file=<file>,pos=<offset>`. */
  readonly id: string
  /** Among all events of the transaction, from 1. */
  readonly total: number
  /** Among those of its table, from 1. */
  readonly inTable: number
}

/** How many events of a table a transaction has. */
export interface TableCount {
  /** `schema.table` (MySQL: `database.table`); empty for logical messages, which have no table. */
  readonly table: string
  readonly events: number
}

/** What is told at a transaction's beginning and end, where a source was asked for it. */
export interface TransactionMarker {
  /** As {@link TransactionOrder.id}. PostgreSQL: with the LSN of the first change, and at the end with that of the commit's end. */
  readonly id: string
  /** At the end: its tables, in the order in which they were first met. Undefined at the beginning. */
  readonly counts: readonly TableCount[] | undefined
}

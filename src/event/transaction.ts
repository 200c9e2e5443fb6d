/** The transaction a change was committed in; for snapshot rows, the snapshot. One object is shared by all its events. */
export interface Transaction {
  /** The source's own name of it: PostgreSQL's xid as decimal digits. */
  readonly id: string
  /** Commit time (snapshot: the time it was read), microseconds since 1970-01-01 UTC. */
  readonly timestampMicros: bigint
  /** Prefix of the ids of this transaction's events: facts of the log, the same on every delivery. */
  readonly identity: string
}

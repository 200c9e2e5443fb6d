/** A transaction's global identifier. */
export interface Gtid {
  /** MySQL: `<uuid>` or `<uuid>:<tag>`, lower case. MariaDB: `<domain>`. */
  readonly group: string
  /** MariaDB: the server that wrote it. MySQL: 0. */
  readonly server: number
  readonly number: bigint
  /** As the server prints it: `<uuid>:<number>`, `<uuid>:<tag>:<number>`, `<domain>-<server>-<number>`. */
  readonly text: string
}

/** Transactions that are done: a MySQL GTID set, or the last one of each MariaDB domain. Immutable. */
export interface GtidPosition {
  readonly empty: boolean
  contains(gtid: Gtid): boolean
  /** With one more. Called at every commit: what does not change is shared. */
  with(gtid: Gtid): GtidPosition
  /** All of these are done in `other` as well. */
  isSubsetOf(other: GtidPosition): boolean
  equals(other: GtidPosition): boolean
  /** As the server prints it, without line breaks. */
  toString(): string
}

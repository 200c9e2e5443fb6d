/**
 * A place where tailrace writes something else than Debezium on purpose. The `reason` is a section of
 * docs/differences.md. A rule holds what Debezium wrote and what tailrace writes, both as JSON, so that it excuses this
 * one difference and nothing else: any third value is a mismatch, and so is Debezium's own.
 */
export interface Difference {
  readonly reason: string
  /** As {@link placeOf} has it: `types`, `mysql/types`. */
  readonly scenario: RegExp
  readonly table: string
  readonly column: string
  /** Rows by op and id: [op, id, Debezium's value, tailrace's]. */
  readonly cells?: readonly (readonly [op: string, id: number, theirs: string, ours: string])[]
  /** Any row that has the value: [Debezium's, tailrace's]. */
  readonly values?: readonly (readonly [theirs: string, ours: string])[]
  /** Rows with this op: what tailrace makes of Debezium's value. */
  readonly turn?: readonly [op: string, ours: (theirs: string) => string]
  /** The column's schema, wherever it stands in the value's schema: [Debezium's, tailrace's]. */
  readonly schema?: readonly [theirs: string, ours: string]
  /** The whole key, `@id` standing for the row's id and `@schema` for its table's schema: [Debezium's, tailrace's]. */
  readonly key?: readonly [theirs: string, ours: string]
  /** The rows whose key it is; default all. */
  readonly keyIds?: readonly number[]
  /** `data_collections` of a transaction's end: [Debezium's, tailrace's]. */
  readonly counts?: readonly (readonly [theirs: string, ours: string])[]
  /** A member of the value of a change of the schema whose statement begins so: [Debezium's, tailrace's]. */
  readonly member?: { readonly ddl: string; readonly path: readonly (string | number)[]; readonly theirs: string; readonly ours: string }
}

/** Records that Debezium has and tailrace has not, or the other way round, so that what is expected stands in `ours.ndjson` beside them. */
export interface RecordDifference {
  readonly reason: string
  /** As {@link Difference.scenario}, of one run. */
  readonly scenario: string
  readonly run: number
  /** Zero-based, in `ours.ndjson`: what Debezium has not. */
  readonly added: readonly number[]
  /** Zero-based, in `events.ndjson`: what tailrace has not. */
  readonly dropped: readonly number[]
}

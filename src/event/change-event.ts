import type { SchemaChange } from './table-definition.ts'
import type { RowImage, TableVersion } from './table.ts'
import type { Transaction, TransactionMarker, TransactionOrder } from './transaction.ts'

/**
 * `c` create, `u` update, `d` delete, `r` snapshot read, `t` truncate, `m` logical message: Debezium's letters. Where a source was asked for
 * them: `s` a change of the schema, `b` and `e` the beginning and the end of a transaction.
 */
export type Operation = 'c' | 'u' | 'd' | 'r' | 't' | 'm' | 's' | 'b' | 'e'

/** Operations on rows: those of events without a {@link ChangeEvent.detail}. */
export type RowOperation = Exclude<Operation, 'm' | 's' | 'b' | 'e'>

/** Debezium's `source.snapshot`. */
export type SnapshotMarker = 'first' | 'first_in_data_collection' | 'true' | 'last_in_data_collection' | 'last' | 'incremental' | 'false'

/** A message written with pg_logical_emit_message. */
export interface LogicalMessage {
  readonly prefix: string
  readonly content: Buffer
  /** False: emitted at once, whether or not its transaction commits. */
  readonly transactional: boolean
}

/** The `source` block as a JavaScript object: Debezium's field names, lossless values. */
export interface SourceInfo {
  readonly connector: string
  readonly db: string
  readonly schema: string
  readonly table: string
  readonly snapshot: SnapshotMarker
  readonly ts_ms: number
  readonly ts_us: bigint
  readonly [field: string]: unknown
}

/**
 * One change. Cells stay raw until they are asked for: `before`, `after`, `key` and `source` build their objects on first
 * access. A plain class with every member set by the constructor, so that all events share one hidden class.
 */
export class ChangeEvent<Row = Record<string, unknown>, Key = Record<string, unknown>> {
  readonly op: Operation
  readonly table: TableVersion
  readonly transaction: Transaction
  readonly snapshot: SnapshotMarker
  /** PostgreSQL: the upper and lower 32 bits of the change's LSN. */
  readonly high: number
  readonly low: number
  /** 0-based number of the change within its transaction, before any filter. */
  readonly ordinal: number
  /** A key update is two events of one change: part 0 the delete, part 1 the create. Otherwise 0. */
  readonly part: number
  /** Raw cells. */
  readonly beforeImage: RowImage | undefined
  readonly afterImage: RowImage | undefined
  /** A key update: the other event's key (delete: the new one, create: the old one). */
  readonly otherKeyImage: RowImage | undefined
  /** What an event that is of no row says. */
  readonly detail: LogicalMessage | SchemaChange | TransactionMarker | undefined
  /** Undefined where the source was not asked for it, outside of transactions, and in snapshots. */
  readonly order: TransactionOrder | undefined
  /** Made when the first of them is asked for: most events that are only encoded never are. */
  #built: { before?: Row | null; after?: Row | null; key?: Key | null; source?: SourceInfo } | undefined = undefined

  constructor(
    op: Operation, table: TableVersion, transaction: Transaction, snapshot: SnapshotMarker, high: number, low: number, ordinal: number, part: number,
    beforeImage: RowImage | undefined, afterImage: RowImage | undefined, otherKeyImage: RowImage | undefined,
    detail: LogicalMessage | SchemaChange | TransactionMarker | undefined, order?: TransactionOrder,
  ) {
    this.op = op
    this.table = table
    this.transaction = transaction
    this.snapshot = snapshot
    this.high = high
    this.low = low
    this.ordinal = ordinal
    this.part = part
    this.beforeImage = beforeImage
    this.afterImage = afterImage
    this.otherKeyImage = otherKeyImage
    this.detail = detail
    this.order = order
  }

  /** Only where `op` is `m`. */
  get message(): LogicalMessage | undefined {
    return this.op === 'm' ? (this.detail as LogicalMessage) : undefined
  }

  /** Only where `op` is `s`. */
  get schemaChange(): SchemaChange | undefined {
    return this.op === 's' ? (this.detail as SchemaChange) : undefined
  }

  /** Only where `op` is `b` or `e`. */
  get marker(): TransactionMarker | undefined {
    return this.op === 'b' || this.op === 'e' ? (this.detail as TransactionMarker) : undefined
  }

  /** The image the key is read from. */
  get keyImage(): RowImage | undefined {
    return this.op === 'd' ? this.beforeImage : this.afterImage
  }

  /** The row before the change, null where there is none; a column the log did not carry is `UNAVAILABLE`. */
  get before(): Row | null {
    const built = (this.#built ??= {})
    return (built.before ??= this.beforeImage === undefined ? null : (this.table.toObject(this.beforeImage) as Row))
  }

  /** The row after the change, null where there is none; an unchanged out-of-line value is `UNAVAILABLE`. */
  get after(): Row | null {
    const built = (this.#built ??= {})
    return (built.after ??= this.afterImage === undefined ? null : (this.table.toObject(this.afterImage) as Row))
  }

  /** The key columns, null for a table without a key and for what is of no row. */
  get key(): Key | null {
    const built = (this.#built ??= {})
    const image = this.keyImage
    return (built.key ??= image === undefined ? null : (this.table.toKey(image) as Key | null))
  }

  get source(): SourceInfo {
    const built = (this.#built ??= {})
    return (built.source ??= this.table.toSource(this as unknown as ChangeEvent))
  }

  /**
   * Derived from facts of the log and the same on every delivery. PostgreSQL: `pg:<system>:<database>:<commit LSN>:<LSN>:<ordinal>`,
   * with `:1` appended for the create of a key update. Of a transaction's beginning and end `<transaction>:begin` and `<transaction>:end`, of a
   * change of the schema `<transaction>:schema:<ordinal>`.
   */
  get id(): string {
    const { op, transaction } = this
    if (op === 'b') return `${transaction.identity}:begin`
    if (op === 'e') return `${transaction.identity}:end`
    if (op === 's') return `${transaction.identity}:schema:${this.ordinal}`
    return this.table.toId(this as unknown as ChangeEvent)
  }

  /** For `JSON.stringify`: what it says, not the bytes it was read from. 64-bit integers are text; what the log did not carry is left out. */
  toJSON(): object {
    return jsonable(plain(this)) as object
  }
}

function plain(event: ChangeEvent<unknown, unknown>): object {
  const { id, op, key, before, after, source } = event
  const told = Object.entries({ order: event.order, message: event.message, schemaChange: event.schemaChange, marker: event.marker }).filter(([, what]) => what !== undefined)
  return { id, op, key, before, after, source, ...Object.fromEntries(told) }
}

// for console.log: https://nodejs.org/docs/latest-v20.x/api/util.html#utilinspectcustom
Object.defineProperty(ChangeEvent.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: ChangeEvent) {
    return plain(this)
  },
})

/** JSON has no 64-bit integers: they become text. */
function jsonable(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(jsonable)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonable(member)]))
}

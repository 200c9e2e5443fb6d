/**
 * A column as a table map event describes it: how its cells lie in the bytes, and what of the optional metadata was logged
 * (`binlog_row_metadata`).
 */
export interface LoggedColumn {
  /** Type code of cells (column-type.ts). Never STRING for ENUM or SET: their real type, which the metadata holds, is put here. */
  readonly type: number
  /** Type-specific: fractional digits, bytes of a length prefix, precision and scale … (column-type.ts says which). */
  readonly meta: number
  readonly nullable: boolean
  /** Undefined: not logged. */
  readonly unsigned: boolean | undefined
  /** Collation id of text, ENUM and SET; 63 for bytes. Undefined: not logged, or a type without one. */
  readonly collation: number | undefined
  /** FULL metadata only, as all that follow. */
  readonly name: string | undefined
  readonly labels: readonly Buffer[] | undefined
  readonly geometryType: number | undefined
  readonly visible: boolean | undefined
}

/** A table map event. It holds for the row events that follow, up to the end of their statement. */
export interface TableMap {
  readonly id: number
  readonly database: string
  readonly name: string
  readonly columns: readonly LoggedColumn[]
  /** Of each column's cells: their bytes, or, below zero, minus the bytes of the length that stands before them. */
  readonly widths: Int8Array | Int32Array
  /** Indexes of the primary key's columns, in key order. Undefined: not logged. */
  readonly primaryKey: readonly number[] | undefined
}

/** Which columns a row image carries. */
export interface ColumnSet {
  readonly count: number
  /** All of the table's. */
  readonly all: boolean
  has(column: number): boolean
}

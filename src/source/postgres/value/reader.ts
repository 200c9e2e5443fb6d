import type { CellWriter } from '../../../event/cell-writer.ts'
import type { Schema, WriteValue } from '../../../event/schema.ts'
import type { PgType } from '../column.ts'

/**
 * Reads one cell, the server's text at [start, end), and calls exactly one primitive of the writer or one begin … end
 * sequence. Nothing is kept: the bytes belong to the caller.
 */
export type ReadCell = (writer: CellWriter, bytes: Buffer, start: number, end: number) => void

/**
 * Stands in for a value that the chosen representation cannot hold: writes null, or throws TR_VALUE_CONVERSION. `why` is
 * part of the message and never contains the value.
 */
export type Fail = (writer: CellWriter, why: string) => void

/** What a schema is apart from its column: whether NULL is allowed and the default are the column's. */
export type Shape = Omit<Schema, 'optional' | 'default'>

/** A column's type without its domains, and the modifier that applies (-1: none). */
export interface PlainType {
  readonly type: PgType
  readonly typmod: number
}

/** How one PostgreSQL type is represented under the handling modes that were chosen. */
export interface ValueType {
  readonly shape: Shape
  /** Called once a column; what it returns is on the hot path. `failInside` is for an array's elements, which may always be null. */
  readonly reader: (fail: Fail, failInside: Fail) => ReadCell
  /** What a NOT NULL column without a default is written as where the log has no value (JdbcValueConverters' fallbacks). */
  readonly zero: WriteValue
  /** What an unchanged out-of-line value is written as; undefined where nothing fits the schema. */
  readonly placeholder?: WriteValue
  /** What the column's default is written as, from the text pg_get_expr prints; undefined where the schema shows none. */
  readonly default?: (expression: string) => WriteValue | undefined
}

/** A malformed cell: not what the server's output function writes. */
export const MALFORMED = 'the text is not what the server writes for this type'

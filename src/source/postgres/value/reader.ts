import type { WriteValue } from '../../../event/schema.ts'
import type { ReadCell, Shape } from '../../cell-reader.ts'
import type { Fail } from '../../conversion-failure.ts'
import type { PgType } from '../column.ts'

export type { Fail } from '../../conversion-failure.ts'
export type { ReadCell, Shape } from '../../cell-reader.ts'

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

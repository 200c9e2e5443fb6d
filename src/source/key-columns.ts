import { TailraceError } from '../error/tailrace-error.ts'
import type { ColumnPattern } from './column-options.ts'
import { toWholeMatch } from './table-pattern.ts'

/** What there is to know of a table. */
interface Keyed {
  readonly columns: readonly { readonly name: string }[]
  /** Indexes of columns, in key order. */
  readonly key: readonly number[]
}

/** Keys of events that are other columns than the table's own key. */
export class KeyColumns {
  readonly #patterns: readonly RegExp[]

  /** Errors: TR_CONFIG_INVALID. */
  constructor(patterns: readonly ColumnPattern[]) {
    this.#patterns = patterns.map(toWholeMatch)
  }

  /**
   * The shape with its key, or the shape itself where no pattern names a column of it. `table`: `schema.table`. The order is that of the patterns, of one pattern
   * that of the columns (Debezium's Key.CustomKeyMapper). Errors: TR_CONFIG_INVALID, where a column would be in the key twice: Debezium stops there as well.
   */
  keyed<Shape extends Keyed>(table: string, shape: Shape): Shape {
    const key: number[] = []
    for (const pattern of this.#patterns) {
      shape.columns.forEach(({ name }, index) => {
        if (!pattern.test(`${table}.${name}`)) return
        if (key.includes(index)) throw new TailraceError('TR_CONFIG_INVALID', { message: `columns.key names the column ${table}.${name} twice`, where: { table, column: name } })
        key.push(index)
      })
    }
    return key.length === 0 ? shape : { ...shape, key }
  }
}

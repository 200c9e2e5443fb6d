import type { TablePattern } from './table-pattern.ts'

/**
 * Names columns: `schema.table.column` (MySQL and MariaDB: `database.table.column`), `*` standing for any characters, or a regular expression
 * that must match the whole of it.
 */
export type ColumnPattern = TablePattern

/** How a hash is taken: `1` of the text as Java serializes it, `2` of its UTF-8 bytes. */
export type HashForm = 1 | 2

/**
 * What becomes of the values and schemas of some columns, in snapshots and changes alike, `before` and `after`. Keys of events keep their
 * values. Of several rules of one kind the first that names a column counts; a mask goes before a hash, a hash before a truncation.
 */
export interface ColumnOptions {
  /** Texts longer than so many characters (UTF-16 code units), and bytes longer than so many, are cut. Default none. */
  readonly truncate?: readonly { readonly columns: readonly ColumnPattern[]; readonly chars: number }[]
  /** So many asterisks in the place of every value of a character type, NULL included; 0 leaves an empty text. Default none. */
  readonly mask?: readonly { readonly columns: readonly ColumnPattern[]; readonly chars: number }[]
  /**
   * The hexadecimal digest of salt and value in the place of every value of a character type but NULL, cut to the column's length. `algorithm`: `SHA-256`,
   * `SHA-512`, `SHA3-256`, `MD5` … (Java's names). `form`: default 2; 1 is what Debezium calls the hash without `v2`. Default none.
   */
  readonly hash?: readonly { readonly columns: readonly ColumnPattern[]; readonly algorithm: string; readonly salt: string; readonly form?: HashForm }[]
  /**
   * What the key of events is made of, in this order, in the place of the table's own key, and where it has none. A table of which it names no column keeps
   * its key. An update that changes one of them is a delete and a create. A pattern says nothing of other columns. Default none.
   */
  readonly key?: readonly ColumnPattern[]
  /** Type, length, scale and name of the column as parameters `__debezium.source.column.…` of its schema. Default none. */
  readonly sourceType?: readonly ColumnPattern[]
  /** The same for columns by their type: `schema.table.type`, for example `*.varchar`. Default none. */
  readonly sourceTypeOf?: readonly ColumnPattern[]
}

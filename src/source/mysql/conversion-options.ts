import type { ColumnOptions, ColumnPattern } from '../column-options.ts'

/** What {@link MysqlOptions.columns} says: as of every source, and other forms of some columns. */
export interface MysqlColumnOptions extends ColumnOptions {
  /** Other forms of some columns in records, keys included; what code sees stays the same. The first that fits a column counts. Default none. */
  readonly convert?: readonly ColumnConversion[]
}

/** Another form of some columns. */
export type ColumnConversion =
  /** TINYINT(1) as boolean: whether it is above 0. Debezium's TinyIntOneToBooleanConverter. */
  | {
      readonly to: 'boolean'
      /** Default all. */
      readonly columns?: readonly ColumnPattern[]
      /** TINYINT and TINYINT UNSIGNED of any display width. Default false. */
      readonly anyLength?: boolean
    }
  /** Numbers and texts as 1 or 0 (above 0, or `true`), as numbers, or as texts with their character set in the schema. Debezium's JdbcSinkDataTypesConverter. */
  | { readonly to: 'int16' | 'double' | 'float' | 'string'; readonly columns: readonly ColumnPattern[] }
  /** A value in the place of dates that are none (`0000-00-00`), and of NULL. Debezium's ZeroDateFallbackConverter. */
  | ZeroDateConversion

/** Values for dates that are none. Of a type whose value is null the columns' schemas are optional. */
export interface ZeroDateConversion {
  /** Which conversion it is. */
  readonly to: 'date'
  /** Default all. */
  readonly columns?: readonly ColumnPattern[]
  /** Default all three. */
  readonly types?: readonly ('DATE' | 'DATETIME' | 'TIMESTAMP')[]
  /** `2000-01-31`. Default null. */
  readonly date?: string | null
  /** `2000-01-31 12:30:00`. Default null. */
  readonly datetime?: string | null
  /** `2000-01-31T12:30:00+01:00`. Default null. */
  readonly timestamp?: string | null
  /** Another value for single columns, by `database.table.column`. Default none. */
  readonly single?: Readonly<Record<string, string | null>>
}

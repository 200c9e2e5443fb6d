import type { ColumnDefinition, TableDefinition } from '../../../schema-history/table-definition.ts'

/** Where a column is put. */
export type Place = 'first' | { readonly after: string }

/** A column's new form; `place` undefined: where it was, or at the end. */
export interface PlacedColumn {
  readonly column: ColumnDefinition
  readonly place: Place | undefined
}

/** Names of columns are the same in both cases. */
export function sameName(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase()
}

/** A table while a statement makes or changes it. The key is one of names until it is done. */
export class TableDraft {
  columns: ColumnDefinition[]
  key: string[]
  charset: string | undefined
  comment: string | undefined

  constructor(columns: readonly ColumnDefinition[], key: readonly string[], charset: string | undefined, comment: string | undefined) {
    this.columns = [...columns]
    this.key = [...key]
    this.charset = charset
    this.comment = comment
  }

  static of({ columns, key, charset, comment }: TableDefinition): TableDraft {
    return new TableDraft(columns, key.map((index) => columns[index]!.name), charset, comment)
  }

  find(name: string): ColumnDefinition | undefined {
    return this.columns.find((column) => sameName(column.name, name))
  }

  /** What ADD COLUMN and deferred places do, in the order of the statement. Behind a column that is not there: at the end. */
  insert({ column, place }: PlacedColumn): void {
    if (place === 'first') return void this.columns.unshift(column)
    const before = place === undefined ? -1 : this.columns.findIndex(({ name }) => sameName(name, place.after))
    this.columns.splice(before === -1 ? this.#end() : before + 1, 0, column)
  }

  /** The key's columns cannot be NULL, and have no default then that would be NULL. */
  setPrimaryKey(names: readonly string[]): void {
    this.columns = this.columns.map((column) => {
      if (!column.optional || !names.some((name) => sameName(name, column.name))) return column
      return { ...column, optional: false, hasDefault: column.default !== undefined }
    })
    this.key = [...names]
  }

  /** Without a primary key, the first unique one without NULL is the key. */
  offerUniqueKey(names: readonly string[] | undefined): void {
    if (this.key.length > 0 || names === undefined) return
    if (names.every((name) => this.find(name)?.optional === false)) this.key = [...names]
  }

  done(database: string, name: string): TableDefinition {
    const key = this.key.map((wanted) => this.columns.findIndex((column) => sameName(column.name, wanted))).filter((index) => index !== -1)
    return { database, name, columns: this.columns, key, charset: this.charset, comment: this.comment }
  }

  /** The hidden columns of a versioned table stay behind the others. */
  #end(): number {
    const hidden = this.columns.findIndex(isHiddenRowTime)
    return hidden === -1 ? this.columns.length : hidden
  }
}

const ROW_TIMES = ['row_start', 'row_end']

/** The columns that MariaDB adds to a table WITH SYSTEM VERSIONING that declares none: they are in its rows, but not in its definition. */
export function hiddenRowTimes(): ColumnDefinition[] {
  return ROW_TIMES.map((name) => ({
    name, typeName: 'TIMESTAMP', typeExpression: 'TIMESTAMP', jdbcType: 2014, length: 6, scale: undefined, charset: undefined,
    optional: false, autoIncremented: false, generated: true, comment: undefined, hasDefault: false, default: undefined, labels: [],
  }))
}

/** Declared ones are not `generated` in Debezium's sense, and these are. */
export function isHiddenRowTime({ name, generated, autoIncremented, jdbcType }: ColumnDefinition): boolean {
  return generated && !autoIncremented && jdbcType === 2014 && ROW_TIMES.includes(name)
}

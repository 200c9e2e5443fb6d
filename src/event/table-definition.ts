/**
 * A column as DDL declares it, in the terms of Debezium's relational model (io.debezium.relational.Column): schema history and
 * schema change events carry exactly this.
 */
export interface ColumnDefinition {
  readonly name: string
  /** Upper case, with its modifiers: `INT UNSIGNED`, `VARCHAR`, `ENUM`. */
  readonly typeName: string
  /** As `typeName` where the server has no other spelling. */
  readonly typeExpression: string
  /** A constant of java.sql.Types. */
  readonly jdbcType: number
  /** What stands in the parentheses: characters, digits, or a display width. */
  readonly length: number | undefined
  readonly scale: number | undefined
  /** Character set of its text (`utf8mb4`, `latin1` …), undefined for types that have none. */
  readonly charset: string | undefined
  /** NULL is allowed. */
  readonly optional: boolean
  readonly autoIncremented: boolean
  /** Debezium's word for columns that the server fills in by itself: AUTO_INCREMENT, and TIMESTAMP with ON UPDATE. Not GENERATED ALWAYS AS. */
  readonly generated: boolean
  readonly comment: string | undefined
  /** Columns that allow NULL have one, which is NULL, unless another is declared. */
  readonly hasDefault: boolean
  /** The default as Debezium keeps it: a literal without its quotes, or an expression. Undefined: none, or NULL. */
  readonly default: string | undefined
  /** ENUM and SET: the labels, without quotes. */
  readonly labels: readonly string[]
}

/** What a table is at one point of the log. */
export interface TableDefinition {
  readonly database: string
  readonly name: string
  /** In the order of the table: that of row images, too. */
  readonly columns: readonly ColumnDefinition[]
  /** Indexes into `columns`, in key order; empty without a key. */
  readonly key: readonly number[]
  /** Default character set of the table. */
  readonly charset: string | undefined
  readonly comment: string | undefined
}

/** What a DDL statement did to one table. */
export interface TableChange {
  readonly type: 'CREATE' | 'ALTER' | 'DROP'
  readonly database: string
  readonly table: string
  /** RENAME: what it was called. */
  readonly previous?: { readonly database: string; readonly table: string }
  /** The table afterwards; undefined where it is gone, or where the statement changed nothing that is kept. */
  readonly shape?: TableDefinition
}

/** One record of the schema history: a statement, or a part of one that Debezium writes apart (RENAME and DROP of several tables). */
export interface SchemaChange {
  /** The database it is filed under: that of the table, or the default one; empty for what is of the server. */
  readonly database: string
  readonly ddl: string
  readonly changes: readonly TableChange[]
  /** The names of all tables of the statement, where it is of several and this is a part of it. */
  readonly tables?: readonly string[]
}

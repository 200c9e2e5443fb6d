import type { SchemaChange, TableDefinition } from '../../../schema-history/table-definition.ts'
import type { TableReference } from './token-reader.ts'

/** How a statement is to be read: from the query event's status variables, or the server's settings. */
export interface DdlContext {
  /** The default database, empty where there is none. */
  readonly database: string
  /** sql_mode ANSI_QUOTES: `"` quotes identifiers. */
  readonly ansiQuotes: boolean
  /** sql_mode NO_BACKSLASH_ESCAPES. */
  readonly noBackslashEscapes: boolean
  /** Collation ids of the session, undefined where they were not logged. */
  readonly serverCollation: number | undefined
  readonly databaseCollation: number | undefined
}

/** What a query event says. */
export type Statement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'release-savepoint' }
  /** `name` in lower case. */
  | { readonly kind: 'savepoint' | 'rollback-to-savepoint'; readonly name: string }
  /** `xid` as the server prints it: `X'…',X'…',1`. */
  | { readonly kind: 'xa-start' | 'xa-end' | 'xa-prepare' | 'xa-commit' | 'xa-rollback'; readonly xid: string; readonly onePhase: boolean }
  /** Tables or databases may have changed; `changes` may be empty. `unlogged`: tables that rows have left or entered without an event, with a partition or a tablespace. */
  | { readonly kind: 'schema'; readonly changes: readonly SchemaChange[]; readonly unlogged?: readonly TableReference[] }
  | { readonly kind: 'truncate'; readonly database: string; readonly table: string }
  /** Views, routines, users, grants, maintenance …: no table changes. */
  | { readonly kind: 'irrelevant' }
  /** INSERT, UPDATE, DELETE, LOAD DATA … in statement format: its rows are not in the log. */
  | { readonly kind: 'rows' }

/** The tables known at one point of the log. */
export interface SchemaModel {
  get(database: string, table: string): TableDefinition | undefined
  tables(): Iterable<TableDefinition>
  /** Reads a statement and applies it. Errors: TR_MYSQL_DDL for one that may change a table and cannot be read. */
  apply(ddl: string, context: DdlContext): Statement
  /** Puts a table in, as a history record has it. */
  put(shape: TableDefinition): void
  remove(database: string, table: string): void
  /** `CREATE DATABASE … CHARSET`: the default of tables made in it. */
  databaseCharset(database: string): string | undefined
}

import type { Query } from './control.ts'
import { quoteTable } from './identifier.ts'

/** A table by its name. */
export interface TableName {
  readonly database: string
  readonly name: string
}

/** A table as the server lists it. */
export interface CatalogTable extends TableName {
  /** The engine's estimate, undefined where it has none. */
  readonly estimatedRows: number | undefined
  /** A sequence of MariaDB: its row is in the log whenever it goes on, and in no snapshot. */
  readonly sequence: boolean
}

const SYSTEM = "('mysql', 'performance_schema', 'sys', 'information_schema')"

/** Every table and sequence outside the server's own databases, by name. No views. */
export async function listTables(query: Query): Promise<CatalogTable[]> {
  const rows = await query(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, TABLE_ROWS AS n, TABLE_TYPE AS k FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND TABLE_SCHEMA NOT IN ${SYSTEM} ORDER BY BINARY TABLE_SCHEMA, BINARY TABLE_NAME`,
  )
  return rows.map((row) => ({ database: String(row['d']), name: String(row['t']), estimatedRows: row['n'] === null || row['n'] === undefined ? undefined : Number(row['n']), sequence: row['k'] === 'SEQUENCE' }))
}

/** `CREATE TABLE …`, as the server writes it down. */
export async function showCreateTable(query: Query, { database, name }: TableName): Promise<string> {
  const [row] = await query(`SHOW CREATE TABLE ${quoteTable(database, name)}`)
  return String(row?.['Create Table'] ?? '')
}

/** The default character set and collation of a database. */
export async function databaseCharset(query: Query, database: string): Promise<{ charset: string; collation: string } | undefined> {
  const [row] = await query('SELECT DEFAULT_CHARACTER_SET_NAME AS c, DEFAULT_COLLATION_NAME AS o FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database])
  return row === undefined ? undefined : { charset: String(row['c']), collation: String(row['o']) }
}

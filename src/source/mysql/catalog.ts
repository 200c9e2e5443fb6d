import { pause } from '../../async/abort.ts'
import type { Clock } from '../../time/clock.ts'
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
  /** When it was created or last altered, to the second. */
  readonly made: string
}

const SYSTEM = "('mysql', 'performance_schema', 'sys', 'information_schema')"

/** How often the server is asked what time it is. */
const ASK_AGAIN_MS = 50

/** Every table and sequence outside the server's own databases, by name. No views. */
export async function listTables(query: Query): Promise<CatalogTable[]> {
  const rows = await query(
    `SELECT TABLE_SCHEMA AS d, TABLE_NAME AS t, TABLE_ROWS AS n, TABLE_TYPE AS k, CREATE_TIME AS c FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND TABLE_SCHEMA NOT IN ${SYSTEM} ORDER BY BINARY TABLE_SCHEMA, BINARY TABLE_NAME`,
  )
  return rows.map((row) => ({ database: String(row['d']), name: String(row['t']), estimatedRows: row['n'] === null || row['n'] === undefined ? undefined : Number(row['n']), sequence: row['k'] === 'SEQUENCE', made: String(row['c']) }))
}

/** `CREATE TABLE …`, as the server writes it down. */
export async function showCreateTable(query: Query, { database, name }: TableName): Promise<string> {
  const [row] = await query(`SHOW CREATE TABLE ${quoteTable(database, name)}`)
  return String(row?.['Create Table'] ?? '')
}

/** Resolves once none of the tables was made in the second that it is: what is altered in the same one again looks as old. */
export async function behindTheirSecond(query: Query, tables: readonly CatalogTable[], clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const [row] = await query('SELECT NOW() AS now')
    if (!tables.some(({ made }) => made === row?.['now'])) return
    await pause(ASK_AGAIN_MS, clock, signal)
    signal.throwIfAborted()
  }
}

/**
 * Whether a table is what it was. MariaDB reads one that ALGORITHM=INSTANT has changed as it is now, in an old snapshot too, and without an error;
 * and the statement is the same again where a column was dropped and added anew, with other values.
 */
export async function isUnchanged(query: Query, { database, name, made }: CatalogTable, statement: string): Promise<boolean> {
  const [row] = await query('SELECT CREATE_TIME AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, name])
  return String(row?.['c']) === made && withoutCounter(await showCreateTable(query, { database, name })) === withoutCounter(statement)
}

/** The next number of an AUTO_INCREMENT is not part of the definition. */
function withoutCounter(statement: string): string {
  return statement.replace(/ AUTO_INCREMENT=\d+/, '')
}

/** The default character set and collation of a database. */
export async function databaseCharset(query: Query, database: string): Promise<{ charset: string; collation: string } | undefined> {
  const [row] = await query('SELECT DEFAULT_CHARACTER_SET_NAME AS c, DEFAULT_COLLATION_NAME AS o FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database])
  return row === undefined ? undefined : { charset: String(row['c']), collation: String(row['o']) }
}

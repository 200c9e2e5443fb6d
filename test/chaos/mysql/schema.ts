import type { MysqlServer } from '../../server/mysql-server.ts'
import { cellText, toRow, type Cell, type Row } from '../row.ts'
import { canonical } from './document.ts'

export const DATABASE = 'chaos'

/** Tables that are altered while they are written to; `x` is of XA transactions, `emptied` of TRUNCATE. */
export const ALTERED = ['t1', 't2', 't3'] as const
export const TABLES = [...ALTERED, 'x', 'emptied', 'marker'] as const

const COLUMNS = ['id', 'ver', 'tag', 'body', 'doc']
const DEFINITION = 'id bigint primary key, ver bigint not null, tag varchar(60), body text, doc json'

/**
 * Written behind a statement that changes the schema, as a comment that the server logs with it: what the statement does, so that
 * who reads the log need not understand SQL.
 */
export interface SchemaNote {
  readonly table: string
  /** Its columns behind the statement. */
  readonly columns: readonly string[]
  /** Name and default of a new one. */
  readonly add?: readonly [string, string]
  readonly drop?: string
  /** A column that is defined anew, and has no default any more. */
  readonly modify?: string
  readonly rename?: readonly [string, string]
  /** The table's new name. */
  readonly moved?: string
  readonly truncate?: true
}

export function noted(sql: string, note: SchemaNote): string {
  return `${sql} /*chaos ${JSON.stringify(note)}*/`
}

export function empty(): string {
  return TABLES.map((table) => noted(`create table ${table} (${DEFINITION}) engine=InnoDB`, { table, columns: COLUMNS })).join('; ')
}

/** With the first rows of the tables that are altered. */
export function schema(): string {
  const rows = ALTERED.map((table, at) => `insert into ${table} (id, ver, tag, body, doc) values ${Array.from({ length: 40 }, (_, row) => `(${at * 100 + row + 1}, 1, 'first', null, '{"ver": 1, "list": [1, 2, 3]}')`).join()}`)
  return [empty(), ...rows].join('; ')
}

/** Rows that nobody changes, so that a snapshot has something to read. */
export function moreRows(count: number): string {
  return ALTERED.map((table) => `insert into ${table} (id, ver, tag, body, doc) values ${Array.from({ length: count }, (_, row) => `(${1_000_000 + row}, 1, 'still', null, null)`).join()}`).join('; ')
}

/** Every table as SELECT shows it, by its name of now. */
export async function readTables(server: MysqlServer): Promise<Map<string, Row[]>> {
  const tables = new Map<string, Row[]>()
  for (const { name } of await server.query<{ name: string }>('select table_name as name from information_schema.tables where table_schema = ?', undefined, [DATABASE])) {
    const rows = await server.query(`select * from ${name}`, DATABASE)
    tables.set(name, rows.map((row) => toRow(Object.entries(row).map(([column, value]): [string, Cell] => [column, read(column, value)]))))
  }
  return tables
}

function read(column: string, value: unknown): Cell {
  if (value === null) return null
  return cellText(column === 'doc' ? canonical(typeof value === 'string' ? JSON.parse(value) : value) : `${value as string}`)
}

import { TYPE } from './binlog/column-type.ts'
import type { LoggedColumn, TableMap } from './binlog/logged-column.ts'
import type { MysqlTableShape } from './column.ts'

/*
  Columns that MariaDB adds behind those of the definition, and logs with them: row_start and row_end of WITH SYSTEM VERSIONING
  (https://mariadb.com/kb/en/system-versioned-tables/), then DB_ROW_HASH_1 … of unique keys that are kept as a hash: those over TEXT, BLOB
  and long VARCHAR, and USING HASH. SHOW CREATE TABLE and SELECT * do not show them.
*/

const HASH = /^DB_ROW_HASH_\d+$/
const FRACTION = 6

/** How many of the last columns in the map are such; the definition has `declared` columns. */
export function hiddenColumns(map: TableMap, declared: number, shape: MysqlTableShape | undefined): number {
  const extra = map.columns.slice(declared)
  if (extra.length === 0) return 0
  const hashes = countHashes(extra, shape)
  const rest = extra.length - hashes
  return rest === 0 || (rest === 2 && isPeriod(extra[0]!, 'row_start') && isPeriod(extra[1]!, 'row_end')) ? extra.length : 0
}

function countHashes(columns: readonly LoggedColumn[], shape: MysqlTableShape | undefined): number {
  // without a column that could be hashed, it is one that was added and is not in the definition
  if (shape !== undefined && !shape.columns.some(({ typeName }) => /CHAR|TEXT|BLOB|BINARY/.test(typeName))) return 0
  let count = 0
  while (count < columns.length && isHash(columns[columns.length - 1 - count]!)) count++
  return count
}

function isHash({ type, name, nullable }: LoggedColumn): boolean {
  return type === TYPE.longlong && nullable && (name === undefined || HASH.test(name))
}

/** A time, or, with transaction-precise history, the number of a transaction. */
function isPeriod({ type, meta, nullable, name }: LoggedColumn, expected: string): boolean {
  return !nullable && ((type === TYPE.timestamp2 && meta === FRACTION) || type === TYPE.longlong) && (name === undefined || name === expected)
}

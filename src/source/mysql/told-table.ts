import type { SchemaChange } from '../../event/table-definition.ts'
import type { Settings } from './settings.ts'

/** Of a captured table, under its name of before or now, or of a database that has captured ones. */
export function isCaptured({ database, changes }: SchemaChange, { filter }: Settings): boolean {
  if (changes.length === 0) return database === '' || filter.capturesDatabase(database)
  return changes.some(({ database: of, table, previous }) => filter.captures(of, table) || (previous !== undefined && filter.captures(previous.database, previous.table)))
}

/** `source.table` of a change of the schema, as Debezium has it: the tables' names; null where it is of a database or the server, empty where a statement changed no table. */
export function toldTable({ ddl, changes }: SchemaChange): string | null {
  if (changes.length > 0) return [...new Set(changes.map(({ table }) => table))].sort().join(',')
  return /^\s*(?:SET|USE|(?:CREATE|DROP)\s+(?:DATABASE|SCHEMA))\b/i.test(ddl) ? null : ''
}

import type { SchemaChange } from '../../event/table-definition.ts'
import type { Settings } from './settings.ts'

/** Which changes of the schema are told: see `schemaChanges` of the options. */
export function isTold(change: SchemaChange, { schemaChanges, filter }: Pick<Settings, 'schemaChanges' | 'filter'>): boolean {
  const databases = [change.database, ...change.changes.map(({ database }) => database)]
  switch (schemaChanges) {
    case false:
      return false
    case 'all':
      return !databases.some((database) => filter.isBuiltIn(database))
    case 'databases':
      return databases.every((database) => database === '' || filter.capturesDatabase(database))
    case true:
      return isCaptured(change, filter)
  }
}

/** Of a captured table, under its name of before or now, or of a database that has captured ones. */
function isCaptured({ database, changes }: SchemaChange, filter: Settings['filter']): boolean {
  if (changes.length === 0) return database === '' || filter.capturesDatabase(database)
  return changes.some(({ database: of, table, previous }) => filter.captures(of, table) || (previous !== undefined && filter.captures(previous.database, previous.table)))
}

/** `source.table` of a change of the schema, as Debezium has it: the tables' names; null where it is of a database or the server, empty where a statement changed no table. */
export function toldTable({ ddl, changes, tables }: SchemaChange): string | null {
  if (tables !== undefined) return [...new Set(tables)].sort().join(',')
  if (changes.length > 0) return [...new Set(changes.map(({ table }) => table))].sort().join(',')
  return /^\s*(?:SET|USE|(?:CREATE|DROP)\s+(?:DATABASE|SCHEMA))\b/i.test(ddl) ? null : ''
}

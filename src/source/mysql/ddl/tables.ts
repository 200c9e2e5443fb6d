import type { TableDefinition } from '../../../schema-history/table-definition.ts'

/** What statements read and change. */
export interface Tables {
  readonly flavor: 'mysql' | 'mariadb'
  get(database: string, table: string): TableDefinition | undefined
  /** What is kept of it. */
  put(shape: TableDefinition): TableDefinition
  remove(database: string, table: string): void
  /** The default of tables that are made there. */
  charsetOf(database: string): string | undefined
}

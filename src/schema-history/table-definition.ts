// Events carry it too, and they know of no history.
export type { ColumnDefinition, SchemaChange, TableChange, TableDefinition } from '../event/table-definition.ts'

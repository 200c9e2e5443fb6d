import type { SchemaChange, TableChange, TableDefinition } from '../../../schema-history/table-definition.ts'
import type { Statement } from './schema-contract.ts'

export type SchemaStatement = Extract<Statement, { readonly kind: 'schema' }>

/** One record: the statement, with what it did to tables. */
export function recorded(database: string, ddl: string, changes: readonly TableChange[] = []): SchemaStatement {
  return { kind: 'schema', changes: [{ database, ddl, changes }] }
}

export function records(changes: readonly SchemaChange[]): Statement {
  return { kind: 'schema', changes }
}

/** The tables of a statement that is written apart. */
export function namesOf(tables: readonly string[]): Pick<SchemaChange, 'tables'> {
  return tables.length > 1 ? { tables } : {}
}

export function changed(type: 'CREATE' | 'ALTER', shape: TableDefinition): TableChange {
  return { type, database: shape.database, table: shape.name, shape }
}

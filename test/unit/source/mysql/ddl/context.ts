import { createSchemaModel } from '../../../../../src/source/mysql/ddl/schema-model.ts'
import type { DdlContext, SchemaModel, Statement } from '../../../../../src/source/mysql/ddl/schema-contract.ts'
import type { TableChange, TableDefinition } from '../../../../../src/schema-history/table-definition.ts'

export function context(of: Partial<DdlContext> = {}): DdlContext {
  return { database: 'd', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined, ...of }
}

export function model(flavor: 'mysql' | 'mariadb' = 'mysql', options: Partial<Parameters<typeof createSchemaModel>[0]> = {}): SchemaModel {
  return createSchemaModel({ flavor, lowerCaseTableNames: 0, serverCharset: 'utf8mb4', ...options })
}

/** Statements, one after the other; what the last one did. */
export function apply(to: SchemaModel, ...statements: string[]): Statement {
  let last: Statement | undefined
  for (const statement of statements) last = to.apply(statement, context())
  return last!
}

export function changesOf(statement: Statement): readonly TableChange[] {
  if (statement.kind !== 'schema') throw new Error(`it is ${statement.kind}`)
  return statement.changes.flatMap(({ changes }) => changes)
}

/** `id INT NOT NULL, v VARCHAR(10) utf8mb4` … and the key, for people and for comparing. */
export function shown(table: TableDefinition | undefined): string {
  if (table === undefined) return 'no table'
  const columns = table.columns.map(({ name, typeName, length, scale, charset, optional, hasDefault, default: value, autoIncremented, labels }) => {
    const dimensions = length === undefined ? '' : `(${length}${scale === undefined ? '' : `,${scale}`})`
    const text = labels.length > 0 ? ` [${labels.join('|')}]` : ''
    const fallback = value === undefined ? (hasDefault && !optional ? ' = …' : '') : ` = ${value}`
    return `${name} ${typeName.replace(/^\S+/, `$&${dimensions}`)}${text}${charset === undefined ? '' : ` ${charset}`}${optional ? '' : ' NOT NULL'}${autoIncremented ? ' AUTO' : ''}${fallback}`
  })
  return `${columns.join(', ')}; key ${table.key.map((index) => table.columns[index]!.name).join(',')}`
}

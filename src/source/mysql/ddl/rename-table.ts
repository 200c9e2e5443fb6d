import type { SchemaChange, TableChange } from '../../../schema-history/table-definition.ts'
import { namesOf, records } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import type { Tables } from './tables.ts'
import type { TableReference, TokenReader } from './token-reader.ts'

interface Renaming {
  readonly from: TableReference
  readonly to: TableReference
  readonly text: string
}

/**
 * Behind RENAME TABLE. One record for each pair; each table is what it is behind the whole statement, so that a name that was only used in between has
 * none (Debezium reads its tables when the statement is done).
 */
export function renameTables(reader: TokenReader, tables: Tables): Statement {
  reader.accept('IF', 'EXISTS')
  const prefix = reader.text.slice(reader.first.start, reader.peek().start)
  const renamings: Renaming[] = []
  do renamings.push(readRenaming(reader))
  while (reader.acceptSymbol(','))
  const known = renamings.map((renaming) => move(renaming, tables))
  return records(renamings.map((renaming, index): SchemaChange => ({ database: renaming.to.database, ddl: prefix + renaming.text, changes: known[index] ? result(renaming, tables) : [], ...namesOf(renamings.map(({ to }) => to.name)) })))
}

function readRenaming(reader: TokenReader): Renaming {
  const { start } = reader.peek()
  const from = reader.tableName()
  if (reader.acceptOne('NOWAIT') === undefined && reader.accept('WAIT')) reader.next()
  reader.expect('TO')
  const to = reader.tableName()
  return { from, to, text: reader.text.slice(start, reader.last.end) }
}

/** False: it is not known, may be a view. What had the new name is gone. */
function move({ from, to }: Renaming, tables: Tables): boolean {
  const shape = tables.get(from.database, from.name)
  tables.remove(from.database, from.name)
  if (shape === undefined) tables.remove(to.database, to.name)
  else tables.put({ ...shape, database: to.database, name: to.name })
  return shape !== undefined
}

function result({ from, to }: Renaming, tables: Tables): TableChange[] {
  const shape = tables.get(to.database, to.name)
  if (shape === undefined) return []
  return [{ type: 'ALTER', database: to.database, table: to.name, previous: { database: from.database, table: from.name }, shape }]
}

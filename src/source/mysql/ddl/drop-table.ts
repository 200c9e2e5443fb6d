import { quoteTable } from '../identifier.ts'
import { namesOf, records } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import type { Tables } from './tables.ts'
import type { TableReference, TokenReader } from './token-reader.ts'

/** Behind DROP TABLE: one record for each table, its name written out, also for one that was not there. */
export function dropTables(reader: TokenReader, tables: Tables): Statement {
  reader.accept('IF', 'EXISTS')
  const prefix = reader.text.slice(reader.first.start, reader.peek().start)
  const dropped: TableReference[] = []
  do dropped.push(reader.tableName())
  while (reader.acceptSymbol(','))
  if (reader.acceptOne('NOWAIT') === undefined && reader.accept('WAIT')) reader.next()
  const behaviour = reader.peek()
  const suffix = reader.acceptOne('RESTRICT', 'CASCADE') === undefined ? '' : ` ${reader.text.slice(behaviour.start, behaviour.end)}`
  for (const { database, name } of dropped) tables.remove(database, name)
  return records(dropped.map(({ database, name }) => ({ database, ddl: `${prefix}${quoteTable(database, name)}${suffix}`, changes: [{ type: 'DROP', database, table: name }], ...namesOf(dropped.map((each) => each.name)) })))
}

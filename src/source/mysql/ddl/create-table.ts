import type { TableDefinition } from '../../../schema-history/table-definition.ts'
import type { ColumnDraft } from './column-draft.ts'
import { defineColumn } from './column-definition.ts'
import { changed, recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import { hiddenRowTimes, TableDraft } from './table-draft.ts'
import { readElement } from './table-element.ts'
import { readTableOptions, type TableOptions } from './table-option.ts'
import type { Tables } from './tables.ts'
import type { TableReference, TokenReader } from './token-reader.ts'

/** What stands in the parentheses. */
interface TableBody {
  readonly columns: ColumnDraft[]
  primary: readonly string[] | undefined
  readonly unique: (readonly string[] | undefined)[]
}

/** Behind CREATE [OR REPLACE] TABLE. */
export function createTable(reader: TokenReader, tables: Tables): Statement {
  const known = reader.accept('IF', 'NOT', 'EXISTS')
  const reference = reader.tableName()
  const there = known && tables.get(reference.database, reference.name) !== undefined
  const original = readLike(reader)
  if (original !== undefined) return there ? recorded(reference.database, reader.source) : copyTable(reader, tables, reference, original)
  const body = reader.isSymbol('(') && !reader.isWord('SELECT', 1) ? readBody(reader, tables.flavor) : { columns: [], primary: undefined, unique: [] }
  const options: TableOptions = { charset: undefined, comment: undefined, versioned: false, select: false }
  readTableOptions(reader, options)
  // in row format, the server writes it with all of its columns
  if (options.select) return { kind: 'rows' }
  if (there) return recorded(reference.database, reader.source)
  const shape = tables.put(defineTable(reference, body, options, tables))
  return recorded(shape.database, reader.source, [changed('CREATE', shape)])
}

/** `LIKE t`, `(LIKE t)` */
function readLike(reader: TokenReader): TableReference | undefined {
  if (reader.accept('LIKE')) return reader.tableName()
  if (!reader.isSymbol('(') || !reader.isWord('LIKE', 1)) return undefined
  reader.next()
  reader.next()
  const original = reader.tableName()
  reader.expectSymbol(')')
  return original
}

/** The copy of a table that is not known is not known either. Debezium does not copy the comment. */
function copyTable(reader: TokenReader, tables: Tables, { database, name }: TableReference, original: TableReference): Statement {
  const like = tables.get(original.database, original.name)
  if (like === undefined) {
    tables.remove(database, name)
    return recorded(database, reader.source)
  }
  const shape = tables.put({ ...like, database, name, comment: undefined })
  return recorded(database, reader.source, [changed('CREATE', shape)])
}

function readBody(reader: TokenReader, flavor: 'mysql' | 'mariadb'): TableBody {
  const body: TableBody = { columns: [], primary: undefined, unique: [] }
  reader.expectSymbol('(')
  do {
    const element = readElement(reader, flavor)
    if (element.kind === 'column') addColumn(body, element.column)
    else if (element.kind === 'primary') body.primary = element.parts
    else if (element.kind === 'unique') body.unique.push(element.parts)
  } while (reader.acceptSymbol(','))
  reader.expectSymbol(')')
  return body
}

function addColumn(body: TableBody, column: ColumnDraft): void {
  body.columns.push(column)
  if (column.primary) body.primary = [column.name]
  if (column.unique) body.unique.push([column.name])
}

function defineTable({ database, name }: TableReference, { columns, primary, unique }: TableBody, options: TableOptions, tables: Tables): TableDefinition {
  const charset = options.charset ?? tables.charsetOf(database)
  const draft = new TableDraft(columns.map((column) => defineColumn(column, charset)), [], charset, options.comment)
  if (primary !== undefined) draft.setPrimaryKey(primary)
  for (const parts of unique) draft.offerUniqueKey(parts)
  if ((options.versioned || columns.some(({ versioned }) => versioned)) && !columns.some(({ rowTime }) => rowTime)) addHiddenRowTimes(draft)
  return draft.done(database, name)
}

/** What has been and is no more stands beside what is, under the same key: the end of its time tells them apart. */
export function addHiddenRowTimes(draft: TableDraft): void {
  const hidden = hiddenRowTimes()
  draft.columns.push(...hidden)
  if (draft.key.length > 0) draft.key.push(hidden[1]!.name)
}

import type { TableChange, TableDefinition } from '../../../schema-history/table-definition.ts'
import { ColumnChanges } from './alter-columns.ts'
import { readAlterClause } from './alter-clause.ts'
import { addHiddenRowTimes } from './create-table.ts'
import { convertCharset } from './convert-charset.ts'
import { changed, recorded, type SchemaStatement } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import { isHiddenRowTime, TableDraft } from './table-draft.ts'
import type { TableElement } from './table-element.ts'
import type { TableOptions } from './table-option.ts'
import type { Tables } from './tables.ts'
import type { TableReference, TokenReader } from './token-reader.ts'

/** What the clauses of an ALTER TABLE add up to. */
export interface Alteration {
  readonly database: string
  readonly draft: TableDraft
  readonly columns: ColumnChanges
  /** Done when all clauses are read: a character set that the table gets is that of its new columns, wherever it stands. */
  readonly edits: (() => void)[]
  readonly keys: TableElement[]
  readonly options: TableOptions
  dropPrimaryKey: boolean
  /** CONVERT TO CHARACTER SET. */
  convertTo: string | undefined
  unversioned: boolean
  /** Columns for system versioning are declared. */
  rowTimes: boolean
  renameTo: TableReference | undefined
  /** MariaDB: partitions that become tables, and the other way round. */
  readonly made: TableReference[]
  readonly taken: TableReference[]
  /** Rows leave the table, or enter it, without an event. */
  movesRows: boolean
  /** The other table of EXCHANGE PARTITION. */
  readonly exchanged: TableReference[]
}

/** Behind ALTER TABLE. A table that is not known stays so; where it is captured, its rows tell. */
export function alterTable(reader: TokenReader, tables: Tables): Statement {
  reader.accept('IF', 'EXISTS')
  const reference = reader.tableName()
  const before = tables.get(reference.database, reference.name)
  const draft = before === undefined ? new TableDraft([], [], undefined, undefined) : TableDraft.of(before)
  const alteration: Alteration = {
    database: reference.database, draft, columns: new ColumnChanges(draft), edits: [], keys: [], options: { charset: undefined, comment: undefined, versioned: false, select: false },
    dropPrimaryKey: false, convertTo: undefined, unversioned: false, rowTimes: false, renameTo: undefined, made: [], taken: [], movesRows: false, exchanged: [],
  }
  readClauses(reader, alteration, tables)
  const statement = before === undefined ? unknownTable(reader, reference, alteration, tables) : knownTable(reader, reference, before, alteration, tables)
  return alteration.movesRows ? { ...statement, unlogged: [reference, ...alteration.exchanged] } : statement
}

function knownTable(reader: TokenReader, reference: TableReference, before: TableDefinition, alteration: Alteration, tables: Tables): SchemaStatement {
  const { database, name } = alteration.renameTo ?? before
  tables.remove(before.database, before.name)
  const shape = tables.put(perform(alteration, tables.flavor).done(database, name))
  return recorded(reference.database, reader.source, [changed('ALTER', shape), ...partitions(alteration, shape, tables)])
}

function readClauses(reader: TokenReader, alteration: Alteration, tables: Tables): void {
  if (reader.acceptOne('NOWAIT') === undefined && reader.accept('WAIT')) reader.next()
  while (!reader.atEnd) {
    readAlterClause(reader, alteration, tables)
    // options may stand side by side, and what goes with partitions has no comma before it
    reader.acceptSymbol(',')
  }
}

/** What it was called before is gone all the same. */
function unknownTable(reader: TokenReader, { database, name }: TableReference, { renameTo, taken }: Alteration, tables: Tables): SchemaStatement {
  if (renameTo !== undefined) tables.remove(renameTo.database, renameTo.name)
  for (const table of taken) tables.remove(table.database, table.name)
  tables.remove(database, name)
  return recorded(database, reader.source)
}

function perform(alteration: Alteration, flavor: 'mysql' | 'mariadb'): TableDraft {
  const { draft, columns, keys, options, convertTo, dropPrimaryKey } = alteration
  if (dropPrimaryKey) draft.key = []
  for (const edit of alteration.edits) edit()
  columns.apply()
  // it was a unique key then, and is none any more
  if (draft.key.some((name) => draft.find(name)?.optional === true)) draft.key = []
  if (convertTo !== undefined) convertCharset(draft, convertTo, flavor)
  draft.charset = options.charset ?? draft.charset
  draft.comment = options.comment ?? draft.comment
  if (alteration.unversioned) dropHiddenRowTimes(draft)
  for (const key of keys) if (key.kind === 'primary' && key.parts !== undefined) setPrimaryKey(draft, key.parts)
  for (const key of keys) if (key.kind === 'unique') draft.offerUniqueKey(key.parts)
  if (options.versioned && !alteration.rowTimes && !draft.columns.some(isHiddenRowTime)) addHiddenRowTimes(draft)
  return draft
}

function setPrimaryKey(draft: TableDraft, parts: readonly string[]): void {
  draft.setPrimaryKey(parts)
  const end = draft.columns.findLast(isHiddenRowTime)
  if (end !== undefined) draft.key.push(end.name)
}

function dropHiddenRowTimes(draft: TableDraft): void {
  const hidden = draft.columns.filter(isHiddenRowTime)
  draft.columns = draft.columns.filter((column) => !hidden.includes(column))
  draft.key = draft.key.filter((name) => !hidden.some((column) => column.name === name))
}

function partitions({ made, taken }: Alteration, shape: TableDefinition, tables: Tables): TableChange[] {
  const copies = made.map(({ database, name }) => ({ ...shape, database, name }))
  for (const copy of copies) tables.put(copy)
  for (const { database, name } of taken) tables.remove(database, name)
  return [...copies.map((copy) => changed('CREATE', copy)), ...taken.map(({ database, name }): TableChange => ({ type: 'DROP', database, table: name }))]
}

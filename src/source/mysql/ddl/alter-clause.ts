import type { ColumnDefinition } from '../../../schema-history/table-definition.ts'
import type { Alteration } from './alter-table.ts'
import { acceptCharset } from './column-attribute.ts'
import { defineColumn, readColumn } from './column-definition.ts'
import type { ColumnDefault, ColumnDraft } from './column-draft.ts'
import { readDefault } from './default-value.ts'
import type { Place } from './table-draft.ts'
import { readElement, type TableElement } from './table-element.ts'
import { readTableOption } from './table-option.ts'
import type { Tables } from './tables.ts'
import type { TokenReader } from './token-reader.ts'

type Flavor = 'mysql' | 'mariadb'

/** Clauses that change neither columns nor keys nor names. */
const PASSED_OVER = [
  'ALGORITHM', 'LOCK', 'FORCE', 'ENABLE', 'DISABLE', 'WITHOUT', 'WITH', 'UPGRADE', 'SECONDARY_LOAD', 'SECONDARY_UNLOAD',
  // options of tables
  'AUTOEXTEND_SIZE', 'AUTO_INCREMENT', 'AVG_ROW_LENGTH', 'CHECKSUM', 'TABLE_CHECKSUM', 'COMPRESSION', 'CONNECTION', 'DATA', 'INDEX', 'DELAY_KEY_WRITE', 'ENCRYPTION', 'ENGINE', 'ENGINE_ATTRIBUTE',
  'INSERT_METHOD', 'KEY_BLOCK_SIZE', 'MAX_ROWS', 'MIN_ROWS', 'PACK_KEYS', 'PASSWORD', 'ROW_FORMAT', 'SECONDARY_ENGINE', 'SECONDARY_ENGINE_ATTRIBUTE', 'START', 'STATS_AUTO_RECALC', 'STATS_PERSISTENT',
  'STATS_SAMPLE_PAGES', 'STORAGE', 'TABLESPACE', 'TYPE', 'TRANSACTIONAL', 'UNION', 'PAGE_CHECKSUM', 'IETF_QUOTES', 'SEQUENCE',
]

/** Of partitions and tablespaces: such a statement does nothing else, and its lists have commas of their own. */
const WHOLE_STATEMENTS = ['PARTITION', 'REMOVE', 'TRUNCATE', 'REORGANIZE', 'COALESCE', 'ANALYZE', 'CHECK', 'OPTIMIZE', 'REBUILD', 'REPAIR', 'DISCARD', 'IMPORT']

/** Those of them that take rows away or bring them. */
const ROW_STATEMENTS = ['TRUNCATE', 'DISCARD', 'IMPORT']

/** One clause of ALTER TABLE. Errors: TR_MYSQL_DDL for one that is not known, as it may change columns. */
export function readAlterClause(reader: TokenReader, to: Alteration, tables: Tables): void {
  const { flavor } = tables
  if (reader.accept('ADD')) return add(reader, to, flavor)
  if (reader.accept('DROP')) return drop(reader, to)
  if (reader.accept('MODIFY')) return modify(reader, to, flavor)
  if (reader.accept('CHANGE')) return change(reader, to, flavor)
  if (reader.accept('ALTER')) return alter(reader, to, flavor)
  if (reader.accept('RENAME')) return rename(reader, to)
  if (reader.accept('CONVERT')) return convert(reader, to, tables)
  if (reader.accept('ORDER', 'BY')) return skipOrder(reader)
  if (readTableOption(reader, to.options)) return
  if (reader.is('EXCHANGE')) return exchange(reader, to)
  if (WHOLE_STATEMENTS.some((word) => reader.is(word))) {
    to.movesRows ||= ROW_STATEMENTS.some((word) => reader.is(word))
    return reader.skipRest()
  }
  // an option of an engine, in MariaDB of any name
  if (!PASSED_OVER.some((word) => reader.is(word)) && !reader.isSymbol('=', 1)) throw reader.fail()
  skipOption(reader)
}

/** `DATA DIRECTORY = '…'`, `ENGINE InnoDB`, `FORCE`: other options may follow without a comma. */
function skipOption(reader: TokenReader): void {
  reader.skip()
  if (!reader.endsMember && !reader.isSymbol('=')) reader.skip()
  if (reader.acceptSymbol('=')) reader.skip()
}

const CLAUSES = ['ADD', 'DROP', 'MODIFY', 'CHANGE', 'ALTER', 'RENAME', 'CONVERT']

/** The commas of its list may be followed by another clause. */
function skipOrder(reader: TokenReader): void {
  reader.skipMember()
  while (reader.isSymbol(',') && !CLAUSES.some((word) => reader.isWord(word, 1))) {
    reader.next()
    reader.skipMember()
  }
}

function add(reader: TokenReader, to: Alteration, flavor: Flavor): void {
  if (reader.is('PARTITION')) return reader.skipRest()
  if (reader.accept('SYSTEM', 'VERSIONING')) {
    to.options.versioned = true
    return
  }
  reader.accept('COLUMN')
  const unlessThere = reader.accept('IF', 'NOT', 'EXISTS')
  if (!reader.acceptSymbol('(')) return addElement(reader, to, flavor, unlessThere)
  do addElement(reader, to, flavor, unlessThere)
  while (reader.acceptSymbol(','))
  reader.expectSymbol(')')
}

function addElement(reader: TokenReader, to: Alteration, flavor: Flavor, unlessThere: boolean): void {
  const element = readElement(reader, flavor)
  if (element.kind !== 'column') return void to.keys.push(element)
  const { column } = element
  const place = readPlace(reader)
  to.rowTimes ||= column.rowTime
  to.edits.push(() => {
    if (!to.columns.add(define(column, to), place, unlessThere)) to.keys.push(...inlineKeys(column))
  })
}

function inlineKeys({ primary, unique, name }: ColumnDraft): TableElement[] {
  return [...(primary ? [{ kind: 'primary', parts: [name] } as const] : []), ...(unique ? [{ kind: 'unique', parts: [name] } as const] : [])]
}

/** What is converted together with the table has its size in the new character set from the start. */
function define(column: ColumnDraft, { draft, options, convertTo }: Alteration): ColumnDefinition {
  const converted = convertTo === undefined || column.charset === 'binary' ? column : { ...column, charset: convertTo }
  return defineColumn(converted, options.charset ?? draft.charset)
}

function readPlace(reader: TokenReader): Place | undefined {
  if (reader.accept('FIRST')) return 'first'
  return reader.accept('AFTER') ? { after: reader.identifier() } : undefined
}

function drop(reader: TokenReader, to: Alteration): void {
  if (reader.accept('PRIMARY', 'KEY')) to.dropPrimaryKey = true
  else if (reader.accept('SYSTEM', 'VERSIONING')) to.unversioned = true
  else if (reader.is('PARTITION')) {
    to.movesRows = true
    reader.skipRest()
  } else if (reader.acceptOne('INDEX', 'KEY', 'CONSTRAINT') !== undefined) {
    reader.accept('IF', 'EXISTS')
    to.dropPrimaryKey ||= reader.identifier().toUpperCase() === 'PRIMARY'
    reader.skipMember()
  } else if (reader.is('FOREIGN', 'KEY') || reader.is('CHECK') || reader.is('PERIOD', 'FOR')) reader.skipMember()
  else {
    reader.accept('COLUMN')
    reader.accept('IF', 'EXISTS')
    to.columns.drop(reader.identifier())
    reader.acceptOne('RESTRICT', 'CASCADE')
  }
}

function modify(reader: TokenReader, to: Alteration, flavor: Flavor): void {
  reader.accept('COLUMN')
  reader.accept('IF', 'EXISTS')
  redefine(reader, to, flavor, reader.identifier(), undefined)
}

function change(reader: TokenReader, to: Alteration, flavor: Flavor): void {
  reader.accept('COLUMN')
  reader.accept('IF', 'EXISTS')
  const old = reader.identifier()
  redefine(reader, to, flavor, old, reader.identifier())
}

/** A column of the key stays without NULL where nothing is said: that is how it is in a primary key. MariaDB passes over a NULL that is said. */
function redefine(reader: TokenReader, to: Alteration, flavor: Flavor, oldName: string, newName: string | undefined): void {
  const old = to.columns.find(oldName)
  const column = readColumn(reader, newName ?? old?.name ?? oldName, flavor)
  const place = readPlace(reader)
  if (old === undefined) return
  to.rowTimes ||= column.rowTime
  to.edits.push(() => {
    if (isPrimary(to, old) && (column.nullable === undefined || flavor === 'mariadb')) column.nullable = false
    to.columns.change(old, () => define(column, to), place)
    to.keys.push(...inlineKeys(column))
  })
}

/** A key beside which a primary one is added was a unique one. */
function isPrimary({ draft, dropPrimaryKey, keys }: Alteration, column: ColumnDefinition): boolean {
  return draft.key.includes(column.name) && (dropPrimaryKey || !keys.some(({ kind }) => kind === 'primary'))
}

function alter(reader: TokenReader, to: Alteration, flavor: Flavor): void {
  if (['INDEX', 'KEY', 'CHECK', 'CONSTRAINT'].some((word) => reader.is(word))) return reader.skipMember()
  reader.accept('COLUMN')
  reader.accept('IF', 'EXISTS')
  const old = to.columns.find(reader.identifier())
  if (reader.accept('DROP', 'DEFAULT')) {
    setDefault(to, old, { kind: 'none' })
  } else if (reader.accept('SET', 'DEFAULT')) {
    setDefault(to, old, readDefault(reader, flavor).value)
  } else {
    reader.expect('SET')
    reader.skipMember()
  }
}

function setDefault(to: Alteration, old: ColumnDefinition | undefined, value: ColumnDefault): void {
  if (old === undefined) return
  const given = value.kind === 'literal' || value.kind === 'expression'
  to.edits.push(() => to.columns.change(old, (column) => ({ ...column, hasDefault: column.optional || given, default: value.kind === 'literal' ? value.text : undefined }), undefined))
}

function rename(reader: TokenReader, to: Alteration): void {
  if (reader.acceptOne('INDEX', 'KEY') !== undefined) return reader.skipMember()
  if (reader.accept('COLUMN')) {
    reader.accept('IF', 'EXISTS')
    const old = to.columns.find(reader.identifier())
    reader.expect('TO')
    const name = reader.identifier()
    if (old !== undefined) to.edits.push(() => to.columns.change(old, (column) => ({ ...column, name }), undefined))
    return
  }
  if (reader.acceptOne('TO', 'AS') === undefined) reader.acceptSymbol('=')
  to.renameTo = reader.tableName()
}

/** `EXCHANGE PARTITION p WITH TABLE t`: each has the other's rows. */
function exchange(reader: TokenReader, to: Alteration): void {
  reader.expect('EXCHANGE', 'PARTITION')
  reader.identifier()
  reader.expect('WITH', 'TABLE')
  to.movesRows = true
  to.exchanged.push(reader.tableName())
  reader.skipRest()
}

/** To another character set; a partition to a table, and back. */
function convert(reader: TokenReader, to: Alteration, tables: Tables): void {
  if (reader.accept('PARTITION')) {
    reader.identifier()
    reader.expect('TO', 'TABLE')
    to.made.push(reader.tableName())
  } else if (reader.accept('TABLE')) {
    to.taken.push(reader.tableName())
  } else {
    reader.expect('TO')
    const charset = acceptCharset(reader)
    if (charset === undefined) throw reader.fail()
    to.convertTo = charset.name ?? tables.charsetOf(to.database)
    acceptCharset(reader)
    return
  }
  to.movesRows = true
  reader.skipMember()
}

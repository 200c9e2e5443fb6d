import type { ColumnDefinition } from '../../../schema-history/table-definition.ts'
import { defineColumn, readColumn } from './column-definition.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import { tokenize } from './lexer.ts'
import type { Tables } from './tables.ts'
import { TokenReader, type TableReference } from './token-reader.ts'

/** A sequence of MariaDB is a table of one row (sql/sql_sequence.cc, sequence_structure), and its row is logged when it goes on. */
const COLUMNS = [
  ['next_not_cached_value', 'VALUE'], ['minimum_value', 'VALUE'], ['maximum_value', 'VALUE'], ['start_value', 'VALUE'], ['increment', 'BIGINT(21)'],
  ['cache_size', 'BIGINT(21) UNSIGNED'], ['cycle_option', 'TINYINT(1) UNSIGNED'], ['cycle_count', 'BIGINT(21)'],
] as const
const DEFAULT_TYPE = 'BIGINT(21)'
const CONTEXT = { database: '', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined }

/** Behind CREATE SEQUENCE. The record has no table; reading it again has the same effect. */
export function createSequence(reader: TokenReader, tables: Tables): Statement {
  const unlessThere = reader.accept('IF', 'NOT', 'EXISTS')
  const { database, name } = reader.tableName()
  const source = reader.source
  if (!unlessThere || tables.get(database, name) === undefined) {
    tables.put({ database, name, columns: columns(readType(reader)), key: [], charset: tables.charsetOf(database), comment: undefined })
  }
  return recorded(database, source)
}

/** Behind DROP SEQUENCE. */
export function dropSequences(reader: TokenReader, tables: Tables): Statement {
  reader.accept('IF', 'EXISTS')
  const dropped: TableReference[] = []
  do dropped.push(reader.tableName())
  while (reader.acceptSymbol(','))
  for (const { database, name } of dropped) tables.remove(database, name)
  return recorded(dropped[0]!.database, reader.source)
}

/** `AS INT UNSIGNED`, from 11.5 on. */
function readType(reader: TokenReader): string {
  if (!reader.accept('AS')) return DEFAULT_TYPE
  return `${reader.next().text}${reader.accept('UNSIGNED') ? ' UNSIGNED' : ''}`
}

function columns(type: string): ColumnDefinition[] {
  return COLUMNS.map(([name, declared]) => {
    const text = `${declared === 'VALUE' ? type : declared} NOT NULL`
    const reader = new TokenReader(text, tokenize(text, { flavor: 'mariadb', version: 0, noBackslashEscapes: false }), CONTEXT, (one) => one)
    return defineColumn(readColumn(reader, name, 'mariadb'), undefined)
  })
}

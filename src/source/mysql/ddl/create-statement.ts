import { createTable } from './create-table.ts'
import { createDatabase, type Databases } from './database-statement.ts'
import { createIndex } from './index-statement.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import { createSequence } from './sequence.ts'
import type { Tables } from './tables.ts'
import type { TokenReader } from './token-reader.ts'

const IRRELEVANT: ReadonlySet<string> = new Set([
  'VIEW', 'PROCEDURE', 'FUNCTION', 'AGGREGATE', 'TRIGGER', 'USER', 'ROLE', 'SERVER', 'TABLESPACE', 'UNDO', 'LOGFILE', 'RESOURCE', 'LIBRARY', 'PACKAGE', 'MATERIALIZED', 'JSON', 'LOADABLE', 'CATALOG',
])

/** Behind CREATE. */
export function createStatement(reader: TokenReader, tables: Tables & Databases): Statement {
  const replace = reader.accept('OR', 'REPLACE')
  skipPrelude(reader)
  if (reader.is('TEMPORARY')) return { kind: 'irrelevant' }
  if (reader.accept('TABLE')) return named(reader, 'CREATE TABLE', () => createTable(reader, tables))
  if (reader.acceptOne('DATABASE', 'SCHEMA') !== undefined) return named(reader, 'CREATE DATABASE', () => createDatabase(reader, tables, replace))
  if (reader.accept('SEQUENCE')) return named(reader, 'CREATE SEQUENCE', () => createSequence(reader, tables))
  if (reader.is('SPATIAL', 'REFERENCE')) return { kind: 'irrelevant' }
  if (isIndex(reader)) return named(reader, 'CREATE INDEX', () => createIndex(reader, tables, skipIndexWords(reader)))
  // Debezium has a record for them
  if (reader.is('EVENT')) return recorded(reader.context.database, reader.source)
  if (IRRELEVANT.has(reader.peek().text)) return { kind: 'irrelevant' }
  throw reader.fail()
}

/** For errors: what kind of statement it is. */
export function named(reader: TokenReader, name: string, read: () => Statement): Statement {
  reader.statement = name
  return read()
}

/** `ALGORITHM = MERGE DEFINER = 'a'@'b' SQL SECURITY INVOKER`, of views and routines. */
export function skipPrelude(reader: TokenReader): void {
  for (;;) {
    if (reader.accept('ALGORITHM')) {
      reader.acceptSymbol('=')
      reader.next()
    } else if (reader.accept('SQL', 'SECURITY')) reader.next()
    else if (reader.accept('DEFINER')) skipDefiner(reader)
    else return
  }
}

function skipDefiner(reader: TokenReader): void {
  reader.acceptSymbol('=')
  reader.next()
  if (reader.isSymbol('(')) reader.skipParentheses()
  if (!reader.acceptSymbol('@')) return
  reader.next()
  // a host without quotes has dots and dashes, and no spaces
  while (!reader.atEnd && reader.peek().start === reader.last.end) reader.next()
}

function isIndex(reader: TokenReader): boolean {
  return reader.is('INDEX') || ['UNIQUE', 'FULLTEXT', 'SPATIAL', 'VECTOR', 'ONLINE', 'OFFLINE'].some((word) => reader.is(word) && (reader.isWord('INDEX', 1) || reader.isWord('UNIQUE', 1)))
}

/** True: UNIQUE is one of them. */
function skipIndexWords(reader: TokenReader): boolean {
  let unique = false
  while (!reader.is('INDEX')) unique = reader.next().text === 'UNIQUE' || unique
  return unique
}

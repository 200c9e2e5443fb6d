import { alterTable } from './alter-table.ts'
import { createStatement, named, skipPrelude } from './create-statement.ts'
import { alterDatabase, dropDatabase, type Databases } from './database-statement.ts'
import { dropTables } from './drop-table.ts'
import { dropIndex } from './index-statement.ts'
import { renameTables } from './rename-table.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import { dropSequences } from './sequence.ts'
import { setVariables } from './set-statement.ts'
import type { Tables } from './tables.ts'
import type { TokenReader } from './token-reader.ts'
import { transactionStatement } from './transaction-statement.ts'

/** What a statement is applied to. */
export interface World extends Tables, Databases {
  setServerCharset(charset: string): void
}

/** In statement format; in row format, SELECT and its like are in the log for the functions that they call. */
const ROWS: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'LOAD', 'WITH', 'SELECT', 'DO', 'CALL', 'VALUES', 'TABLE'])

const IRRELEVANT: ReadonlySet<string> = new Set([
  'GRANT', 'REVOKE', 'FLUSH', 'OPTIMIZE', 'ANALYZE', 'CHECK', 'REPAIR', 'CHECKSUM', 'CACHE', 'INSTALL', 'UNINSTALL', 'LOCK', 'UNLOCK', 'KILL', 'PURGE', 'RESET', 'CHANGE', 'STOP', 'START', 'SHOW', 'EXPLAIN', 'DESCRIBE',
  'DESC', 'HELP', 'HANDLER', 'PREPARE', 'EXECUTE', 'DEALLOCATE', 'BINLOG', 'SIGNAL', 'RESIGNAL', 'GET', 'SHUTDOWN', 'RESTART', 'CLONE', 'BACKUP',
])

const OTHER_OBJECTS: ReadonlySet<string> = new Set([
  'VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'USER', 'ROLE', 'SERVER', 'TABLESPACE', 'UNDO', 'LOGFILE', 'RESOURCE', 'LIBRARY', 'PACKAGE', 'MATERIALIZED', 'JSON', 'INSTANCE', 'SPATIAL', 'PREPARE', 'CATALOG',
])

/** Reads a statement and does what it says. Errors: TR_MYSQL_DDL. */
export function readStatement(reader: TokenReader, world: World): Statement {
  // comments only: MariaDB puts one in the place of an event that a replica does not know
  if (reader.atEnd) return { kind: 'irrelevant' }
  const transaction = transactionStatement(reader)
  if (transaction !== undefined) return transaction
  if (reader.isSymbol('(')) return { kind: 'rows' }
  const first = reader.next()
  if (first.kind !== 'word') throw reader.fail(first)
  switch (first.text) {
    case 'CREATE':
      return named(reader, 'CREATE', () => createStatement(reader, world))
    case 'ALTER':
      return named(reader, 'ALTER', () => alterStatement(reader, world))
    case 'DROP':
      return named(reader, 'DROP', () => dropStatement(reader, world))
    case 'RENAME':
      return named(reader, 'RENAME', () => renameStatement(reader, world))
    case 'TRUNCATE':
      return named(reader, 'TRUNCATE', () => truncate(reader))
    case 'USE':
      return named(reader, 'USE', () => recorded(reader.databaseName(), reader.source))
    case 'SET':
      return named(reader, 'SET', () => setStatement(reader, world))
    default:
      if (ROWS.has(first.text)) return { kind: 'rows' }
      if (IRRELEVANT.has(first.text)) return { kind: 'irrelevant' }
      throw reader.fail(first)
  }
}

/** `SET STATEMENT max_statement_time = 10 FOR ALTER TABLE …`, of MariaDB. */
function setStatement(reader: TokenReader, world: World): Statement {
  if (!reader.accept('STATEMENT')) return setVariables(reader, (charset) => world.setServerCharset(charset))
  while (!reader.is('FOR')) {
    if (reader.atEnd) throw reader.fail()
    reader.skip()
  }
  reader.next()
  return readStatement(reader, world)
}

function alterStatement(reader: TokenReader, world: World): Statement {
  reader.acceptOne('ONLINE', 'OFFLINE')
  reader.accept('IGNORE')
  if (reader.accept('TABLE')) return named(reader, 'ALTER TABLE', () => alterTable(reader, world))
  if (reader.acceptOne('DATABASE', 'SCHEMA') !== undefined) return named(reader, 'ALTER DATABASE', () => alterDatabase(reader, world))
  skipPrelude(reader)
  if (reader.is('EVENT') || reader.is('SEQUENCE')) return recorded(reader.context.database, reader.source)
  return otherObject(reader)
}

function dropStatement(reader: TokenReader, world: World): Statement {
  if (reader.is('TEMPORARY')) return { kind: 'irrelevant' }
  if (reader.acceptOne('TABLE', 'TABLES') !== undefined) return named(reader, 'DROP TABLE', () => dropTables(reader, world))
  if (reader.acceptOne('DATABASE', 'SCHEMA') !== undefined) return named(reader, 'DROP DATABASE', () => dropDatabase(reader, world))
  reader.acceptOne('ONLINE', 'OFFLINE')
  if (reader.accept('INDEX')) return named(reader, 'DROP INDEX', () => dropIndex(reader, world))
  if (reader.accept('SEQUENCE')) return named(reader, 'DROP SEQUENCE', () => dropSequences(reader, world))
  if (reader.is('EVENT')) return recorded(reader.context.database, reader.source)
  return otherObject(reader)
}

function renameStatement(reader: TokenReader, world: World): Statement {
  if (reader.accept('USER')) return { kind: 'irrelevant' }
  if (reader.acceptOne('TABLE', 'TABLES') === undefined) throw reader.fail()
  return named(reader, 'RENAME TABLE', () => renameTables(reader, world))
}

function truncate(reader: TokenReader): Statement {
  reader.accept('TABLE')
  const { database, name } = reader.tableName()
  return { kind: 'truncate', database, table: name }
}

function otherObject(reader: TokenReader): Statement {
  if (!OTHER_OBJECTS.has(reader.peek().text)) throw reader.fail()
  return { kind: 'irrelevant' }
}

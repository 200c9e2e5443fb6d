import { acceptCharset } from './column-attribute.ts'
import { recorded } from './schema-change.ts'
import type { Statement } from './schema-contract.ts'
import type { TokenReader } from './token-reader.ts'

/** What statements on databases do. */
export interface Databases {
  /** `replace`: one of that name, with its tables, is dropped first. */
  create(name: string, charset: string | undefined, replace: boolean): void
  knows(name: string): boolean
  alter(name: string, charset: string): void
  drop(name: string): void
  /** Of a collation by its number. */
  charsetById(collation: number | undefined): string | undefined
}

/** Behind CREATE DATABASE. Without a character set it has the session's `collation_server`, or the server's. */
export function createDatabase(reader: TokenReader, databases: Databases, replace: boolean): Statement {
  const unlessThere = reader.accept('IF', 'NOT', 'EXISTS')
  const name = reader.databaseName()
  const charset = readOptions(reader)
  if (!unlessThere || !databases.knows(name)) databases.create(name, charset ?? databases.charsetById(reader.context.serverCollation), replace)
  return recorded(name, reader.source)
}

/** Behind ALTER DATABASE; without a name, it is the default one. */
export function alterDatabase(reader: TokenReader, databases: Databases): Statement {
  const named = !isOption(reader)
  const name = named ? reader.databaseName() : reader.context.database
  const charset = readOptions(reader)
  if (charset !== undefined) databases.alter(name, charset)
  return recorded(name, reader.source)
}

/** Behind DROP DATABASE: its tables are gone, the record has none. */
export function dropDatabase(reader: TokenReader, databases: Databases): Statement {
  reader.accept('IF', 'EXISTS')
  const name = reader.databaseName()
  databases.drop(name)
  return recorded(name, reader.source)
}

function isOption(reader: TokenReader): boolean {
  return ['DEFAULT', 'CHARACTER', 'CHARSET', 'COLLATE', 'ENCRYPTION', 'READ', 'COMMENT'].some((word) => reader.is(word))
}

function readOptions(reader: TokenReader): string | undefined {
  let charset: string | undefined
  while (!reader.atEnd) {
    const found = acceptCharset(reader)
    if (found === undefined) reader.skip()
    else charset = found.name ?? charset
  }
  return charset
}

import { acceptCharset, readComment } from './column-attribute.ts'
import type { TokenReader } from './token-reader.ts'

export interface TableOptions {
  charset: string | undefined
  comment: string | undefined
  versioned: boolean
  /** `… SELECT`: its columns are not in the statement. */
  select: boolean
}

/** One option of a table: of CREATE TABLE, or a clause of ALTER TABLE. False: it is something else. */
export function readTableOption(reader: TokenReader, options: TableOptions): boolean {
  if (reader.is('DEFAULT') && (reader.isWord('CHARACTER', 1) || reader.isWord('CHARSET', 1) || reader.isWord('COLLATE', 1) || reader.isWord('CHAR', 1))) reader.next()
  const charset = acceptCharset(reader)
  if (charset !== undefined) options.charset = charset.name ?? options.charset
  else if (reader.accept('COMMENT')) options.comment = readComment(reader)
  else if (reader.accept('WITH', 'SYSTEM', 'VERSIONING')) options.versioned = true
  else return false
  return true
}

/** Everything behind the columns of CREATE TABLE. Partitions hold columns' names, but declare none. */
export function readTableOptions(reader: TokenReader, options: TableOptions): void {
  while (!reader.atEnd) {
    if (reader.accept('PARTITION', 'BY')) skipPartitions(reader)
    else if (startsSelect(reader)) {
      options.select = true
      return reader.skipRest()
    } else if (!readTableOption(reader, options)) skipOption(reader)
  }
}

/** `name [=] value`: the value may be a word that would be an option by itself. */
function skipOption(reader: TokenReader): void {
  reader.skip()
  if (reader.acceptSymbol('=')) reader.skip()
}

function skipPartitions(reader: TokenReader): void {
  while (!reader.atEnd && !startsSelect(reader)) reader.skip()
}

function startsSelect(reader: TokenReader): boolean {
  if (reader.is('SELECT') || reader.is('AS') || reader.is('VALUES', 'ROW') || reader.is('IGNORE') || reader.is('REPLACE')) return true
  if (reader.is('WITH')) return !reader.is('WITH', 'SYSTEM', 'VERSIONING')
  return reader.isSymbol('(') && (reader.isWord('SELECT', 1) || reader.isWord('WITH', 1) || reader.isSymbol('(', 1))
}

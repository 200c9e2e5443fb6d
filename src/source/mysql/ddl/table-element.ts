import type { ColumnDraft } from './column-draft.ts'
import { readColumn } from './column-definition.ts'
import { readKeyParts, skipKeyName } from './key-part.ts'
import type { TokenReader } from './token-reader.ts'

/** A member of the parentheses of CREATE TABLE, or what ADD adds. */
export type TableElement =
  | { readonly kind: 'column'; readonly column: ColumnDraft }
  | { readonly kind: 'primary' | 'unique'; readonly parts: readonly string[] | undefined }
  /** Other keys, references, checks, periods. */
  | { readonly kind: 'other' }

/** Reserved words: a column of such a name stands in quotes. */
const KEYS = ['KEY', 'INDEX', 'FULLTEXT', 'SPATIAL', 'FOREIGN', 'CHECK']

const CONSTRAINTS = ['PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK']

/** Reads one element up to the comma behind it; FIRST and AFTER are left. */
export function readElement(reader: TokenReader, flavor: 'mysql' | 'mariadb'): TableElement {
  if (reader.accept('CONSTRAINT')) {
    reader.accept('IF', 'NOT', 'EXISTS')
    if (!CONSTRAINTS.some((word) => reader.is(word))) reader.identifier()
    if (!CONSTRAINTS.some((word) => reader.is(word))) throw reader.fail()
  }
  if (reader.is('PRIMARY') || reader.is('UNIQUE')) return readKey(reader)
  if (KEYS.some((word) => reader.is(word)) || reader.is('PERIOD', 'FOR') || isVectorKey(reader)) {
    reader.skipMember()
    return { kind: 'other' }
  }
  return { kind: 'column', column: readColumn(reader, reader.identifier(), flavor) }
}

/** A column may be called `vector`. */
function isVectorKey(reader: TokenReader): boolean {
  return reader.is('VECTOR') && (reader.isWord('KEY', 1) || reader.isWord('INDEX', 1) || reader.isSymbol('(', 1))
}

function readKey(reader: TokenReader): TableElement {
  const primary = reader.next().text === 'PRIMARY'
  if (primary) reader.expect('KEY')
  else reader.acceptOne('KEY', 'INDEX')
  skipKeyName(reader)
  const parts = readKeyParts(reader)
  reader.skipMember()
  return { kind: primary ? 'primary' : 'unique', parts }
}

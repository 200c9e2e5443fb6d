import { charsetName, charsetOfCollation } from './charset-name.ts'
import type { ColumnDraft } from './column-draft.ts'
import { acceptNow, readDefault } from './default-value.ts'
import { inner } from './literal.ts'
import type { TokenReader } from './token-reader.ts'

/** Words that end a column in ALTER TABLE. */
const PLACES = ['FIRST', 'AFTER']

/** Everything behind a column's type. What is not known is passed over: whether rows fit to a column is seen in the log itself. */
export function readAttributes(reader: TokenReader, column: ColumnDraft, flavor: 'mysql' | 'mariadb'): void {
  while (!reader.endsMember && !PLACES.some((word) => reader.is(word))) {
    if (!readValue(reader, column, flavor) && !readCharset(reader, column) && !readKey(reader, column) && !readOrigin(reader, column)) reader.skip()
  }
}

/** NULL, DEFAULT, ON UPDATE, and what goes with numbers. */
function readValue(reader: TokenReader, column: ColumnDraft, flavor: 'mysql' | 'mariadb'): boolean {
  if (reader.accept('NOT', 'NULL')) column.nullable = false
  else if (reader.accept('NULL')) column.nullable = true
  else if (reader.accept('NOT')) reader.next()
  else if (reader.accept('SERIAL', 'DEFAULT', 'VALUE')) Object.assign(column, { autoIncrement: true, unique: true, nullable: column.nullable ?? false })
  else if (reader.accept('DEFAULT')) {
    const { value, now } = readDefault(reader, flavor)
    column.default = value
    // Debezium's parser for MariaDB takes both for one
    if (now && flavor === 'mariadb' && reader.accept('ON', 'UPDATE')) acceptNow(reader)
  } else if (reader.accept('ON', 'UPDATE')) {
    acceptNow(reader)
    column.onUpdate = true
  } else if (reader.accept('AUTO_INCREMENT')) column.autoIncrement = true
  else if (reader.accept('UNSIGNED')) column.unsigned = true
  else if (reader.accept('ZEROFILL')) column.unsigned = column.zerofill = true
  else return false
  return true
}

function readCharset(reader: TokenReader, column: ColumnDraft): boolean {
  const charset = acceptCharset(reader)
  if (charset !== undefined) column.charset = charset.name ?? column.charset
  else if (reader.accept('ASCII')) column.charset = 'latin1'
  else if (reader.accept('UNICODE')) column.charset = 'ucs2'
  else if (reader.accept('BYTE')) column.charset = 'binary'
  else return false
  return true
}

/** `CHARACTER SET x`, `CHARSET x`, `COLLATE x`, in options of tables and databases also with `=`. Undefined: none of them; its name is undefined for DEFAULT. */
export function acceptCharset(reader: TokenReader): { readonly name: string | undefined } | undefined {
  const collation = reader.accept('COLLATE')
  if (!collation && !reader.accept('CHARACTER', 'SET') && !reader.accept('CHAR', 'SET') && !reader.accept('CHARSET')) return undefined
  reader.acceptSymbol('=')
  if (reader.accept('DEFAULT')) return { name: undefined }
  const name = reader.isText() ? inner(reader.next().text) : reader.identifier()
  return { name: collation ? charsetOfCollation(name) : charsetName(name) }
}

function readKey(reader: TokenReader, column: ColumnDraft): boolean {
  if (reader.accept('PRIMARY')) {
    reader.accept('KEY')
    column.primary = true
  } else if (reader.accept('KEY')) column.primary = true
  else if (reader.accept('UNIQUE')) {
    reader.accept('KEY')
    column.unique = true
  } else if (reader.accept('COMMENT')) column.comment = readComment(reader)
  else return false
  return true
}

/** As Debezium keeps it: what is between the quotes. */
export function readComment(reader: TokenReader): string {
  reader.acceptSymbol('=')
  let comment = ''
  do {
    const token = reader.next()
    if (token.kind !== 'string' && token.kind !== 'double') throw reader.fail(token)
    comment += inner(token.text)
  } while (reader.isText())
  return comment
}

/** Generated columns, references, checks: their words must not be taken for others. */
function readOrigin(reader: TokenReader, column: ColumnDraft): boolean {
  if (reader.accept('AS', 'ROW') || reader.accept('GENERATED', 'ALWAYS', 'AS', 'ROW')) {
    reader.next()
    column.rowTime = true
  } else if (reader.accept('WITH', 'SYSTEM', 'VERSIONING')) column.versioned = true
  else if (reader.accept('REFERENCES')) skipReference(reader)
  // DEFAULT may be what stands behind these
  else if (reader.accept('STORAGE') || reader.accept('COLUMN_FORMAT') || reader.acceptSymbol('=')) reader.next()
  else if (reader.accept('CONSTRAINT')) {
    if (!reader.is('CHECK') && !reader.is('REFERENCES') && !reader.is('PRIMARY') && !reader.is('UNIQUE') && !reader.is('NOT') && !reader.is('NULL')) reader.identifier()
  } else return false
  return true
}

/** Behind REFERENCES: `ON UPDATE` and `SET NULL` are its own. */
export function skipReference(reader: TokenReader): void {
  reader.tableName()
  if (reader.isSymbol('(')) reader.skipParentheses()
  if (reader.accept('MATCH')) reader.next()
  while (reader.acceptOne('ON') !== undefined) {
    reader.next()
    if (reader.acceptOne('SET', 'NO') !== undefined) reader.next()
    else reader.next()
  }
}

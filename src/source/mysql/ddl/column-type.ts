import type { ColumnDraft } from './column-draft.ts'
import { dataType, type DataType } from './data-type.ts'
import { unquote } from './literal.ts'
import type { TokenReader } from './token-reader.ts'

/** FLOAT(p) with more bits than this is a DOUBLE (MySQL manual, "Floating-Point Types"). */
const FLOAT_BITS = 24
const VECTOR_DEFAULT = 2048

type Typed = Pick<ColumnDraft, 'type' | 'length' | 'scale' | 'charset' | 'labels' | 'unique' | 'nullable' | 'autoIncrement' | 'unsigned'>

/** A type with what stands in its parentheses; words behind it are attributes. */
export function readColumnType(reader: TokenReader): Typed {
  const word = typeWord(reader)
  const plain = { length: undefined, scale: undefined, charset: undefined, labels: [], unique: false, nullable: undefined, autoIncrement: false, unsigned: false }
  switch (word) {
    case 'BOOL':
    case 'BOOLEAN':
      return { ...plain, type: dataType('TINYINT'), length: 1 }
    case 'SERIAL':
      return { ...plain, type: dataType('BIGINT'), unsigned: true, nullable: false, autoIncrement: true, unique: true }
    case 'NATIONAL CHAR':
      return { ...plain, type: dataType('CHAR'), charset: 'utf8mb3', length: dimensions(reader)[0] ?? 1 }
    case 'NATIONAL VARCHAR':
      return { ...plain, type: dataType('VARCHAR'), charset: 'utf8mb3', length: dimensions(reader)[0] }
  }
  const type = dataType(word)
  return type.family === 'labels' ? { ...plain, type, ...labels(reader, type) } : { ...plain, ...dimensioned(type, dimensions(reader)) }
}

/** Types of several words by one name. */
function typeWord(reader: TokenReader): string {
  const token = reader.next()
  if (token.kind !== 'word') throw reader.fail(token)
  const varying = (): boolean => reader.accept('VARYING')
  switch (token.text) {
    case 'DOUBLE':
      reader.accept('PRECISION')
      return 'DOUBLE'
    case 'CHAR':
    case 'CHARACTER':
      return varying() ? 'VARCHAR' : 'CHAR'
    case 'NATIONAL':
      if (reader.acceptOne('CHAR', 'CHARACTER') !== undefined) return varying() ? 'NATIONAL VARCHAR' : 'NATIONAL CHAR'
      if (reader.acceptOne('VARCHAR', 'VARCHARACTER') === undefined) throw reader.fail()
      return 'NATIONAL VARCHAR'
    case 'NCHAR':
      return reader.acceptOne('VARCHAR', 'VARCHARACTER', 'VARYING') === undefined ? 'NATIONAL CHAR' : 'NATIONAL VARCHAR'
    case 'NVARCHAR':
      return 'NATIONAL VARCHAR'
    case 'LONG':
      if (reader.accept('VARBINARY')) return 'MEDIUMBLOB'
      if (reader.acceptOne('CHAR', 'CHARACTER') === undefined || !varying()) reader.acceptOne('VARCHAR', 'VARCHARACTER')
      return 'MEDIUMTEXT'
    default:
      return token.text
  }
}

/** `(10)`, `(10,2)` */
function dimensions(reader: TokenReader): number[] {
  const found: number[] = []
  if (!reader.acceptSymbol('(')) return found
  if (reader.acceptSymbol(')')) return found
  do found.push(reader.integer())
  while (reader.acceptSymbol(','))
  reader.expectSymbol(')')
  return found
}

function dimensioned(type: DataType, [first, second]: readonly number[]): Pick<Typed, 'type' | 'length' | 'scale'> {
  switch (type.family) {
    case 'decimal':
      // zero digits are the ten of the default
      return { type, length: first === undefined || first === 0 ? 10 : first, scale: second ?? 0 }
    case 'float':
      if (second !== undefined) return { type, length: first, scale: second }
      return { type: type.name === 'FLOAT' && first !== undefined && first > FLOAT_BITS ? dataType('DOUBLE') : type, length: undefined, scale: undefined }
    case 'bit':
      return { type, length: first === undefined || first === 0 ? 1 : first, scale: undefined }
    case 'time':
      return { type, length: first === 0 ? undefined : first, scale: undefined }
    case 'characters':
    case 'binary':
      return { type, length: first ?? (type.name === 'CHAR' || type.name === 'BINARY' ? 1 : undefined), scale: undefined }
    case 'vector':
      return { type, length: first ?? VECTOR_DEFAULT, scale: undefined }
    case 'integer':
    case 'year':
    case 'plain':
    case 'text':
    case 'blob':
    case 'labels':
    case 'other':
      return { type, length: first, scale: second }
  }
}

/** Debezium's length: that of a value is one label, or all of them with commas between. */
function labels(reader: TokenReader, type: DataType): Pick<Typed, 'length' | 'labels'> {
  const found: string[] = []
  reader.expectSymbol('(')
  do found.push(label(reader))
  while (reader.acceptSymbol(','))
  reader.expectSymbol(')')
  return { labels: found, length: type.name === 'SET' ? found.length * 2 - 1 : 1 }
}

function label(reader: TokenReader): string {
  let text = ''
  do {
    const token = reader.next()
    if (token.kind === 'string' || token.kind === 'double') text += unquote(token.text, reader.escapes)
    else if (token.kind === 'bits') text += fromBits(token.text)
    else throw reader.fail(token)
  } while (reader.isText())
  return text
}

function fromBits(text: string): string {
  const digits = text.startsWith('0') ? text.slice(2) : text.slice(2, -1)
  const hex = /^[xX0][^bB]/.test(text) ? digits : BigInt(`0b${digits === '' ? '0' : digits}`).toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString()
}

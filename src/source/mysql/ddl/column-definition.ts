import type { ColumnDefinition } from '../../../schema-history/table-definition.ts'
import { readAttributes } from './column-attribute.ts'
import type { ColumnDraft } from './column-draft.ts'
import { readColumnType } from './column-type.ts'
import { binaryType, blobFor, textFor, type DataType } from './data-type.ts'
import { charsetWidth } from './charset-name.ts'
import type { TokenReader } from './token-reader.ts'

/** Bytes of a VARCHAR or VARBINARY at most; a longer one becomes TEXT or BLOB where the sql_mode is not strict. */
const MAX_VARIABLE = 65_535

/** A type and its attributes, for a column whose name has been read. */
export function readColumn(reader: TokenReader, name: string, flavor: 'mysql' | 'mariadb'): ColumnDraft {
  const column: ColumnDraft = {
    name, ...readColumnType(reader), zerofill: false, onUpdate: false, default: { kind: 'none' }, comment: undefined, primary: false, rowTime: false, versioned: false,
  }
  readAttributes(reader, column, flavor)
  return column
}

/** The column as it is in a table of that character set. */
export function defineColumn(draft: ColumnDraft, tableCharset: string | undefined): ColumnDefinition {
  const charset = draft.charset ?? tableCharset
  const { type, length } = sized(draft, charset)
  const typeName = `${type.name}${draft.unsigned ? ' UNSIGNED' : ''}${draft.zerofill ? ' ZEROFILL' : ''}`
  const optional = draft.nullable ?? !draft.primary
  const given = draft.default.kind === 'literal' || draft.default.kind === 'expression'
  return {
    name: draft.name, typeName, typeExpression: typeName, jdbcType: type.jdbcType, length, scale: draft.scale,
    charset: hasCharset(type) ? charset : undefined,
    optional, autoIncremented: draft.autoIncrement || draft.onUpdate, generated: draft.autoIncrement || draft.onUpdate, comment: draft.comment,
    hasDefault: optional || given, default: draft.default.kind === 'literal' ? draft.default.text : undefined,
    // spaces at the end are no part of a label, but in binary
    labels: charset === 'binary' ? draft.labels : draft.labels.map(withoutTrailingSpaces),
  }
}

/** A pattern would take quadratic time for a label of spaces. */
function withoutTrailingSpaces(label: string): string {
  let end = label.length
  while (label[end - 1] === ' ') end--
  return label.slice(0, end)
}

export function hasCharset({ family }: DataType): boolean {
  return family === 'characters' || family === 'text' || family === 'labels'
}

function sized(draft: ColumnDraft, charset: string | undefined): { readonly type: DataType; readonly length: number | undefined } {
  const type = charset === 'binary' ? binaryType(draft.type) : draft.type
  const { length } = draft
  if (length === undefined) return { type, length }
  const width = charsetWidth(charset ?? 'utf8mb4')
  if (type.family === 'text') return { type: textFor(length, charset ?? 'utf8mb4'), length: undefined }
  if (type.family === 'blob') return { type: blobFor(length), length: undefined }
  if (type.name === 'VARCHAR' && length * width > MAX_VARIABLE) return { type: textFor(length, charset ?? 'utf8mb4'), length: undefined }
  if (type.name === 'VARBINARY' && length > MAX_VARIABLE) return { type: blobFor(length), length: undefined }
  return { type, length }
}

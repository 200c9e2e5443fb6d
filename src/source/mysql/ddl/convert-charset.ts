import type { ColumnDefinition } from '../../../schema-history/table-definition.ts'
import { charsetWidth } from './charset-name.ts'
import { hasCharset } from './column-definition.ts'
import { binaryType, dataType, textFor, textInCharset, type DataType } from './data-type.ts'
import type { TableDraft } from './table-draft.ts'

const MAX_VARIABLE = 65_535

/** CONVERT TO CHARACTER SET: columns that have one get it, types that become too small for as many characters as before a larger one. */
export function convertCharset(draft: TableDraft, charset: string | undefined, flavor: 'mysql' | 'mariadb'): void {
  if (charset === undefined) return
  draft.columns = draft.columns.map((column) => convert(flavor === 'mariadb' ? withoutJson(column, charset) : column, charset))
  draft.charset = charset
}

/** JSON in MariaDB is a LONGTEXT of utf8mb4, and converted like one. */
function withoutJson(column: ColumnDefinition, charset: string): ColumnDefinition {
  return column.typeName === 'JSON' && charset !== 'utf8mb4' ? typed(column, dataType('LONGTEXT'), undefined, 'utf8mb4') : column
}

function convert(column: ColumnDefinition, charset: string): ColumnDefinition {
  const type = dataType(column.typeName)
  // bytes stay bytes, also those of ENUM and SET (prepare_create_field in sql/sql_table.cc)
  if (!hasCharset(type) || column.charset === undefined || column.charset === 'binary' || column.charset === charset) return column
  if (charset === 'binary') return typed(column, type.family === 'labels' ? type : binaryType(type), column.length, type.family === 'labels' ? charset : undefined)
  if (type.family === 'text') return typed(column, textInCharset(type.name, column.charset, charset), column.length, charset)
  if (type.name === 'VARCHAR' && (column.length ?? 0) * charsetWidth(charset) > MAX_VARIABLE) return typed(column, textFor(column.length!, charset), undefined, charset)
  return { ...column, charset }
}

function typed(column: ColumnDefinition, { name, jdbcType }: DataType, length: number | undefined, charset: string | undefined): ColumnDefinition {
  return { ...column, typeName: name, typeExpression: name, jdbcType, length, charset }
}

import type { RowWriter } from '../event/cell-writer.ts'
import type { Field, Schema } from '../event/schema.ts'
import type { ColumnDefinition, SchemaChange, TableDefinition } from '../event/table-definition.ts'
import type { SourceLayout } from '../event/table.ts'
import { encodeLabel } from '../schema-history/enum-label.ts'
import { encodeTableId } from '../schema-history/table-id.ts'

const TEXT: Schema = { type: 'string', optional: false }
const OPTIONAL_TEXT: Schema = { type: 'string', optional: true }
const INT: Schema = { type: 'int32', optional: false }
const OPTIONAL_INT: Schema = { type: 'int32', optional: true }
const OPTIONAL_BOOLEAN: Schema = { type: 'boolean', optional: true }
const OPTIONAL_TEXTS: Schema = { type: 'array', optional: true, items: TEXT }

const COLUMN: Schema = {
  type: 'struct', optional: false, name: 'io.debezium.connector.schema.Column', version: 1,
  fields: [
    { name: 'name', schema: TEXT }, { name: 'jdbcType', schema: INT }, { name: 'nativeType', schema: OPTIONAL_INT }, { name: 'typeName', schema: TEXT },
    { name: 'typeExpression', schema: OPTIONAL_TEXT }, { name: 'charsetName', schema: OPTIONAL_TEXT }, { name: 'length', schema: OPTIONAL_INT }, { name: 'scale', schema: OPTIONAL_INT },
    { name: 'position', schema: INT }, { name: 'optional', schema: OPTIONAL_BOOLEAN }, { name: 'autoIncremented', schema: OPTIONAL_BOOLEAN }, { name: 'generated', schema: OPTIONAL_BOOLEAN },
    { name: 'comment', schema: OPTIONAL_TEXT }, { name: 'defaultValueExpression', schema: OPTIONAL_TEXT }, { name: 'enumValues', schema: OPTIONAL_TEXTS },
  ],
}

const TABLE: Schema = {
  type: 'struct', optional: true, name: 'io.debezium.connector.schema.Table', version: 1,
  fields: [
    { name: 'defaultCharsetName', schema: OPTIONAL_TEXT }, { name: 'primaryKeyColumnNames', schema: OPTIONAL_TEXTS },
    { name: 'columns', schema: { type: 'array', optional: false, items: COLUMN } }, { name: 'comment', schema: OPTIONAL_TEXT },
  ],
}

const CHANGE: Schema = {
  type: 'struct', optional: false, name: 'io.debezium.connector.schema.Change', version: 1,
  fields: [{ name: 'type', schema: TEXT }, { name: 'id', schema: TEXT }, { name: 'table', schema: TABLE }],
}

/** What follows `source` (io.debezium.schema.SchemaFactory, ConnectTableChangeSerializer). */
export const SCHEMA_CHANGE_FIELDS: readonly Field[] = [
  { name: 'ts_ms', schema: { type: 'int64', optional: false } },
  { name: 'databaseName', schema: OPTIONAL_TEXT },
  { name: 'schemaName', schema: OPTIONAL_TEXT },
  { name: 'ddl', schema: OPTIONAL_TEXT },
  { name: 'tableChanges', schema: { type: 'array', optional: false, items: CHANGE } },
]

/** All are in one partition, so that their order is kept. */
export const SCHEMA_CHANGE_PARTITION = 0

/** `connector`: the package of the connector's schemas, with the dot behind it. */
export function schemaChangeKeySchema(connector: string): Schema {
  return { type: 'struct', optional: false, name: `${connector}SchemaChangeKey`, version: 1, fields: [{ name: 'databaseName', schema: TEXT }] }
}

export function schemaChangeValueSchema(connector: string, source: SourceLayout): Schema {
  const origin: Schema = { type: 'struct', optional: false, name: source.name, version: 1, fields: source.fields.map(({ field }) => field) }
  return { type: 'struct', optional: false, name: `${connector}SchemaChangeValue`, version: 1, fields: [{ name: 'source', schema: origin }, ...SCHEMA_CHANGE_FIELDS] }
}

/** Writes {@link SCHEMA_CHANGE_FIELDS}; `ts_ms` is the processing time. */
export function writeSchemaChange({ database, ddl, changes }: SchemaChange, nowMicros: bigint, writer: RowWriter): void {
  writer.column(0)
  writer.integer(Number(nowMicros / 1000n))
  writer.column(1)
  writer.string(database)
  writer.column(2)
  writer.null()
  writer.column(3)
  writer.string(ddl)
  writer.column(4)
  writer.beginArray()
  for (const { type, database: of, table, shape } of changes) {
    writer.element()
    writer.beginStruct()
    writer.member('type')
    writer.string(type)
    writer.member('id')
    writer.string(encodeTableId(of, table))
    writer.member('table')
    if (shape === undefined) writer.null()
    else writeTable(shape, writer)
    writer.endStruct()
  }
  writer.endArray()
}

function writeTable({ charset, columns, key, comment }: TableDefinition, writer: RowWriter): void {
  writer.beginStruct()
  writer.member('defaultCharsetName')
  optionalText(charset, writer)
  writer.member('primaryKeyColumnNames')
  writeTexts(key.map((index) => columns[index]!.name), writer)
  writer.member('columns')
  writer.beginArray()
  columns.forEach((column, index) => {
    writer.element()
    writeColumn(column, index + 1, writer)
  })
  writer.endArray()
  writer.member('comment')
  optionalText(comment, writer)
  writer.endStruct()
}

function writeColumn(column: ColumnDefinition, position: number, writer: RowWriter): void {
  const text = (name: string, value: string | undefined): void => {
    writer.member(name)
    optionalText(value, writer)
  }
  const number = (name: string, value: number | undefined): void => {
    writer.member(name)
    if (value === undefined) writer.null()
    else writer.integer(value)
  }
  const flag = (name: string, value: boolean): void => {
    writer.member(name)
    writer.boolean(value)
  }
  writer.beginStruct()
  text('name', column.name)
  number('jdbcType', column.jdbcType)
  // MySQL has none
  number('nativeType', undefined)
  text('typeName', column.typeName)
  text('typeExpression', column.typeExpression)
  text('charsetName', column.charset)
  number('length', column.length)
  number('scale', column.scale)
  number('position', position)
  flag('optional', column.optional)
  flag('autoIncremented', column.autoIncremented)
  flag('generated', column.generated)
  text('comment', column.comment)
  text('defaultValueExpression', column.default)
  writer.member('enumValues')
  if (column.labels.length === 0) writer.null()
  else writeTexts(column.labels.map(encodeLabel), writer)
  writer.endStruct()
}

function optionalText(value: string | undefined, writer: RowWriter): void {
  if (value === undefined) writer.null()
  else writer.string(value)
}

function writeTexts(texts: readonly string[], writer: RowWriter): void {
  writer.beginArray()
  for (const text of texts) {
    writer.element()
    writer.string(text)
  }
  writer.endArray()
}

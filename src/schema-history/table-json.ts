import type { JsonValue } from '../event/position.ts'
import { decodeLabel, encodeLabel } from './enum-label.ts'
import { flag, list, object, optionalInteger, optionalText, text } from './json-member.ts'
import type { ColumnDefinition, TableChange, TableDefinition } from './table-definition.ts'
import { decodeTableId, encodeTableId } from './table-id.ts'

type Json = Record<string, JsonValue>

/** A member of `tableChanges`, as JsonTableChangeSerializer.toDocument writes it: its members, their order, and which of them may be left out. */
export function tableChangeJson({ type, database, table, previous, shape }: TableChange): Json {
  return {
    type, id: encodeTableId(database, table),
    ...(previous === undefined ? {} : { previousId: encodeTableId(previous.database, previous.table) }),
    ...(shape === undefined ? {} : { table: tableJson(shape), comment: shape.comment ?? null }),
  }
}

function tableJson({ columns, key, charset }: TableDefinition): Json {
  return { defaultCharsetName: charset ?? null, primaryKeyColumnNames: key.map((index) => columns[index]!.name), columns: columns.map(columnJson), attributes: [] }
}

function columnJson(column: ColumnDefinition, index: number): Json {
  const { name, jdbcType, typeName, typeExpression, charset, length, scale, optional, autoIncremented, generated, comment, hasDefault, default: expression, labels } = column
  return {
    name, jdbcType, typeName, typeExpression, charsetName: charset ?? null,
    ...(length === undefined ? {} : { length }),
    ...(scale === undefined ? {} : { scale }),
    position: index + 1, optional, autoIncremented, generated, comment: comment ?? null, hasDefaultValue: hasDefault,
    ...(expression === undefined ? {} : { defaultValueExpression: expression }),
    enumValues: labels.map(encodeLabel),
  }
}

/** The way back. Throws a TypeError that names the member that is wrong. */
export function readTableChange(value: unknown): TableChange {
  const change = object(value, 'a table change')
  const type = change['type']
  if (type !== 'CREATE' && type !== 'ALTER' && type !== 'DROP') throw new TypeError('type is neither CREATE nor ALTER nor DROP')
  const id = decodeTableId(text(change['id'], 'id'))
  const previous = optionalText(change['previousId'], 'previousId')
  const shape = change['table'] ?? undefined
  return {
    type, ...id,
    ...(previous === undefined ? {} : { previous: decodeTableId(previous) }),
    // Debezium has the comment of a table beside it
    ...(shape === undefined || type === 'DROP' ? {} : { shape: readTable(object(shape, 'table'), id.database, id.table, optionalText(change['comment'], 'comment')) }),
  }
}

function readTable(table: Readonly<Record<string, unknown>>, database: string, name: string, comment: string | undefined): TableDefinition {
  const columns = list(table['columns'], 'columns').map(readColumn)
  const key = list(table['primaryKeyColumnNames'] ?? [], 'primaryKeyColumnNames').map((member) => {
    const wanted = text(member, 'primaryKeyColumnNames')
    const exact = columns.findIndex((column) => column.name === wanted)
    // names of columns are the same in both cases (TableImpl.columnWithName)
    const index = exact >= 0 ? exact : columns.findIndex((column) => column.name.toLowerCase() === wanted.toLowerCase())
    if (index < 0) throw new TypeError('primaryKeyColumnNames has what is no column')
    return index
  })
  return { database, name, columns, key, charset: optionalText(table['defaultCharsetName'], 'defaultCharsetName'), comment }
}

function readColumn(value: unknown): ColumnDefinition {
  const column = object(value, 'a column')
  const typeName = text(column['typeName'], 'typeName')
  const jdbcType = optionalInteger(column['jdbcType'], 'jdbcType')
  if (jdbcType === undefined) throw new TypeError('jdbcType is missing')
  const expression = optionalText(column['defaultValueExpression'], 'defaultValueExpression')
  return {
    name: text(column['name'], 'name'),
    typeName,
    typeExpression: optionalText(column['typeExpression'], 'typeExpression') ?? typeName,
    jdbcType,
    length: optionalInteger(column['length'], 'length'),
    scale: optionalInteger(column['scale'], 'scale'),
    charset: optionalText(column['charsetName'], 'charsetName'),
    optional: flag(column['optional'], 'optional'),
    autoIncremented: flag(column['autoIncremented'], 'autoIncremented'),
    generated: flag(column['generated'], 'generated'),
    comment: optionalText(column['comment'], 'comment'),
    // records of before Debezium 1.6 have neither member
    hasDefault: flag(column['hasDefaultValue'] ?? false, 'hasDefaultValue') || expression !== undefined,
    default: expression,
    labels: list(column['enumValues'] ?? [], 'enumValues').map((label) => decodeLabel(text(label, 'enumValues'))),
  }
}

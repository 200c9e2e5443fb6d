import type { CellWriter } from '../../../src/event/cell-writer.ts'
import type { ChangeEvent, Operation, SnapshotMarker } from '../../../src/event/change-event.ts'
import type { Field, Schema, SchemaType, WriteValue } from '../../../src/event/schema.ts'
import type { TableVersion } from '../../../src/event/table.ts'
import { field, isNull, parseJson, printJson, scalar, type Json } from '../../golden/json.ts'
import { replayDetail, replayOrder } from './replay-detail.ts'
import { imageOf, testEvent, testTable, type TestImage, type TestTransaction } from './test-table.ts'

/**
 * Turns captured lines back into events, cell by cell, so that writing them again must give the captured text. Where a line was written
 * with schemas they tell the columns' types; otherwise the values do.
 */
export class Replay {
  private readonly originalName: (adjusted: string) => string
  private readonly tables = new Map<string, TableVersion>()

  constructor(originalName: (adjusted: string) => string = (name) => name) {
    this.originalName = originalName
  }

  /** The event behind a line, and its processing time; undefined for a tombstone, which belongs to the event before. */
  event(line: string): { readonly event: ChangeEvent; readonly nowMicros: bigint } | undefined {
    const record = parseJson(line)
    const value = field(record, 'value')!
    if (isNull(value)) return undefined
    const payload = field(value, 'payload') ?? value
    const detail = replayDetail(payload)
    if (detail !== undefined) return { event: detail, nowMicros: BigInt(scalar(field(payload, 'ts_ms'))!) * 1000n }
    const op = scalar(field(payload, 'op')) as Operation
    const source = field(payload, 'source')!
    const order = replayOrder(payload)
    const table = this.table(record, op)
    const image = (node: Json | undefined, isKey = false): TestImage | undefined => (node === undefined || isNull(node) ? undefined : this.image(table, node, op === 'd' && !isKey, this.keyNames(record)))
    const header = (name: string): Json | undefined => {
      const found = field(field(record, 'headers'), `__debezium.${name}key`)
      return found === undefined ? undefined : field(found, 'payload') ?? found
    }
    const message = field(payload, 'message')
    const transaction: TestTransaction = { id: '', timestampMicros: 0n, identity: '', source: Object.fromEntries((source as Json & { kind: 'object' }).fields.map(({ name, value: each }) => [name, scalar(each) ?? null])) }
    const event = testEvent(op, table, {
      transaction,
      snapshot: scalar(field(source, 'snapshot')) as SnapshotMarker,
      ...(order === undefined ? {} : { order }),
      before: image(field(payload, 'before')),
      after: image(field(payload, 'after')),
      other: image(header('new') ?? header('old'), true),
      ...(message === undefined ? {} : { message: { prefix: scalar(field(message, 'prefix'))!, content: Buffer.from(scalar(field(message, 'content'))!, 'base64'), transactional: true } }),
    })
    const micros = scalar(field(payload, 'ts_us'))
    return { event, nowMicros: micros === undefined ? BigInt(scalar(field(payload, 'ts_ms'))!) * 1000n : BigInt(micros) }
  }

  private keyNames(record: Json): string[] {
    const key = field(record, 'key')!
    const payload = field(key, 'payload') ?? key
    return payload.kind === 'object' ? payload.fields.map(({ name }) => name) : []
  }

  private table(record: Json, op: Operation): TableVersion {
    const value = field(record, 'value')!
    const payload = field(value, 'payload') ?? value
    const source = field(payload, 'source')
    const [schema, name] = [scalar(field(source, 'schema'))!, scalar(field(source, 'table'))!]
    const row = [field(payload, 'after'), field(payload, 'before')].find((node) => node !== undefined && !isNull(node))
    const rowSchema = fieldSchemas(field(value, 'schema'))?.find((each) => scalar(field(each, 'field')) === 'before')
    const fields = op === 'm' ? [] : rowSchema === undefined ? fieldsOf(row) : (fieldSchemas(rowSchema) ?? []).map((each) => fieldOf(each))
    const keys = this.keyNames(record).map((key) => fields.findIndex((each) => each.name === key))
    const id = `${schema}.${name} ${fields.map((each) => `${each.name}:${each.schema.type}`).join()} ${keys.join()}`
    let table = this.tables.get(id)
    if (table === undefined) {
      const original = fields.map((each) => ({ ...each, name: this.originalName(each.name) }))
      table = testTable({ schema, name, fields: original, ...(keys.length > 0 ? { key: keys } : {}) })
      this.tables.set(id, table)
    }
    return table
  }

  /** What stands for a missing value is taken for one: a default, and in a delete's `before` the empty text of a required column. */
  private image(table: TableVersion, row: Json, deleted: boolean, keys: readonly string[]): TestImage {
    const { fields } = table.codec(undefined as never)
    const cells = fields.map(({ name, schema }): WriteValue => {
      const node = (row as Json & { kind: 'object' }).fields.find((each) => this.originalName(each.name) === name)?.value
      if (node === undefined) return (writer) => writer.null()
      const adjusted = (row as Json & { kind: 'object' }).fields.find((each) => this.originalName(each.name) === name)!.name
      const empty = deleted && !schema.optional && !keys.includes(adjusted) && printJson(node) === '""'
      const isDefault = schema.doc === undefined && schema.default !== undefined && printJson(node) === (schema as Schema & { text: string }).text
      return empty || isDefault ? (writer) => writer.null() : (writer) => writeValue(writer, node, schema)
    })
    return imageOf(cells)
  }
}

function fieldSchemas(node: Json | undefined): readonly Json[] | undefined {
  const fields = field(node, 'fields')
  return fields?.kind === 'array' ? fields.items : undefined
}

function fieldOf(node: Json): Field {
  return { name: scalar(field(node, 'field'))!, schema: schemaOf(node) }
}

function schemaOf(node: Json): Schema {
  const text = (name: string): string | undefined => scalar(field(node, name))
  const nested = (name: string): Schema | undefined => (field(node, name) === undefined ? undefined : schemaOf(field(node, name)!))
  const parameters = field(node, 'parameters') as (Json & { kind: 'object' }) | undefined
  const preset = field(node, 'default')
  const schema = {
    type: text('type') as SchemaType, optional: text('optional') === 'true', name: text('name'), version: text('version') === undefined ? undefined : Number(text('version')), doc: text('doc'),
    parameters: parameters && Object.fromEntries(parameters.fields.map(({ name, value }) => [name, scalar(value)!])),
    items: nested('items'), keys: nested('keys'), values: nested('values'), fields: fieldSchemas(node)?.map(fieldOf),
  }
  const withDefault = preset === undefined ? schema : { ...schema, text: printJson(preset), default: (writer: CellWriter) => writeValue(writer, preset, schema as Schema) }
  return withDefault as Schema
}

/** Columns as their values look. */
function fieldsOf(row: Json | undefined): Field[] {
  if (row?.kind !== 'object') return []
  return row.fields.map(({ name, value }) => ({ name, schema: { type: value.kind === 'number' ? (/[.E]/.test(value.text) ? 'double' : 'int64') : value.kind === 'word' ? 'boolean' : 'string', optional: true } }))
}

function writeValue(writer: CellWriter, node: Json, schema: Schema): void {
  if (isNull(node)) return writer.null()
  const bytes = Buffer.from(node.kind === 'object' || node.kind === 'array' ? '' : node.text)
  if (node.kind === 'array') {
    writer.beginArray()
    for (const item of node.items) {
      writer.element()
      writeValue(writer, item, schema.items!)
    }
    writer.endArray()
  } else if (node.kind === 'object') {
    writer.beginStruct()
    for (const { name, value } of node.fields) {
      writer.member(name)
      writeValue(writer, value, schema.fields?.find((each) => each.name === name)?.schema ?? schema.values!)
    }
    writer.endStruct()
  } else if (node.kind === 'word') writer.boolean(node.text === 'true')
  else if (schema.type === 'double') writer.double(bytes, 0, bytes.length)
  else if (schema.type === 'float') writer.float(bytes, 0, bytes.length)
  else if (node.kind === 'number') writer.long(bytes, 0, bytes.length)
  else if (schema.type !== 'bytes') writer.text(bytes, 0, bytes.length)
  else writeBase64(writer, Buffer.from(node.text, 'base64'), schema)
}

function writeBase64(writer: CellWriter, raw: Buffer, schema: Schema): void {
  if (schema.name !== 'org.apache.kafka.connect.data.Decimal') return writer.bytes(raw, 0, raw.length)
  const scale = Number(schema.parameters!['scale'])
  const value = BigInt.asIntN(raw.length * 8, BigInt(`0x${raw.toString('hex')}`))
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const text = Buffer.from(`${value < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`)
  writer.decimal(text, 0, text.length, scale)
}

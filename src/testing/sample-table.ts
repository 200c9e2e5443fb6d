import type { RowWriter } from '../event/cell-writer.ts'
import type { ChangeEvent, SourceInfo } from '../event/change-event.ts'
import type { Field } from '../event/schema.ts'
import type { RowCodec, RowImage, SourceField, SourceLayout, TableVersion } from '../event/table.ts'

/** A row of the sample table; its cells need no decoding. */
export interface SampleRow extends RowImage {
  readonly id: bigint
  readonly name: string | null
}

export function sampleRow(id: bigint, name: string | null): SampleRow {
  return { bytes: Buffer.alloc(0), start: 0, extent: 'row', id, name }
}

const ID: Field = { name: 'id', schema: { type: 'int64', optional: false } }
const NAME: Field = { name: 'name', schema: { type: 'string', optional: true } }

const CODEC: RowCodec = {
  fields: [ID, NAME],
  keyFields: [ID],
  write(image, writer) {
    const { id, name } = image as SampleRow
    writer.column(0)
    writeLong(writer, id)
    writer.column(1)
    if (name === null) writer.null()
    else writer.string(name)
  },
  writeKey(image, writer) {
    writer.column(0)
    writeLong(writer, (image as SampleRow).id)
  },
}

function writeLong(writer: RowWriter, value: bigint): void {
  const digits = Buffer.from(String(value))
  writer.long(digits, 0, digits.length)
}

function sourceFields(schema: string, name: string): SourceField[] {
  const text = { type: 'string', optional: false } as const
  return [
    { field: { name: 'version', schema: text }, constant: (writer, names) => writer.string(names.version) },
    { field: { name: 'connector', schema: text }, constant: (writer) => writer.string('sample') },
    { field: { name: 'name', schema: text }, constant: (writer, names) => writer.string(names.logicalName) },
    { field: { name: 'ts_ms', schema: { type: 'int64', optional: false } }, perTransaction: true },
    { field: { name: 'snapshot', schema: text }, perTransaction: true },
    { field: { name: 'db', schema: text }, constant: (writer) => writer.string('sample') },
    { field: { name: 'schema', schema: text }, constant: (writer) => writer.string(schema) },
    { field: { name: 'table', schema: text }, constant: (writer) => writer.string(name) },
  ]
}

function sampleLayout(schema: string, name: string): SourceLayout {
  const fields = sourceFields(schema, name)
  return {
    name: 'sample.Source',
    fields,
    write(event, writer, changing) {
      if (changing === true) return
      writer.column(3)
      writeLong(writer, event.transaction.timestampMicros / 1000n)
      writer.column(4)
      writer.string(event.snapshot)
    },
  }
}

/** A table with a key `id` and a text column `name`, whose rows are {@link SampleRow}s: every format can encode its events. */
export function sampleTable(name = 'orders', schema = 'public'): TableVersion {
  return {
    database: 'sample',
    schema,
    name,
    columns: [
      { name: 'id', typeName: 'bigint', optional: false, key: true },
      { name: 'name', typeName: 'text', optional: true, key: false },
    ],
    sourceLayout: sampleLayout(schema, name),
    codec: () => CODEC,
    toObject(image) {
      const { id, name: text } = image as SampleRow
      return { id, name: text }
    },
    toKey: (image) => ({ id: (image as SampleRow).id }),
    toSource: (event: ChangeEvent): SourceInfo => ({
      connector: 'sample', db: 'sample', schema, table: name, snapshot: event.snapshot, ts_ms: Number(event.transaction.timestampMicros / 1000n), ts_us: event.transaction.timestampMicros,
    }),
    toId: (event) => `${event.transaction.identity}:${event.ordinal}${event.part === 0 ? '' : `:${event.part}`}`,
  }
}

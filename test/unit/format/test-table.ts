import type { RowWriter } from '../../../src/event/cell-writer.ts'
import { ChangeEvent, type LogicalMessage, type Operation, type SnapshotMarker } from '../../../src/event/change-event.ts'
import type { Field, Schema, WriteValue } from '../../../src/event/schema.ts'
import type { RowCodec, RowImage, SourceField, SourceLayout, SourceNames, TableVersion } from '../../../src/event/table.ts'
import type { Transaction, TransactionOrder } from '../../../src/event/transaction.ts'

/** A row whose cells write themselves. */
export interface TestImage extends RowImage {
  readonly cells: readonly WriteValue[]
}

export function imageOf(cells: readonly WriteValue[], extent: RowImage['extent'] = 'row'): TestImage {
  return { bytes: Buffer.alloc(0), start: 0, extent, cells }
}

/** A transaction that knows what its events' `source` says. */
export interface TestTransaction extends Transaction {
  readonly source: Readonly<Record<string, string | null>>
}

export interface TestTableOptions {
  readonly database?: string
  readonly schema: string
  readonly name: string
  readonly fields: readonly Field[]
  /** Indexes of the key's columns, in key order. */
  readonly key?: readonly number[]
  /** Mark what one transaction's events have in common. */
  readonly perTransaction?: boolean
}

const TEXT: Schema = { type: 'string', optional: false }
const OPTIONAL_TEXT: Schema = { type: 'string', optional: true }
const LONG: Schema = { type: 'int64', optional: false }
const OPTIONAL_LONG: Schema = { type: 'int64', optional: true }
const SNAPSHOT: Schema = {
  type: 'string', optional: true, name: 'io.debezium.data.Enum', version: 1, default: (writer) => writer.string('false'),
  parameters: { allowed: 'true,first,first_in_data_collection,last_in_data_collection,last,false,incremental' },
}
const SOURCE: readonly [string, Schema][] = [
  ['version', TEXT], ['connector', TEXT], ['name', TEXT], ['ts_ms', LONG], ['snapshot', SNAPSHOT], ['db', TEXT], ['sequence', OPTIONAL_TEXT], ['ts_us', OPTIONAL_LONG],
  ['ts_ns', OPTIONAL_LONG], ['schema', TEXT], ['table', TEXT], ['txId', OPTIONAL_LONG], ['lsn', OPTIONAL_LONG], ['xmin', OPTIONAL_LONG], ['origin', OPTIONAL_TEXT], ['origin_lsn', OPTIONAL_LONG],
]
const SHARED = new Set(['ts_ms', 'ts_us', 'ts_ns', 'snapshot', 'txId'])

function testSource({ database = 'lab', schema, name, perTransaction = false }: TestTableOptions): SourceLayout {
  const constants: Record<string, (writer: RowWriter, names: SourceNames) => void> = {
    version: (writer, names) => writer.string(names.version),
    connector: (writer) => writer.string('postgresql'),
    name: (writer, names) => writer.string(names.logicalName),
    db: (writer) => writer.string(database),
    schema: (writer) => writer.string(schema),
    table: (writer) => writer.string(name),
    xmin: (writer) => writer.null(),
    origin: (writer) => writer.null(),
    origin_lsn: (writer) => writer.null(),
  }
  const fields = SOURCE.map(([field, of]): SourceField => {
    const constant = constants[field]
    return { field: { name: field, schema: of }, ...(constant === undefined ? {} : { constant }), ...(perTransaction && SHARED.has(field) ? { perTransaction } : {}) }
  })
  return {
    name: 'io.debezium.connector.postgresql.Source',
    fields,
    write(event, writer, changing) {
      const values: Record<string, string | null> = { ...(event.transaction as TestTransaction).source, snapshot: event.snapshot }
      if (values['lsn'] === undefined) values['lsn'] = String(event.high * 2 ** 32 + event.low)
      fields.forEach(({ field, constant, perTransaction: shared }, index) => {
        if (constant !== undefined || (changing === true && shared === true)) return
        const value = values[field.name]
        writer.column(index)
        if (value === null || value === undefined) writer.null()
        else if (field.schema.type === 'string') writer.string(value)
        else writer.long(Buffer.from(value), 0, value.length)
      })
    },
  }
}

/** A table whose images are {@link TestImage}s. */
export function testTable(options: TestTableOptions): TableVersion {
  const { fields, key } = options
  const codec: RowCodec = {
    fields,
    keyFields: key?.map((index) => fields[index]!),
    write: (image, writer) => (image as TestImage).cells.forEach((cell, index) => writeCell(writer, index, cell)),
    writeKey: (image, writer) => key!.forEach((column, index) => writeCell(writer, index, (image as TestImage).cells[column]!)),
  }
  const unused = (): never => {
    throw new Error('not for a format')
  }
  return { database: 'lab', schema: options.schema, name: options.name, columns: [], sourceLayout: testSource(options), codec: () => codec, toObject: unused, toKey: unused, toSource: unused, toId: () => 'id' }
}

function writeCell(writer: RowWriter, index: number, cell: WriteValue): void {
  writer.column(index)
  cell(writer)
}

export interface TestEventOptions {
  readonly transaction?: TestTransaction
  readonly snapshot?: SnapshotMarker
  readonly before?: TestImage | undefined
  readonly after?: TestImage | undefined
  readonly other?: TestImage | undefined
  readonly message?: LogicalMessage
  readonly order?: TransactionOrder
  readonly low?: number
}

export const TRANSACTION: TestTransaction = {
  id: '755', timestampMicros: 1n, identity: 'test',
  source: { ts_ms: '1795207719370', sequence: '[null,"38188416"]', ts_us: '1795207719370482', ts_ns: '1795207719370482000', txId: '755' },
}

export function testEvent(op: Operation, table: TableVersion, options: TestEventOptions): ChangeEvent {
  const { transaction = TRANSACTION, snapshot = 'false', before, after, other, message, order, low = 1 } = options
  return new ChangeEvent(op, table, transaction, snapshot, 0, low, 0, 0, before, after, other, message, order)
}

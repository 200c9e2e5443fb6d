import type { SnapshotMarker } from '../../../src/event/change-event.ts'
import { ChangeEvent } from '../../../src/event/change-event.ts'
import type { ColumnDefinition, SchemaChange, TableDefinition } from '../../../src/event/table-definition.ts'
import type { Transaction, TransactionMarker, TransactionOrder } from '../../../src/event/transaction.ts'
import { decodeLabel } from '../../../src/schema-history/enum-label.ts'
import { decodeTableId } from '../../../src/schema-history/table-id.ts'
import { sourceLayout, type ConnectorName } from '../../../src/source/mysql/source-layout.ts'
import type { Gtid } from '../../../src/source/mysql/gtid/gtid-position.ts'
import { field, isNull, scalar, type Json } from '../../golden/json.ts'
import { testTable } from './test-table.ts'

const ANY_TABLE = testTable({ schema: '', name: '', fields: [] })

/** The event behind the payload of a captured record that is of no row; undefined where it is of one. */
export function replayDetail(payload: Json): ChangeEvent | undefined {
  if (field(payload, 'event_count') !== undefined) return marker(payload)
  return field(payload, 'tableChanges') === undefined ? undefined : schemaChange(payload)
}

/** The `transaction` block. */
export function replayOrder(payload: Json): TransactionOrder | undefined {
  const block = field(payload, 'transaction')
  if (block === undefined || isNull(block)) return undefined
  return { id: scalar(field(block, 'id'))!, total: Number(scalar(field(block, 'total_order'))), inTable: Number(scalar(field(block, 'data_collection_order'))) }
}

function marker(payload: Json): ChangeEvent {
  const text = (node: Json, name: string): string => scalar(field(node, name))!
  const collections = field(payload, 'data_collections')!
  const counts = isNull(collections) ? undefined : items(collections).map((each) => ({ table: text(each, 'data_collection'), events: Number(text(each, 'event_count')) }))
  const detail: TransactionMarker = { id: text(payload, 'id'), counts }
  const transaction: Transaction = { id: '', timestampMicros: BigInt(text(payload, 'ts_ms')) * 1000n + 999n, identity: '' }
  return new ChangeEvent(text(payload, 'status') === 'BEGIN' ? 'b' : 'e', ANY_TABLE, transaction, 'false', 0, 0, 0, 0, undefined, undefined, undefined, detail)
}

/** With the layout of the source that it came from. */
function schemaChange(payload: Json): ChangeEvent {
  const source = field(payload, 'source')!
  const text = (name: string): string | undefined => optionalText(field(source, name))
  const number = (name: string): number | undefined => (text(name) === undefined ? undefined : Number(text(name)))
  const transaction = {
    id: '', timestampMicros: BigInt(text('ts_us')!), identity: '', query: text('query'),
    facts: { gtid: gtidOf(text('gtid')), place: { file: text('file') }, serverId: number('server_id'), thread: number('thread') },
  }
  const layout = sourceLayout(text('connector') as ConnectorName, text('db')!, text('table') ?? null)
  const detail: SchemaChange = { database: optionalText(field(payload, 'databaseName'))!, ddl: optionalText(field(payload, 'ddl'))!, changes: items(field(payload, 'tableChanges')!).map(tableChange) }
  const pos = Number(text('pos'))
  // the number of a row that came before it, where Debezium has not forgotten it
  const row = { bytes: Buffer.alloc(0), start: 0, extent: 'row', row: Number(text('row')) } as const
  return new ChangeEvent('s', { ...ANY_TABLE, sourceLayout: layout }, transaction, text('snapshot') as SnapshotMarker, Math.floor(pos / 2 ** 32), pos % 2 ** 32, 0, 0, undefined, row, undefined, detail)
}

/** `<uuid>:<number>`, `<domain>-<server>-<number>`. */
function gtidOf(text: string | undefined): Gtid | undefined {
  const [, group, server = '0', number] = /^(.+?)(?:-(\d+)-|:)(\d+)$/.exec(text ?? '') ?? []
  return text === undefined ? undefined : { group: group!, server: Number(server), number: BigInt(number!), text }
}

function tableChange(change: Json): SchemaChange['changes'][number] {
  const id = decodeTableId(scalar(field(change, 'id'))!)
  const shape = field(change, 'table')!
  return { type: scalar(field(change, 'type')) as 'CREATE', ...id, ...(isNull(shape) ? {} : { shape: tableDefinition(id.database, id.table, shape) }) }
}

function tableDefinition(database: string, name: string, node: Json): TableDefinition {
  const columns = items(field(node, 'columns')!).map(column)
  const key = items(field(node, 'primaryKeyColumnNames')!).map((each) => columns.findIndex((one) => one.name === scalar(each)))
  return { database, name, columns, key, charset: optionalText(field(node, 'defaultCharsetName')), comment: optionalText(field(node, 'comment')) }
}

function column(node: Json): ColumnDefinition {
  const text = (name: string): string | undefined => optionalText(field(node, name))
  const number = (name: string): number | undefined => (text(name) === undefined ? undefined : Number(text(name)))
  const labels = field(node, 'enumValues')!
  return {
    name: text('name')!, typeName: text('typeName')!, typeExpression: text('typeExpression')!, jdbcType: number('jdbcType')!, length: number('length'), scale: number('scale'), charset: text('charsetName'),
    optional: text('optional') === 'true', autoIncremented: text('autoIncremented') === 'true', generated: text('generated') === 'true', comment: text('comment'), hasDefault: false, default: text('defaultValueExpression'),
    labels: isNull(labels) ? [] : items(labels).map((each) => decodeLabel(scalar(each)!)),
  }
}

function optionalText(node: Json | undefined): string | undefined {
  return node === undefined || isNull(node) ? undefined : scalar(node)
}

function items(node: Json): readonly Json[] {
  return node.kind === 'array' ? node.items : []
}

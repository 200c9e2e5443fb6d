import type { HistoryRecord } from '../schema-history/record.ts'
import type { ColumnDefinition } from '../schema-history/table-definition.ts'

/** A record that can be told from others by its number. */
export function sampleHistoryRecord(number: number): HistoryRecord {
  return { source: { server: 'shop' }, position: { ts_sec: 1_700_000_000 + number, file: 'binlog.000001', pos: number }, timestampMs: 1_700_000_000_000 + number, database: 'shop', ddl: `CREATE DATABASE d${number}`, changes: [] }
}

const PLAIN: ColumnDefinition = {
  name: 'id', typeName: 'INT', typeExpression: 'INT', jdbcType: 4, length: undefined, scale: undefined, charset: undefined, optional: false, autoIncremented: false, generated: false,
  comment: undefined, hasDefault: false, default: undefined, labels: [],
}

/** Records that have between them every member there is, with and without a value, and every character that needs care. */
export function richHistoryRecords(): HistoryRecord[] {
  const awkward = 'quote " \' ` backslash \\ newline \n tab \t carriage \r bell \u0007 unit \u001f zero \0 delete \u007f separator \u2028 grüße 鲸 🐬'
  const columns: ColumnDefinition[] = [
    { ...PLAIN, name: 'id', typeName: 'BIGINT UNSIGNED', typeExpression: 'BIGINT UNSIGNED', jdbcType: -5, length: 20, autoIncremented: true, generated: true },
    { ...PLAIN, name: `größe "1" 'x' ${awkward}`, typeName: 'DECIMAL', typeExpression: 'DECIMAL', jdbcType: 3, length: 65, scale: 0, optional: true, hasDefault: true, comment: awkward },
    { ...PLAIN, name: 'state', typeName: 'ENUM', typeExpression: 'ENUM', jdbcType: 1, length: 1, charset: 'utf8mb4', labels: ['new', '', "it's", '"so"', 'back\\slash', 'line\nline', 'a%b', '\\%', '鲸'], hasDefault: true, default: 'new' },
    { ...PLAIN, name: 'note', typeName: 'VARCHAR', typeExpression: 'VARCHAR', jdbcType: 12, length: 0, charset: 'latin1', optional: true, hasDefault: true, default: awkward },
    { ...PLAIN, name: 'changed', typeName: 'TIMESTAMP', typeExpression: 'TIMESTAMP', jdbcType: 2014, length: 6, hasDefault: true, default: '' },
  ]
  const shape = { database: 'shop', name: 'orders', columns, key: [2, 0], charset: 'utf8mb4', comment: awkward }
  const awkwardName = { database: 'Straße "7"', table: 'dot . quote " tick `' }
  const base = sampleHistoryRecord(0)
  return [
    { ...base, position: { ts_sec: 0, file: 'binlog.999999', pos: 4_294_967_295 * 2, gtids: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:11-18', snapshot: 'INITIAL', server_id: 4_294_967_295, event: 2, row: 1 }, changes: [{ type: 'CREATE', database: 'shop', table: 'orders', shape }] },
    { ...base, database: '', ddl: awkward },
    // a signal's definitions have no statement
    { ...base, ddl: '', changes: [{ type: 'ALTER', database: 'shop', table: 'orders', shape: { ...shape, columns: [PLAIN], key: [], charset: undefined, comment: undefined } }] },
    { ...base, changes: [{ type: 'ALTER', ...awkwardName, previous: { database: 'shop', table: 'orders' }, shape: { ...shape, database: awkwardName.database, name: awkwardName.table, columns: [], key: [] } }, { type: 'DROP', ...awkwardName }] },
    { ...base, source: {}, position: {}, timestampMs: 0 },
  ]
}

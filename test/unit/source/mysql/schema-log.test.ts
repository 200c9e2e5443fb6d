import { expect, test } from 'vitest'
import type { DumpFrom, Flavor } from '../../../../src/source/mysql/flavor.ts'
import { GtidSet } from '../../../../src/source/mysql/gtid/gtid-set.ts'
import { MysqlPosition } from '../../../../src/source/mysql/position.ts'
import { SchemaLog } from '../../../../src/source/mysql/schema-log.ts'
import type { SchemaModel } from '../../../../src/source/mysql/ddl/schema-contract.ts'
import type { HistoryRecord } from '../../../../src/schema-history/record.ts'
import type { SchemaHistory } from '../../../../src/schema-history/history.ts'
import { context, model, shown } from './ddl/context.ts'

const flavor = { parseGtids: (text: string) => GtidSet.parse(text) } as unknown as Flavor
const UUID = '97979797-0000-11ee-8000-000000033097'

/** The records that the statements make, as a history has them. */
function recorded(statements: readonly string[], modes: Parameters<typeof context>[0] = {}): HistoryRecord[] {
  const into = model()
  return statements.flatMap((sql, pos) => {
    const statement = into.apply(sql, context(modes))
    const changes = statement.kind === 'schema' ? statement.changes : []
    return changes.map((change): HistoryRecord => ({ source: { server: 's' }, position: { file: 'binlog.000001', pos }, timestampMs: 0, ...change }))
  })
}

async function recovered(records: readonly HistoryRecord[], gtids?: string, by: DumpFrom['by'] = gtids === undefined ? 'place' : 'gtid-set'): Promise<SchemaModel> {
  const history = {
    records: async function* () {
      yield* records
    },
  } as unknown as SchemaHistory
  const log = new SchemaLog(model(), history, flavor, 's', { nowMicros: () => 0n } as never)
  await log.recover(new MysqlPosition('stream', { file: 'binlog.000001', pos: 1000 }, gtids === undefined ? undefined : GtidSet.parse(gtids)), by, new AbortController().signal)
  return log.model
}

test('a table that ALTER TABLE renamed is not there under its old name after a restart', async () => {
  const tables = await recovered(recorded(['create table a (id int primary key)', 'alter table a rename to b', 'create table if not exists a (k varchar(3) primary key)']))
  expect(shown(tables.get('d', 'b'))).toBe('id INT NOT NULL; key id')
  expect(shown(tables.get('d', 'a'))).toBe('k VARCHAR(3) utf8mb4 NOT NULL; key k')
})

test('names that a RENAME TABLE swaps are swapped after a restart, also where the records are there twice', async () => {
  const records = recorded(['create table a (id int primary key)', 'create table b (k int primary key)', 'rename table a to tmp, b to a, tmp to b'])
  for (const history of [records, [...records, ...records.slice(-3)], [...records.slice(0, -1), ...records.slice(-3)]]) {
    const tables = await recovered(history)
    expect([...tables.tables()].map((table) => `${table.name}: ${shown(table)}`).sort()).toEqual(['a: k INT NOT NULL; key k', 'b: id INT NOT NULL; key id'])
  }
})

test('what an older instance appended late, behind the records of the one that followed it, changes nothing', async () => {
  const records = recorded(['create table t (id int primary key)', 'alter table t add a int', 'alter table t add b int', 'alter table t drop column a'])
  const late = [...records, records[1]!]
  expect(shown((await recovered(late)).get('d', 't'))).toBe('id INT NOT NULL, b INT; key id')
  const numbered = late.map((record) => ({ ...record, position: { ...record.position, gtids: `${UUID}:1-${Number(record.position['pos']) + 1}` } }))
  expect(shown((await recovered(numbered, `${UUID}:1-100`)).get('d', 't'))).toBe('id INT NOT NULL, b INT; key id')
  // after a failover the files have other names: the GTIDs count
  const elsewhere = numbered.map((record, at) => (at === 2 || at === 3 ? { ...record, position: { ...record.position, file: 'a.000001' } } : record))
  expect(shown((await recovered(elsewhere, `${UUID}:1-100`)).get('d', 't'))).toBe('id INT NOT NULL, b INT; key id')
})

test('a statement with the GTIDs of the offset comes again, wherever Debezium says that it stood; read by places, it is done if it stands before', async () => {
  const [created, altered] = recorded(['create table t (id int primary key)', 'alter table t add a int'])
  const history = [{ ...created!, position: { ...created!.position, gtids: `${UUID}:1-4` } }, { ...altered!, position: { ...altered!.position, gtids: `${UUID}:1-5` } }]
  expect(shown((await recovered(history, `${UUID}:1-5`)).get('d', 't'))).toBe('id INT NOT NULL; key id')
  expect(shown((await recovered(history, `${UUID}:1-5`, 'place')).get('d', 't'))).toBe('id INT NOT NULL, a INT; key id')
  // a snapshot is whole at its GTIDs, in whatever file another server has them
  const snapshot = history.map((record) => ({ ...record, position: { ...record.position, file: 'binlog.000009', gtids: `${UUID}:1-5`, snapshot: 'INITIAL' } }))
  expect(shown((await recovered(snapshot, `${UUID}:1-5`)).get('d', 't'))).toBe('id INT NOT NULL, a INT; key id')
})

test('a snapshot begins anew, also where the log has begun anew', async () => {
  const before = recorded(['create table t (id int primary key)', 'alter table t add a int']).map((record, at) => ({ ...record, position: { ...record.position, pos: 900 + at } }))
  const again = recorded(['create table t (k int primary key)']).map((record) => ({ ...record, position: { ...record.position, snapshot: 'INITIAL' } }))
  const tables = await recovered([...before, ...again])
  expect(shown(tables.get('d', 't'))).toBe('k INT NOT NULL; key k')
})

test('a statement without tables that was written in another sql_mode is no obstacle, and has its effect', async () => {
  const modes = { ansiQuotes: true, noBackslashEscapes: true }
  const tables = await recovered(recorded(['create table t (id int not null)', `create unique index "u" on "t" ("id") comment 'c:\\'`], modes))
  expect(shown(tables.get('d', 't'))).toBe('id INT NOT NULL; key id')
})

test('a statement that Debezium could not read and kept is passed over', async () => {
  const unread: HistoryRecord = { source: { server: 's' }, position: { file: 'binlog.000001', pos: 5 }, timestampMs: 0, database: 'd', ddl: 'frobnicate table t', changes: [] }
  const tables = await recovered([...recorded(['create table t (id int primary key)']), unread])
  expect(shown(tables.get('d', 't'))).toBe('id INT NOT NULL; key id')
})

test('without GTIDs a record does not name its server: Debezium would take it for one of another server, and for an early one', async () => {
  const kept: HistoryRecord[] = []
  const history = { append: async (records: readonly HistoryRecord[]) => void kept.push(...records) } as unknown as SchemaHistory
  const log = new SchemaLog(model(), history, flavor, 's', { nowMicros: () => 0n } as never)
  const place = { file: 'binlog.000001', pos: 500, serverId: 7, seconds: 1, events: 0, snapshot: false }
  const gtids = GtidSet.parse('97979797-0000-11ee-8000-000000033097:1-5')
  for (const before of [undefined, GtidSet.parse(''), gtids]) await log.store([{ database: 'd', ddl: 'create table t (id int)', changes: [] }], { ...place, gtids: before })
  expect(kept.map(({ position }) => position)).toEqual([{ ts_sec: 1, file: 'binlog.000001', pos: 500 }, { ts_sec: 1, file: 'binlog.000001', pos: 500 }, { ts_sec: 1, file: 'binlog.000001', pos: 500, gtids: gtids.toString(), server_id: 7 }])
})

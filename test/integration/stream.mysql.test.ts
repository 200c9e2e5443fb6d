import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { fileSchemaHistory } from '../../src/schema-history/file/file-history.ts'
import type { SchemaHistory } from '../../src/schema-history/history.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { brief, numbered, offsetFolder, type EngineRun } from './engine-run.ts'
import { nextSecond, runMysql, SERVER_KINDS, startServer, type MysqlRunOptions } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

eachSideBySide(withMysql, SERVER_KINDS)('%s to your code', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()
  let made = 0

  beforeAll(async () => {
    server = await startServer(kind)
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function database(sql: string): Promise<string> {
    const name = `db${++made}`
    await server.script(`create database ${name} character set utf8mb4; use ${name}; ${sql}`)
    return name
  }

  function run(name: string, options: Partial<MysqlRunOptions> = {}): EngineRun {
    return runMysql({ kind, port: server.port, database: name, name, offsets: folder.file(name), ...options })
  }

  it('every row of the snapshot, and then every change in the order of the commits', async () => {
    const name = await database('create table t (id int primary key, v varchar(20)); insert into t values (1, "a"), (2, "b"), (3, "c")')
    await using engine = run(name)
    await engine.streaming()
    await server.script('insert into t values (4, "d"); update t set v = "x" where id = 1; delete from t where id = 2; update t set id = 30 where id = 3', name)
    await engine.delivered(8)
    expect(brief(engine.seen)).toEqual(['r1', 'r2', 'r3', 'c4', 'u1', 'd2', 'd3', 'c30'])
    expect(engine.seen[4]).toMatchObject({ before: { id: 1, v: 'a' }, after: { id: 1, v: 'x' }, key: { id: 1 }, table: `${name}.t` })
    await engine.stop()
  })

  it('goes on after a restart where it was', async () => {
    const name = await database('create table t (id int primary key)')
    const history = (): SchemaHistory => fileSchemaHistory(folder.file(`${name}.history`))
    {
      await using engine = run(name, { source: { snapshot: { mode: 'no_data' }, history: history() } })
      await engine.streaming()
      await server.script('insert into t values (1), (2)', name)
      await engine.delivered(2)
      await engine.stop()
    }
    await server.script('insert into t values (3); insert into t values (4)', name)
    await using engine = run(name, { source: { history: history() } })
    await engine.delivered(2)
    expect(brief(engine.seen)).toEqual(numbered('c', 3, 4))
    await engine.stop()
  })

  it('reads a table as it was at each change, whatever has become of it since', async () => {
    const name = await database('create table t (id int primary key, a int, b int)')
    const history = (): SchemaHistory => fileSchemaHistory(folder.file(`${name}.history`))
    {
      await using engine = run(name, { source: { history: history() } })
      await engine.streaming()
      await engine.stop()
    }
    await server.script('insert into t values (1, 10, 20); alter table t modify b int after id; insert into t values (2, 21, 11); alter table t drop column a, add column c varchar(5); insert into t values (3, 22, "c"); rename table t to u; insert into u values (4, 23, "d")', name)
    await using engine = run(name, { source: { history: history() } })
    await engine.delivered(4)
    expect(engine.seen.map(({ table, after }) => [table, after])).toEqual([
      [`${name}.t`, { id: 1, a: 10, b: 20 }], [`${name}.t`, { id: 2, b: 21, a: 11 }], [`${name}.t`, { id: 3, b: 22, c: 'c' }], [`${name}.u`, { id: 4, b: 23, c: 'd' }],
    ])
    await engine.stop()
  })

  describe.runIf(kind === 'MySQL').each([
    ['without GTIDs', { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' }, 0, 'although its file and place are there'],
    ['with GTIDs', {}, 0, 'although it has the same GTIDs again'],
    ['with GTIDs', {}, 2, 'although the stored file is not there yet'],
  ])('%s', (_, settings, rotations, although) => it(`a log that was reset is not taken for the one of the stored offset, ${although}`, async () => {
    await using plain = await startServer(kind, { ...settings, 'binlog-row-metadata': 'FULL' })
    await plain.script('create database reset; use reset; create table t (id int primary key)')
    const begin = (): EngineRun => runMysql({ kind, port: plain.port, database: 'reset', name: 'reset', offsets: folder.file(`reset-${although}`) })
    for (let rotation = 0; rotation < rotations; rotation++) await plain.query('flush binary logs')
    {
      await using engine = begin()
      await engine.streaming()
      await plain.script('insert into t values (1)', 'reset')
      await engine.delivered(1)
      await engine.settled()
      await engine.stop()
    }
    await nextSecond()
    await plain.query('reset binary logs and gtids')
    await plain.script(`${'insert into t values (2); delete from t where id = 2;'.repeat(20)}`, 'reset')
    await using engine = begin()
    expect((await engine.failure()).code).toBe('TR_MYSQL_BINLOG_RESET')
  }))

  it('columns that the log does not carry are unavailable, never null', async () => {
    const name = await database('create table t (id int primary key, a int, b text)')
    await using engine = run(name)
    await engine.streaming()
    await server.script("insert into t values (1, 1, 'x'); set session binlog_row_image = MINIMAL; update t set a = 2; delete from t", name)
    await engine.delivered(3)
    expect(engine.seen[1]).toMatchObject({ op: 'u', before: { id: 1, a: UNAVAILABLE, b: UNAVAILABLE }, after: { a: 2, b: UNAVAILABLE } })
    expect(engine.seen[2]).toMatchObject({ op: 'd', before: { id: 1, a: UNAVAILABLE, b: UNAVAILABLE }, key: { id: 1 } })
    await engine.stop()
  })

  it('a prepared XA transaction is delivered when it is committed, and one that is rolled back is not; both survive a restart', async () => {
    const name = await database('create table t (id int primary key)')
    {
      await using engine = run(name)
      await engine.streaming()
      await server.leave("xa start 'one'; insert into t values (1); xa end 'one'; xa prepare 'one'", name)
      await server.leave("xa start 'two'; insert into t values (2); xa end 'two'; xa prepare 'two'", name)
      await server.script("xa start 'three'; insert into t values (3); xa end 'three'; xa commit 'three' one phase; insert into t values (4)", name)
      await engine.delivered(2)
      expect(brief(engine.seen)).toEqual(['c3', 'c4'])
      await engine.settled()
      await engine.stop()
    }
    await server.script("xa rollback 'one'; insert into t values (5); xa commit 'two'; insert into t values (6)", name)
    await using engine = run(name, { source: { history: fileSchemaHistory(folder.file(`${name}.history`)), snapshot: { mode: 'recovery' } } })
    await engine.delivered(3)
    expect(brief(engine.seen)).toEqual(['c5', 'c2', 'c6'])
    await engine.stop()
  })

  describe('a transaction', () => {
    it('of many rows arrives whole, and one that is rolled back does not', async () => {
      const name = await database('create table t (id int primary key auto_increment, v int)')
      await using engine = run(name)
      await engine.streaming()
      await server.script(`begin; insert into t (v) values (1); rollback; begin; ${'insert into t (v) select 1 from information_schema.columns limit 500;'.repeat(4)} commit`, name)
      await engine.delivered(2_000)
      expect(new Set(engine.seen.map(({ transaction }) => transaction)).size).toBe(1)
      await engine.stop()
    })
  })

  it.runIf(kind === 'MySQL')('compressed transactions and partial JSON documents are whole', async () => {
    const name = await database("create table t (id int primary key, j json); insert into t values (1, '{\"a\": [1, 2, {\"b\": \"x\"}], \"c\": 1}')")
    await using engine = run(name)
    await engine.streaming()
    await server.script(`set session binlog_transaction_compression = ON; insert into t values (2, '{"k": "${'v'.repeat(300)}"}'); set session binlog_row_value_options = 'PARTIAL_JSON'; update t set j = json_set(j, '$.a[2].b', 'y', '$.n', true) where id = 1; set session binlog_transaction_compression = OFF; update t set j = json_remove(j, '$.a[0]') where id = 1`, name)
    await engine.delivered(4)
    expect(engine.seen.slice(1).map(({ after }) => after?.['j'])).toEqual([{ k: 'v'.repeat(300) }, { a: [1, 2, { b: 'y' }], c: 1, n: true }, { a: [2, { b: 'y' }], c: 1, n: true }])
    await engine.stop()
  })

  it('rows that leave or enter a table with a partition or a tablespace are warned of, for they have no event', async () => {
    const name = await database(`create table t (id int primary key) partition by range (id) (partition a values less than (10), partition b values less than (20), partition c values less than maxvalue);
      create table other (id int primary key); create table apart (id int primary key) partition by range (id) (partition a values less than (10), partition c values less than maxvalue)`)
    await using engine = run(name, { source: { excludeTables: [`${name}.apart`] } })
    await engine.streaming()
    await server.script('insert into t values (1), (11), (21); insert into other values (12); alter table t exchange partition b with table other; alter table t truncate partition a; alter table t drop partition a; alter table apart drop partition a; alter table other discard tablespace; create table last (id int primary key); insert into last values (1)', name)
    await engine.delivered(5)
    expect(brief(engine.seen)).toEqual(['c1', 'c11', 'c21', 'c12', 'c1'])
    expect(engine.warnings.map(({ code, where }) => [code, where['table']])).toEqual(['t', 'other', 't', 't', 'other'].map((table) => ['TR_MYSQL_UNLOGGED_ROWS', table]))
    await engine.stop()
  })

  it.runIf(kind !== 'MySQL')('a sequence that goes on stops nothing, and its row is in no snapshot', async () => {
    const name = await database('create sequence s; create table t (id int primary key)')
    await using engine = run(name)
    await engine.streaming()
    await server.script('insert into t values (nextval(s)); insert into t values (nextval(s))', name)
    await engine.until(() => engine.seen.filter(({ table }) => table === `${name}.t`).length === 2, 'both rows')
    expect(engine.seen.filter(({ table }) => table === `${name}.t`).map(({ after }) => after)).toEqual([{ id: 1 }, { id: 2 }])
    expect(engine.seen.filter(({ op }) => op === 'r')).toEqual([])
    await engine.stop()
  })

  it.runIf(kind !== 'MySQL')('compressed rows are read', async () => {
    const name = await database('create table t (id int primary key, v text)')
    await server.query('set global log_bin_compress = ON')
    await using engine = run(name)
    await engine.streaming()
    await server.script(`insert into t values (1, '${'x'.repeat(1000)}'); update t set v = '${'y'.repeat(1000)}'; alter table t add column w int default 7 /* ${'-'.repeat(500)} */; delete from t`, name)
    await engine.delivered(3)
    expect(engine.seen.map(({ op, after }) => [op, String(after?.['v']).slice(0, 1)])).toEqual([['c', 'x'], ['u', 'y'], ['d', 'u']])
    await engine.stop()
    await server.query('set global log_bin_compress = OFF')
  })
})

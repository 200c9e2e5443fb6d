import { afterAll, beforeAll, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { hashOf, recordsInto, rulesOf, told } from './column-rule.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const MAJORS = [14, 18] as const
const DB = 'columns'
const withPostgres = await requirePostgres(...MAJORS)

/** `note` is kept out of line, so that an update of another column does not log it. */
const SETUP = `
create type mood as enum ('glad', 'sad'); create domain named as varchar(30);
create table t (id int, code varchar(10), name named not null, secret text, note text, mood mood, doc jsonb, raw bytea, primary key (id, code));
alter table t alter note set storage external;
insert into t values (1, 'snapshot1', 'Grace', 's3cret', 'a long note', 'glad', '{"a": 1, "b": 2}', '\\x00010203040506'), (2, 'snap', '', null, null, null, null, null)`

eachSideBySide(withPostgres, MAJORS)('columns of PostgreSQL %s that are cut, masked and hashed', (major) => {
  let server: PostgresServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startPostgres({ major })
    await server.createDatabase(DB)
    await server.query(SETUP, DB)
  }, 120_000)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function run(name: string, engine: NonNullable<Parameters<typeof runEngine>[0]['engine']> = {}): EngineRun {
    return runEngine({ port: server.port, database: DB, name, offsets: folder.file(name), source: { tables: ['public.t'], columns: rulesOf('public') }, engine })
  }

  it('are so in the snapshot and in the log, where a value is not in the log as well, to code and in records; their keys are whole', async () => {
    const { sink, engine } = recordsInto()
    await using values = run('values')
    await using records = run('records', engine)
    await values.streaming()
    await records.streaming()
    await server.query(`insert into t values (3, 'streamed3', 'Ada', 'x', '\u{1f600}é' || repeat('n', 5000), 'sad', '[1]', '\\xff')`, DB)
    await server.query("update t set name = 'Ada L' where id = 3", DB)
    await server.query('delete from t where id = 1', DB)
    await values.delivered(5)
    await records.until(() => sink.records.length >= 6, 'six records')

    const first = { id: 1, code: 'snaps', name: hashOf('Grace'), secret: '****', note: 'a lon', mood: '****', doc: '{"a":', raw: Buffer.from([0, 1, 2, 3, 4]) }
    const none = { id: 2, code: 'snap', name: hashOf(''), secret: '****', note: null, mood: '****', doc: null, raw: null }
    const third = { id: 3, code: 'strea', name: hashOf('Ada'), secret: '****', note: '\u{1f600}énn', mood: '****', doc: [1], raw: Buffer.from([255]) }
    expect(values.seen.map(({ op, key, before, after }) => ({ op, key, before, after }))).toEqual([
      { op: 'r', key: { id: 1, code: 'snapshot1' }, before: null, after: first },
      { op: 'r', key: { id: 2, code: 'snap' }, before: null, after: none },
      { op: 'c', key: { id: 3, code: 'streamed3' }, before: null, after: third },
      { op: 'u', key: { id: 3, code: 'streamed3' }, before: null, after: { ...third, name: hashOf('Ada L'), note: UNAVAILABLE } },
      { op: 'd', key: { id: 1, code: 'snapshot1' }, before: { id: 1, code: 'snaps', name: UNAVAILABLE, secret: '****', note: UNAVAILABLE, mood: '****', doc: UNAVAILABLE, raw: UNAVAILABLE }, after: null },
    ])

    const written = (row: Record<string, unknown>): unknown => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString('base64') : Array.isArray(value) ? JSON.stringify(value) : value]))
    expect(told(sink)).toEqual([
      { key: { id: 1, code: 'snapshot1' }, before: null, after: written(first) },
      { key: { id: 2, code: 'snap' }, before: null, after: written(none) },
      { key: { id: 3, code: 'streamed3' }, before: null, after: written(third) },
      // of the placeholder, too, there is the beginning only
      { key: { id: 3, code: 'streamed3' }, before: null, after: written({ ...third, name: hashOf('Ada L'), note: '__deb' }) },
      // of a NOT NULL column without a default, Debezium's empty text
      { key: { id: 1, code: 'snapshot1' }, before: { id: 1, code: 'snaps', name: hashOf(''), secret: '****', note: null, mood: '****', doc: null, raw: null }, after: null },
    ])
    await values.stop()
    await records.stop()
  })
})

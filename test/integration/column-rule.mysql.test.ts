import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { hashOf, recordsInto, rulesOf, told } from './column-rule.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const SETUP = `
create table t (id int, code varchar(10), name varchar(30) not null, secret varchar(20), note text, mood enum('glad', 'sad'), doc json, raw varbinary(50), primary key (id, code));
insert into t values (1, 'snapshot1', 'Grace', 's3cret', 'a long note', 'glad', '{"a": 1, "b": 2}', x'00010203040506'), (2, 'snap', '', null, null, null, null, null)`

eachSideBySide(withMysql, SERVER_KINDS)('columns of %s that are cut, masked and hashed', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script(`create database s character set utf8mb4; use s; ${SETUP}`)
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function run(name: string, engine: NonNullable<Parameters<typeof runMysql>[0]['engine']> = {}): EngineRun {
    return runMysql({ kind, port: server.port, database: 's', name, offsets: folder.file(name), source: { columns: rulesOf('s') }, engine })
  }

  it('are so in the snapshot and in the log, before and after, to code and in records; their keys are whole', async () => {
    const { sink, engine } = recordsInto()
    await using values = run('values')
    await using records = run('records', engine)
    await values.streaming()
    await records.streaming()
    await server.script("insert into t values (3, 'streamed3', 'Ada', 'x', 'ab\u{1f600}cd\u{1f600}', 'sad', '[1]', x'ff'); update t set name = 'Ada L', note = null where id = 3; delete from t where id = 1", 's')
    await values.delivered(5)
    await records.until(() => sink.records.length >= 6, 'six records')

    const first = { id: 1, code: 'snaps', name: hashOf('Grace'), secret: '****', note: 'a lon', mood: '****', raw: Buffer.from([0, 1, 2, 3, 4]), doc: '{"a":' }
    const none = { id: 2, code: 'snap', name: hashOf(''), secret: '****', note: null, mood: '****', doc: null, raw: null }
    const third = { id: 3, code: 'strea', name: hashOf('Ada'), secret: '****', note: 'ab\u{1f600}c', mood: '****', raw: Buffer.from([255]) }
    expect(values.seen.map(({ op, key, before, after }) => ({ op, key, before, after }))).toEqual([
      { op: 'r', key: { id: 1, code: 'snapshot1' }, before: null, after: first },
      { op: 'r', key: { id: 2, code: 'snap' }, before: null, after: none },
      { op: 'c', key: { id: 3, code: 'streamed3' }, before: null, after: { ...third, doc: kind === 'MySQL' ? [1] : expect.anything() } },
      { op: 'u', key: { id: 3, code: 'streamed3' }, before: expect.objectContaining(third) as unknown, after: expect.objectContaining({ ...third, name: hashOf('Ada L'), note: null }) as unknown },
      { op: 'd', key: { id: 1, code: 'snapshot1' }, before: first, after: null },
    ])

    const written = (row: Record<string, unknown> | null): unknown => row && expect.objectContaining(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString('base64') : value])))
    expect(told(sink)).toEqual([
      { key: { id: 1, code: 'snapshot1' }, before: null, after: written(first) },
      { key: { id: 2, code: 'snap' }, before: null, after: written(none) },
      { key: { id: 3, code: 'streamed3' }, before: null, after: written({ ...third, doc: '[1]' }) },
      { key: { id: 3, code: 'streamed3' }, before: written({ ...third, doc: '[1]' }), after: written({ ...third, doc: '[1]', name: hashOf('Ada L'), note: null }) },
      { key: { id: 1, code: 'snapshot1' }, before: written(first), after: null },
    ])
    await values.stop()
    await records.stop()
  })
})

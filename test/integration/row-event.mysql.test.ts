import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { brief, doubled, numbered, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, type MysqlRunOptions, type ServerKind } from './mysql-run.ts'

const ROWS = 2_000
const BATCH = 64

for (const { name, kind, suite, start } of await everyMysql()) {
  sideBySide(suite, `row events that have more rows than a batch, ${name}`, () => {
    let server: MysqlServer
    const folder = offsetFolder()
    let made = 0

    beforeAll(async () => {
      server = await start({ settings: { 'binlog-row-metadata': 'FULL', 'binlog-row-event-max-size': '1048576', ...(kind === 'mysql' ? {} : { 'log-bin-compress-min-len': '10' }) } })
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    async function database(): Promise<string> {
      const database = `db${++made}`
      await server.script(`create database ${database}; use ${database}; create table t (id int primary key, v int, pad char(20) default 'long enough to press'); create table n (id int primary key); insert into n values ${Array.from({ length: ROWS }, (_, index) => `(${index + 1})`).join()}`)
      return database
    }

    function run(database: string, options: Partial<MysqlRunOptions> = {}): EngineRun {
      return runMysql({
        kind: name as ServerKind, port: server.port, database, name: database, offsets: folder.file(database), ...options,
        source: { tables: [`${database}.t`], snapshot: { mode: 'no_data' } }, engine: { limits: { maxBatchEvents: BATCH }, ...options.engine },
      })
    }

    const forms = kind === 'mysql' ? ['', 'set session binlog_transaction_compression = ON;'] : ['', 'set global log_bin_compress = ON;']
    for (const before of forms) {
      it(`no batch has more than its limit, and a restart in the middle of an event goes on behind the last row${before === '' ? '' : ', also of a compressed one'}`, async () => {
        const db = await database()
        const half = ROWS / 2 + 7
        {
          await using engine = run(db, { engine: { stopAfter: half } })
          await engine.streaming()
          await server.script(`${before} insert into t (id, v) select id, 1 from n order by id; update t set v = 2 where id <= 100 order by id; update t set id = id + 1000000 where id <= 100 order by id; delete from t where id > 1000000 order by id`, db)
          await engine.ended
          expect(brief(engine.seen)).toEqual(numbered('c', 1, half))
          expect(Math.max(...engine.batches.map((batch) => batch.length))).toBe(BATCH)
        }
        await using engine = run(db)
        await engine.delivered(ROWS - half + 400)
        const moved = numbered('d', 1, 100).flatMap((gone, index) => [gone, `c${1_000_001 + index}`])
        expect(brief(engine.seen)).toEqual([...numbered('c', half + 1, ROWS), ...numbered('u', 1, 100), ...moved, ...numbered('d', 1_000_001, 1_000_100)])
        expect(Math.max(...engine.batches.map((batch) => batch.length))).toBeLessThanOrEqual(BATCH + 1)
        expect(doubled(engine.seen)).toEqual([])
        await engine.stop()
      })
    }
  })
}

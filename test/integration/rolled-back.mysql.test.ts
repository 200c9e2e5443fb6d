import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { brief, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, type ServerKind } from './mysql-run.ts'

/** In a transaction of MariaDB it cannot be undone: the log has the whole transaction, and at its end ROLLBACK. */
const ASIDE = 'create temporary table aside as select 1 as one; drop temporary table aside'
const DIGITS = '(select 0 n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)'
const THOUSANDS = `insert into t select 1000 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n, 'x' from ${DIGITS} a, ${DIGITS} b, ${DIGITS} c, ${DIGITS} d`

for (const { name, suite, start } of await everyMysql()) {
  sideBySide(suite, `what is rolled back, ${name}`, () => {
    let server: MysqlServer
    const folder = offsetFolder()
    let made = 0

    beforeAll(async () => {
      server = await start({ settings: { 'binlog-row-metadata': 'FULL' } })
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    async function database(): Promise<string> {
      const database = `db${++made}`
      await server.script(`create database ${database}; use ${database}; create table t (id int primary key, v text); create table plain (id int primary key, v text) engine = myisam`)
      return database
    }

    function run(database: string): EngineRun {
      return runMysql({ kind: name as ServerKind, port: server.port, database, name: database, offsets: folder.file(database), source: { snapshot: { mode: 'no_data' } }, engine: { limits: { maxBatchEvents: 100 } } })
    }

    it('is not delivered, however many rows the log has of it; what comes behind is, after a restart too', async () => {
      const db = await database()
      {
        await using engine = run(db)
        await engine.streaming()
        await server.script(`insert into t values (1, 'a'); begin; ${THOUSANDS}; ${ASIDE}; rollback; insert into t values (2, 'b')`, db)
        await engine.delivered(2)
        expect(brief(engine.seen)).toEqual(['c1', 'c2'])
        await engine.settled()
        await engine.stop()
      }
      await server.script(`begin; insert into t values (3, 'c'); ${ASIDE}; rollback; begin; insert into t values (4, 'd'); ${ASIDE}; insert into t values (5, 'e'); commit`, db)
      await using engine = run(db)
      await engine.delivered(2)
      expect(brief(engine.seen)).toEqual(['c4', 'c5'])
      await engine.stop()
    })

    // MySQL with GTIDs refuses to mix them
    it.runIf(name !== 'MySQL')('up to a savepoint is not delivered, and what other tables keep is', async () => {
      const db = await database()
      await using engine = run(db)
      await engine.streaming()
      await server.script(`begin; insert into t values (1, 'a'); insert into plain values (1, 'kept'); savepoint one; insert into t values (2, 'b'); insert into plain values (2, 'kept'); savepoint \`Two\`; insert into t values (3, 'c');
        rollback to savepoint two; insert into t values (4, 'd'); rollback to one; insert into t values (5, 'e'); ${ASIDE}; commit; insert into t values (6, 'f')`, db)
      await engine.delivered(5)
      expect(engine.seen.filter(({ table }) => table.endsWith('plain')).map(({ after }) => after?.['id'])).toEqual([1, 2])
      expect(engine.seen.filter(({ table }) => table.endsWith('.t')).map(({ after }) => after?.['id'])).toEqual([1, 5, 6])
      await engine.stop()
    })

    it('of a table without transactions is what the table has', async () => {
      const db = await database()
      await using engine = run(db)
      await engine.streaming()
      await server.script(`insert into plain select 1, 'a' union all select 2, 'b'; update plain set v = 'c' where id = 1; begin; insert into plain values (3, 'd'); rollback; delete from plain where id = 2`, db)
      await engine.delivered(5)
      expect(brief(engine.seen)).toEqual(['c1', 'c2', 'u1', 'c3', 'd2'])
      await engine.stop()
    })
  })
}

import { afterAll, beforeAll, expect, it } from 'vitest'
import { fileOffsets } from '../../src/index.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startTcpProxy, type ProxiedConnection } from '../server/tcp-proxy.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { brief, offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, type MysqlRunOptions, type ServerKind } from './mysql-run.ts'

const ROWS = 5_000

for (const { name, kind, suite, start } of await everyMysql()) {
  sideBySide(suite, `XA transactions that are large, ${name}`, () => {
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
      await server.script(`create database ${database}; use ${database}; create table t (id int primary key, v varchar(100)); create table other (id int primary key, v varchar(100))`)
      return database
    }

    function run(database: string, options: Partial<MysqlRunOptions> = {}): EngineRun {
      return runMysql({ kind: name as ServerKind, port: server.port, database, name: database, offsets: folder.file(database), ...options })
    }

    it('one of many rows is told at its commit in batches of the usual size, and goes on after a restart in its middle where it was', async () => {
      const db = await database()
      const half = ROWS / 2
      {
        await using engine = run(db, { engine: { limits: { maxBatchEvents: 100 }, stopAfter: half } })
        await engine.streaming()
        await prepare(server, db, 'one', ROWS)
        await server.script("xa commit 'one'; insert into t values (0, 'behind')", db)
        await engine.ended
        expect(engine.seen.map(({ after }) => after?.['id'])).toEqual(range(1, half))
        expect(Math.max(...engine.batches.map((batch) => batch.length))).toBe(100)
      }
      await using engine = run(db)
      await engine.delivered(half + 1)
      expect(engine.seen.map(({ after }) => after?.['id'])).toEqual([...range(half + 1, ROWS), 0])
      await engine.stop()
    })

    it('one that is committed in one phase goes on after a restart in its middle with the next row', async () => {
      const db = await database()
      {
        await using engine = run(db, { engine: { limits: { maxBatchEvents: 1 }, stopAfter: 2 } })
        await engine.streaming()
        await server.script("xa start 'one'; insert into t values (1, 'a'), (2, 'a'), (3, 'a'); insert into t values (4, 'b'); update t set v = 'c' where id = 1; xa end 'one'; xa commit 'one' one phase; insert into t values (0, 'behind')", db)
        await engine.ended
        expect(engine.seen.map(({ after }) => after?.['id'])).toEqual([1, 2])
      }
      await using engine = run(db)
      await engine.delivered(4)
      expect(engine.seen.map(({ op, after }) => `${op} ${String(after?.['id'])}`)).toEqual(['c 3', 'c 4', 'u 1', 'c 0'])
      await engine.stop()
    })

    it('its rows are read again after a restart over a connection that displaces no other replica, and that is made again when it is lost', { timeout: 60_000 }, async () => {
      const db = await database()
      await using neighbour = run(db, { name: 'neighbour', offsets: folder.file(`${db}-neighbour`), source: { serverId: 4_999, snapshot: { mode: 'no_data', locking: 'none' }, tables: [`${db}.other`] } })
      await neighbour.streaming()
      {
        await using engine = run(db, { source: { serverId: 5_000 } })
        await engine.streaming()
        await prepare(server, db, 'one', ROWS)
        await server.script("insert into t values (0, 'ordinary')", db)
        await engine.delivered(1)
        await engine.settled()
        await engine.stop()
      }
      await using proxy = await startTcpProxy(server.port)
      // so slowly that it can be lost in the middle
      proxy.rate(200_000)
      await using engine = run(db, { port: proxy.port, source: { serverId: 5_000 } })
      const isReading = ({ toClient }: ProxiedConnection): boolean => toClient > 100_000
      for (const end of ['cut', 'fin'] as const) {
        await engine.until(() => proxy.connections.some(isReading), 'part of the rows')
        proxy[end](isReading)
      }
      proxy.rate(undefined)
      await engine.streaming()
      await server.script("xa commit 'one'", db)
      await engine.delivered(ROWS)
      expect(engine.seen.map(({ after }) => after?.['id'])).toEqual(range(1, ROWS))
      expect([...engine.retries, ...neighbour.retries]).toEqual([])
      await engine.stop()
      await neighbour.stop()
    })

    it('one that is not where it was prepared is an error that no retry mends', async () => {
      const db = await database()
      {
        await using engine = run(db)
        await engine.streaming()
        await prepare(server, db, 'one', 1)
        await server.script("insert into t values (0, 'ordinary')", db)
        await engine.delivered(1)
        await engine.settled()
        await engine.stop()
      }
      const [end] = await server.query<{ Position: number }>(kind === 'mysql' ? 'show binary log status' : 'show master status')
      {
        await using store = fileOffsets(folder.file(db))
        const offset = (await store.load(db))!
        const [open] = offset.position['xa'] as { xid: string; file: string }[]
        await store.save({ ...offset, position: { ...offset.position, xa: [{ ...open!, pos: end!.Position }] } })
      }
      await using engine = run(db)
      expect((await engine.failure()).code).toBe('TR_MYSQL_RESUME_MISMATCH')
      await server.script("xa rollback 'one'", db)
    })

    it('a snapshot waits for one that is prepared, and nobody waits for the snapshot; if it does not end in time, the snapshot is tried again', async () => {
      const db = await database()
      await prepare(server, db, 'one', 2)
      const asked = async (): Promise<number> => Number((await server.query<{ Value: string }>("show global status like 'Com_xa_recover'"))[0]!.Value)
      const before = await asked()
      await using engine = run(db, { source: { snapshot: { lockTimeoutMs: 15_000 } } })
      await engine.until(async () => (await asked()) > before + 3, 'a snapshot that waits')
      await server.script("insert into other values (1, 'not held up'); xa commit 'one'", db)
      await engine.streaming()
      await engine.delivered(3)
      expect(brief(engine.seen)).toEqual(['r1', 'r1', 'r2'])
      expect(engine.retries).toEqual([])
      await engine.stop()

      await prepare(server, db, 'two', 1, 1_000)
      await using other = run(db, { name: 'other', offsets: folder.file(`${db}-other`), source: { snapshot: { lockTimeoutMs: 200 } } })
      await other.until(() => other.retries.length > 0, 'a retry')
      await server.script("xa rollback 'two'", db)
      await other.delivered(3)
      expect(brief(other.seen)).toEqual(['r1', 'r1', 'r2'])
      expect(new Set(other.retries.map(({ code }) => code))).toEqual(new Set(['TR_MYSQL_SNAPSHOT']))
      await other.stop()
    })

    it('what waits for its end needs as much memory as its rows have bytes: the limit is that of memory, and rows of other tables do not count', async () => {
      const db = await database()
      // for the rows of `t`, not for those of `other` as well
      await using engine = run(db, { source: { tables: [`${db}.t`], limits: { maxXaBytes: 700_000 } } })
      await engine.streaming()
      await server.leave(`xa start 'one'; ${filled('other', 9_999)}; ${filled('t', ROWS)}; xa end 'one'; xa prepare 'one'`, db)
      await server.script("insert into t values (0, 'ordinary')", db)
      await engine.delivered(1)
      const { bufferedBytes } = engine.engine.stats()
      expect(bufferedBytes).toBeGreaterThan(ROWS * 80)
      expect(bufferedBytes).toBeLessThan(700_000)
      await server.leave(`xa start 'two'; ${filled('t', 3_000, 100_000)}; xa end 'two'; xa prepare 'two'`, db)
      expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_XA_TOO_LARGE', kind: 'fatal', where: { limit: 700_000, open: 2 } })
      await server.script("xa rollback 'two'; xa rollback 'one'", db)
    })
  })
}

/** `count` rows with ids behind that one, into an XA transaction that is prepared. */
async function prepare(server: MysqlServer, database: string, xid: string, count: number, behind = 0): Promise<void> {
  await server.leave(`xa start '${xid}'; ${filled('t', count, behind)}; xa end '${xid}'; xa prepare '${xid}'`, database)
}

/** A statement that inserts so many rows of some hundred bytes, in order, with ids behind that one. */
function filled(table: string, count: number, behind = 0): string {
  const digits = '(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)'
  return `insert into ${table} select id + ${behind}, repeat('x', 80) from (select 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d as id from ${digits} a, ${digits} b, ${digits} c, ${digits} d) as numbers where id <= ${count} order by id`
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

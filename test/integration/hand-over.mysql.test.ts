import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MARIADB } from '../../src/source/mariadb/flavor.ts'
import { ResolvedConnection } from '../../src/source/mysql/connection.ts'
import type { Query } from '../../src/source/mysql/control.ts'
import { handOver, type HandOver } from '../../src/source/mysql/hand-over.ts'
import { MYSQL } from '../../src/source/mysql/mysql-flavor.ts'
import { readServerFacts, type ServerFacts } from '../../src/source/mysql/server.ts'
import { systemClock } from '../../src/time/clock.ts'
import { everyMysql } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { sideBySide } from '../server/side-by-side.ts'
import { clockOf, DELAY_MS } from './delay-clock.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { nextSecond, runMysql, type MysqlRunOptions, type ServerKind } from './mysql-run.ts'

/*
  The tables of a snapshot are those of its place in the log, with the columns that they had there. InnoDB shows what an ALTER TABLE has done
  before the log has it, and MariaDB shows what ALGORITHM=INSTANT did in old snapshots too.
*/

/** Read first; long enough that whoever waits in the sink keeps the next table from being read. */
const FIRST = 'create table first (id int primary key, v varchar(200)); insert into first select seq, repeat("x", 200) from numbers'
const NUMBERS = 'create table numbers (seq int primary key); insert into numbers with recursive n (i) as (select 1 union all select i + 1 from n where i < 900) select i from n'
const SECOND = 'create table second (id int primary key, v int default 7, w int) partition by range (id) (partition low values less than (2), partition high values less than maxvalue); insert into second values (1, 10, 100), (2, 20, 200)'

/** Alterations that begin beside a hand-over, at most, and how many of them have to come before it. */
const ROUNDS = 300
const BEFORE = 8

for (const { name, kind, suite, start } of await everyMysql()) {
  sideBySide(suite, `the hand-over from snapshot to log, ${name}`, () => {
    let server: MysqlServer
    const folder = offsetFolder()
    let made = 0

    beforeAll(async () => {
      server = await start()
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })

    async function database(sql: string): Promise<string> {
      const database = `db${++made}`
      await server.script(`create database ${database}; use ${database}; ${sql}`)
      return database
    }

    function run(database: string, { source, ...options }: Partial<MysqlRunOptions>): EngineRun {
      return runMysql({ kind: name as ServerKind, port: server.port, database, name: database, offsets: folder.file(database), source: { excludeTables: [`${database}.numbers`], ...source }, ...options })
    }

    function rowsOf(engine: EngineRun, table: string): unknown[] {
      return engine.seen.filter((event) => event.table.endsWith(`.${table}`)).map(({ op, after }) => [op, after])
    }

    async function handedOver(facts: ServerFacts, database: string): Promise<HandOver> {
      const connection = new ResolvedConnection({ host: '127.0.0.1', port: server.port, user: 'root', sslMode: 'disabled' }, undefined)
      return await handOver({ connection, flavor: kind === 'mysql' ? MYSQL : MARIADB, facts, locking: 'none', lockTimeoutMs: 10_000, clock: systemClock, reach: () => {} }, [{ database, name: 't' }], new AbortController().signal)
    }

    it('without a lock, an ALTER TABLE that comes meanwhile is in the log before the snapshot’s place, or not to be seen in it', async () => {
      const db = await database('create table t (id int primary key)')
      const facts = await server.withClient(db, (client) => readServerFacts(async (sql) => (await client.query(sql))[0] as Awaited<ReturnType<Query>>, kind))
      let before = 0
      const early: string[] = []
      await server.withClient(db, async (client) => {
        for (let round = 0; round < ROUNDS && before < BEFORE; round++) {
          const altered = delay(Math.random() * 6).then(() => client.query(`alter table t add column c${round} int default 5`))
          const handed = await handedOver(facts, db)
          const [shown] = await handed.worker.query(`show create table ${db}.t`)
          await handed.close()
          await altered
          const [behind] = (await client.query(`show binlog events in '${handed.place.file}' from ${handed.place.pos}`)) as unknown as [{ Info: string }[]]
          if (!String(shown?.['Create Table']).includes(`\`c${round}\``)) continue
          before++
          if (behind.some(({ Info }) => Info.includes(`add column c${round} `))) early.push(`c${round}`)
        }
      })
      expect(early).toEqual([])
      expect(before).toBeGreaterThan(0)
    })

    it.each([
      ['has a column dropped and added again', 'alter table second drop column v; alter table second add column v int default 7 after id', [['r', { id: 1, v: 7, w: 100 }], ['r', { id: 2, v: 7, w: 200 }]]],
      ['gets a column', 'alter table second add column x int default 9', [['r', { id: 1, v: 10, w: 100, x: 9 }], ['r', { id: 2, v: 20, w: 200, x: 9 }]]],
      ['has a column renamed', 'alter table second rename column v to y', [['r', { id: 1, y: 10, w: 100 }], ['r', { id: 2, y: 20, w: 200 }]]],
      ['loses a partition', 'alter table second drop partition low', [['r', { id: 2, v: 20, w: 200 }]]],
      ['is emptied', 'truncate table second', []],
      ['is dropped', 'drop table second', []],
    ])('a snapshot begins anew when a table %s before it is read', async (_, sql, rows) => {
      // tables as young as can be: what is done to them may come in the second that they were made in
      await nextSecond()
      const db = await database([NUMBERS, FIRST, SECOND].join(';'))
      let altered: Promise<unknown> | undefined
      await using engine = run(db, {
        engine: { limits: { maxBatchEvents: 10 }, retry: { initialDelayMs: 50 } },
        handle: async () => {
          altered ??= server.script(sql, db)
          await altered
        },
      })
      await engine.streaming()
      expect(engine.retries.map(({ code }) => code)).toEqual(['TR_MYSQL_SNAPSHOT'])
      expect(rowsOf(engine, 'second')).toEqual(rows)
      await server.script('insert into first values (1000, null)', db)
      await engine.until(() => engine.seen.at(-1)?.op === 'c', 'the stream')
      await engine.stop()
    })

    it('a table that is made while the hand-over waits for a lock is in the snapshot', async () => {
      const db = await database('create table first (id int primary key); insert into first values (1)')
      await server.withClient(db, async (client) => {
        await client.query('lock tables first write')
        await using engine = run(db, { source: { snapshot: { locking: 'none' } } })
        await engine.until(async () => (await server.value(`select count(*) from information_schema.processlist where db is null and state = 'Waiting for table metadata lock'`)) !== 0, 'waiting for the lock')
        await server.script('create table later (id int primary key); insert into later values (1), (2)', db)
        await client.query('unlock tables')
        await engine.streaming()
        expect(engine.retries.map(({ code }) => code)).toEqual(['TR_MYSQL_SNAPSHOT'])
        expect(rowsOf(engine, 'later')).toEqual([['r', { id: 1 }], ['r', { id: 2 }]])
        await engine.stop()
      })
    })

    it('a table that is made during the delay before a snapshot is in it', async () => {
      const db = await database('create table first (id int primary key)')
      const clock = clockOf(() => server.script('create table later (id int primary key); insert into later values (1)', db))
      await using engine = run(db, { source: { snapshot: { delayMs: DELAY_MS } }, engine: { runtime: { clock } } })
      await engine.streaming()
      expect(engine.retries).toEqual([])
      expect(rowsOf(engine, 'later')).toEqual([['r', { id: 1 }]])
      await engine.stop()
    })
  })
}

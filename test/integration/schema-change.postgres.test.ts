import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, runEngine, type EngineRun, type Seen } from './engine-run.ts'

/*
  Tables change while they are followed. Each scenario is read twice: by an engine that runs meanwhile, and by one that comes
  when all of it is over and the catalog knows nothing of what the rows were. Both deliver the same.
*/

const MAJORS = [14, 18] as const
const DB = 'ddl'
const LONG = "(select string_agg(md5(g::text), '') from generate_series(1, 200) g)"

const SCENARIOS: Readonly<Record<string, { readonly setup: string; readonly sql: string; readonly expected: readonly unknown[] }>> = {
  'DDL between the rows of one transaction': {
    setup: 'create table t (id int primary key, a int)',
    sql: `begin; insert into t values (1, 1); alter table t add b text default 'd'; insert into t values (2, 2, 'b'); alter table t rename a to z; insert into t values (3, 3, 'c');
      alter table t alter z type text using z::text || '!'; insert into t values (4, '4', 'd'); alter table t drop b; insert into t values (5, '5'); alter table t add b int; update t set b = 1 where id = 5; commit`,
    expected: [{ id: 1, a: 1 }, { id: 2, a: 2, b: 'b' }, { id: 3, z: 3, b: 'c' }, { id: 4, z: '4', b: 'd' }, { id: 5, z: '5' }, { id: 5, z: '5', b: 1 }],
  },
  'DDL that is rolled back to a savepoint': {
    setup: 'create table t (id int primary key, a int)',
    sql: 'begin; insert into t values (1, 1); savepoint s; alter table t add b int; insert into t values (2, 2, 2); rollback to s; insert into t values (3, 3); commit',
    expected: [{ id: 1, a: 1 }, { id: 3, a: 3 }],
  },
  'a table that is dropped and made again under its name, with other columns and another key': {
    setup: 'create table t (id int primary key, a int)',
    sql: "insert into t values (1, 1); begin; drop table t; create table t (k text primary key, id text); insert into t values ('k', 'i'); commit; update t set id = 'j'; drop table t; create table t (id bigint primary key); insert into t values (5)",
    expected: [{ id: 1, a: 1 }, { k: 'k', id: 'i' }, { k: 'k', id: 'j' }, { id: 5n }],
  },
  'two tables that change names': {
    setup: 'create table t (id int primary key, a text); create table u (id int primary key, b int)',
    sql: "insert into t values (1, 't'); begin; alter table t rename to x; alter table u rename to t; alter table x rename to u; insert into t values (2, 2); insert into u values (3, 'u'); commit; insert into t values (4, 4)",
    expected: [{ id: 1, a: 't' }, { id: 2, b: 2 }, { id: 3, a: 'u' }, { id: 4, b: 4 }],
  },
  'two columns that change names': {
    setup: 'create table t (id int primary key, a text, b text)',
    sql: "insert into t values (1, 'a', 'b'); alter table t rename a to c; alter table t rename b to a; alter table t rename c to b; insert into t values (2, 'first', 'second')",
    expected: [{ id: 1, a: 'a', b: 'b' }, { id: 2, b: 'first', a: 'second' }],
  },
  'a label that is added to an enum, and one that is renamed, with rows on both sides': {
    setup: "create type mood as enum ('sad', 'ok'); create table t (id int primary key, m mood, all_of mood[])",
    sql: "insert into t values (1, 'sad', '{sad}'); alter type mood add value 'happy' before 'ok'; insert into t values (2, 'happy', '{happy,ok}'); alter type mood rename value 'sad' to 'blue'; insert into t values (3, 'blue', '{blue,NULL}')",
    expected: [{ id: 1, m: 'sad', all_of: ['sad'] }, { id: 2, m: 'happy', all_of: ['happy', 'ok'] }, { id: 3, m: 'blue', all_of: ['blue', null] }],
  },
  'an unchanged out-of-line value is unavailable, never null, and FULL brings it': {
    setup: 'create table t (id int primary key, n int, long text); alter table t alter long set storage external',
    sql: `insert into t values (1, 1, ${LONG}), (2, 1, null); update t set n = 2; alter table t replica identity full; update t set n = 3 where id = 1; alter table t replica identity default; update t set n = 4 where id = 1; update t set id = 5 where id = 1`,
    expected: [{ id: 1, n: 1, long: 'long' }, { id: 2, n: 1, long: null }, { id: 1, n: 2, long: UNAVAILABLE }, { id: 2, n: 2, long: null }, { id: 1, n: 3, long: 'long' }, { id: 1, n: 4, long: UNAVAILABLE }, null, { id: 5, n: 4, long: UNAVAILABLE }],
  },
}

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('tables that change', () => {
  eachSideBySide(describe, MAJORS)('on PostgreSQL %i', (major) => {
    let server: PostgresServer
    const folder = offsetFolder()
    let count = 0

    beforeAll(async () => {
      server = await startPostgres({ major })
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })
    beforeEach(async () => {
      await server.createDatabase(DB)
      count++
    })

    function start(name: string): EngineRun {
      return runEngine({ port: server.port, database: DB, name: `${name}_${count}`, offsets: folder.file(`${major}-${name}-${count}`), source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' } } })
    }

    /** What one engine sees live, and another one afterwards. */
    async function twice(setup: string, sql: string): Promise<{ live: readonly Seen[]; late: readonly Seen[] }> {
      await server.script(DB, `create table mark (id int primary key); ${setup}; create publication p for all tables`)
      await server.query(`select pg_create_logical_replication_slot('late_${count}', 'pgoutput')`, DB)
      await using live = start('live')
      await live.streaming()
      await server.script(DB, `${sql}; insert into mark values (1)`)
      const marked = async (run: EngineRun): Promise<readonly Seen[]> => {
        await run.until(() => run.seen.at(-1)?.table === 'public.mark', 'the end')
        await run.stop()
        return run.seen.slice(0, -1)
      }
      const seen = await marked(live)
      await using late = start('late')
      return { live: seen, late: await marked(late) }
    }

    it.each(Object.keys(SCENARIOS))('%s: the same when it is read late', async (name) => {
      const { setup, sql, expected } = SCENARIOS[name]!
      const { live, late } = await twice(setup, sql)
      expect(live.map(({ after }) => short(after))).toEqual(expected)
      expect(late).toEqual(live)
    })

    it('key-only before images: all but the identity’s columns are unavailable', async () => {
      const { live, late } = await twice(
        "create table t (id int primary key, a text, b int); create table i (id int, code text not null, a int); create unique index by_code on i (code); alter table i replica identity using index by_code",
        "insert into t values (1, 'a', null); update t set a = 'b'; update t set id = 2; delete from t; insert into i values (1, 'c', null); update i set code = 'd'; delete from i",
      )
      expect(live.map(({ op, before }) => [op, before])).toEqual([
        ['c', null], ['u', null], ['d', { id: 1, a: UNAVAILABLE, b: UNAVAILABLE }], ['c', null], ['d', { id: 2, a: UNAVAILABLE, b: UNAVAILABLE }],
        ['c', null], ['d', { id: UNAVAILABLE, code: 'c', a: UNAVAILABLE }], ['c', null], ['d', { id: UNAVAILABLE, code: 'd', a: UNAVAILABLE }],
      ])
      expect(late).toEqual(live)
    })
  })
})

/** Rows as the scenarios write them. */
function short(row: Record<string, unknown> | null): unknown {
  return row === null ? null : Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' && value.length > 1000 ? 'long' : value]))
}

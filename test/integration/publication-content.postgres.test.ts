import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { PostgresOptions } from '../../src/source/postgres/index.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun, type Seen } from './engine-run.ts'
import { Replica, serverRows } from './replica.ts'

/*
  What a publication says is published – columns, rows, partitions, generated columns – holds for the snapshot as for the stream:
  rows that were there before and rows that come later look the same and bear the same table's name.
*/

const DB = 'published'
const withPostgres = await requirePostgres(18)

withPostgres('what a publication leaves out', () => {
  let server: PostgresServer
  const folder = offsetFolder()
  let count = 0

  beforeAll(async () => {
    server = await startPostgres({ major: 18 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    count++
  })

  function start(source: Partial<PostgresOptions> = {}): EngineRun {
    return runEngine({ port: server.port, database: DB, name: `p${count}`, offsets: folder.file(String(count)), source: { publication: { name: 'p', create: 'disabled' }, ...source } })
  }

  /** Runs from before `sql` to after it. */
  async function events(setup: string, sql: string, source: Partial<PostgresOptions> = {}): Promise<readonly Seen[]> {
    await server.script(DB, setup)
    await server.query('create table mark (id int primary key)', DB)
    await server.query('do $$ begin if not (select puballtables from pg_publication) then alter publication p add table mark; end if; end $$', DB)
    await using run = start(source)
    await run.streaming()
    await server.script(DB, `${sql}; insert into mark values (1)`)
    await run.until(() => run.seen.at(-1)?.table === 'public.mark', 'the end')
    await run.stop()
    return run.seen.slice(0, -1)
  }
  const columns = (seen: readonly Seen[], op: string): string[] => [...new Set(seen.filter((event) => event.op === op).map(({ after }) => Object.keys(after!).join()))]

  it('a column list: hidden columns are neither in the snapshot nor in the stream', async () => {
    const seen = await events(
      "create table t (id int primary key, shown text, hidden text, last int); insert into t values (1, 'a', 'secret', 5), (2, 'b', 'secret', 6); create publication p for table t (last, id, shown)",
      "insert into t values (3, 'c', 'secret', 7); update t set hidden = 'x'; update t set shown = 'z' where id = 1; delete from t where id = 2",
    )
    expect(columns(seen, 'r')).toEqual(['id,shown,last'])
    expect(columns(seen, 'c')).toEqual(['id,shown,last'])
    expect(JSON.stringify(seen)).not.toContain('secret')
    expect(new Replica(seen).rows('public.t')).toEqual(await serverRows(server, DB, 'select id, shown, last from t'))
  })

  it('a row filter: rows beyond it are in neither, and rows that cross it come and go', async () => {
    const seen = await events(
      'create table t (id int primary key, n int); insert into t select g, g from generate_series(1, 20) g; create publication p for table t where (n > 10); alter table t replica identity full',
      'insert into t values (30, 5), (31, 50); update t set n = n + 5; update t set n = 0 where id > 15; delete from t where id in (1, 12); update t set id = id + 100 where n > 10',
    )
    expect(seen.filter(({ op }) => op === 'r').map(({ after }) => after!['n'])).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(new Replica(seen).rows('public.t')).toEqual(await serverRows(server, DB, 'select * from t where n > 10'))
  })

  it('a row filter with quotes, casts and names that must be quoted', async () => {
    const seen = await events(
      `create table "T t" (id int primary key, "a b" text, "it's" text); insert into "T t" values (1, 'x''y', 'q'), (2, 'other', 'q'), (3, null, 'q'); create publication p for table "T t" where ("a b" = 'x''y' or "a b" is null); alter table "T t" replica identity full`,
      `insert into "T t" values (4, 'x''y', '1'), (5, 'no', '2')`,
    )
    expect(seen.map(({ op, after }) => `${op}${String(after!['id'])}`).sort()).toEqual(['c4', 'r1', 'r3'])
  })

  it.each([
    ['stored', 'create publication p for table t with (publish_generated_columns = stored)', ['id,n,twice']],
    ['none, but one is in the column list', 'create publication p for table t (id, twice)', ['id,twice']],
  ])('generated columns, published: %s', async (_, publication, expected) => {
    const seen = await events(
      `create table t (id int primary key, n int, twice int generated always as (n * 2) stored, thrice int generated always as (n * 3) virtual); insert into t (id, n) values (1, 1); ${publication}`,
      'insert into t (id, n) values (2, 2); update t set n = 5 where id = 1',
    )
    expect(columns(seen, 'c')).toEqual(expected)
    // as Debezium's, the snapshot has generated columns that the log lacks, unless a column list says otherwise
    expect(columns(seen, 'r')).toEqual([publication.includes('(id') ? expected[0] : 'id,n,twice,thrice'])
    expect(new Replica(seen).rows('public.t').map((row) => row['twice'])).toEqual([10, 4])
  })

  const PARTED = `
    create table parted (id int, region text, n int, primary key (id, region)) partition by list (region);
    create table parted_eu (n int, region text not null, id int not null, constraint eu primary key (id, region));
    alter table parted attach partition parted_eu for values in ('eu');
    create table parted_us partition of parted for values in ('us') partition by range (id);
    create table parted_us_low partition of parted_us for values from (0) to (100);
    create table parted_us_high partition of parted_us for values from (100) to (200);
    insert into parted (id, region, n) values (1, 'eu', 1), (2, 'us', 2), (150, 'us', 3);`
  const CHANGES = `
    insert into parted (id, region, n) values (3, 'eu', 4), (4, 'us', 5), (160, 'us', 6);
    update parted set n = n * 10;
    update parted set region = 'us' where id = 1;
    update parted set id = 170 where id = 2;
    delete from parted where id = 160;
    create table parted_as partition of parted for values in ('as');
    insert into parted (id, region, n) values (7, 'as', 7);
    truncate parted_us_low;`
  const LEAVES = ['parted_eu', 'parted_us_high', 'parted_us_low'] as const

  it.each([
    ['all tables', 'create publication p for all tables'],
    ['the root', 'create publication p for table parted'],
    ['the leaves', 'create publication p for table parted_eu, parted_us_low, parted_us_high'],
  ])('partitions under their own names: %s', async (_, publication) => {
    const seen = await events(PARTED + publication, CHANGES, { tables: ['public.parted*', 'public.mark'] })
    expect(seen.some(({ table }) => table === 'public.parted' || table === 'public.parted_us')).toBe(false)
    for (const leaf of LEAVES) expect(sameOrder(new Replica(seen).rows(`public.${leaf}`)), leaf).toEqual(sameOrder(await serverRows(server, DB, `select * from ${leaf}`, ['id', 'region'])))
  })

  it.each([
    ['all tables', 'create publication p for all tables with (publish_via_partition_root = true)'],
    ['the root', 'create publication p for table parted with (publish_via_partition_root = true)'],
    ['the root and a leaf', 'create publication p for table parted, parted_eu with (publish_via_partition_root = true)'],
  ])('partitions under the name of their root: %s', async (_, publication) => {
    const seen = await events(PARTED + publication, CHANGES.replace(/truncate.*/, ''), { tables: ['public.parted*', 'public.mark'] })
    expect(new Set(seen.map(({ table }) => table))).toEqual(new Set(['public.parted']))
    expect(new Replica(seen).rows('public.parted')).toEqual(await serverRows(server, DB, 'select * from parted', ['id', 'region']))
  })

  it('partitions under the name of the topmost table that is published: a branch of the tree', async () => {
    const seen = await events(`${PARTED} create publication p for table parted_us with (publish_via_partition_root = true)`, 'update parted set n = 5; insert into parted values (5, \'us\', 5)', { tables: ['public.parted_us', 'public.mark'] })
    expect(new Set(seen.map(({ table }) => table))).toEqual(new Set(['public.parted_us']))
    expect(new Replica(seen).rows('public.parted_us')).toEqual(await serverRows(server, DB, 'select * from parted_us', ['id', 'region']))
  })

  it('partitions under the name of the topmost table that is published: only a leaf', async () => {
    const seen = await events(`${PARTED} create publication p for table parted_eu with (publish_via_partition_root = true)`, "update parted set n = 5; insert into parted values (5, 'eu', 5)", { tables: ['public.parted_eu', 'public.mark'] })
    expect(new Set(seen.map(({ table }) => table))).toEqual(new Set(['public.parted_eu']))
    expect(sameOrder(new Replica(seen).rows('public.parted_eu'))).toEqual(sameOrder(await serverRows(server, DB, 'select * from parted_eu', ['id', 'region'])))
  })

  it.each([
    ['the root’s with publish_via_partition_root', 'parted where (n > 1), parted_eu where (n < 3) with (publish_via_partition_root = true)', { parted: 'select id, region, n from parted where n > 1' }],
    ['the leaf’s without it', 'parted, parted_eu where (n < 3)', { parted_eu: 'select id, region, n from parted_eu where n < 3', parted_us_low: 'select id, region, n from parted_us_low' }],
  ])('row filters of a root and of a leaf: what counts is %s', async (_, publication, expected) => {
    const changes = "insert into parted (id, region, n) values (3, 'eu', 9), (4, 'eu', 2), (5, 'us', 0), (6, 'us', 5)"
    const seen = await events(`${PARTED} create publication p for table ${publication}`, changes, { tables: ['public.parted*', 'public.mark'] })
    for (const [table, sql] of Object.entries(expected)) expect(sameOrder(new Replica(seen).rows(`public.${table}`)), table).toEqual(sameOrder(await serverRows(server, DB, sql, ['id', 'region'])))
  })

  it('inheritance: a child’s rows come once, under the child’s name', async () => {
    const seen = await events(
      "create table family (id int primary key, v text); create table child (extra int, primary key (id)) inherits (family); insert into family values (1, 'parent'); insert into child values (2, 'child', 5); create publication p for table family, child",
      "insert into family values (3, 'parent'); insert into child values (4, 'child', 6); update family set v = 'both'; delete from family where id = 2",
    )
    expect(new Replica(seen).rows('public.family')).toEqual(await serverRows(server, DB, 'select * from only family'))
    expect(new Replica(seen).rows('public.child')).toEqual(await serverRows(server, DB, 'select * from child'))
  })

  it('a table that is listed and not published is refused before anything is read', async () => {
    await server.script(DB, 'create table t (id int primary key); create table u (id int primary key); insert into u values (1); create publication p for table t')
    await using run = start({ tables: ['public.t', 'public.u'] })
    expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', where: { table: 'public.u' } })
    expect(run.seen).toEqual([])
  })
})

/** A leaf may have the columns in another order. */
function sameOrder(rows: readonly Record<string, unknown>[]): unknown[] {
  return rows.map((row) => [row['id'], row['region'], row['n']]).sort((a, b) => String(a) < String(b) ? -1 : 1)
}

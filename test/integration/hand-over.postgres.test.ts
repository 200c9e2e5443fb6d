import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Failpoint } from '../../src/observe/failpoint.ts'
import type { PostgresOptions } from '../../src/source/postgres/index.ts'
import { systemClock, type Clock } from '../../src/time/clock.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { clockOf, DELAY_MS } from './delay-clock.ts'
import { offsetFolder, runEngine, type EngineRun, type Seen } from './engine-run.ts'
import { Replica, serverRows } from './replica.ts'

/*
  From snapshot to stream: every row that is visible at the hand-over comes once as `r`, every change that is committed later
  comes once, whatever happens at that moment. Replica applies the events one by one and refuses any that does not fit;
  versions show that no change of a row was left out.
*/

const MAJORS = [14, 18] as const
const DB = 'handover'
const ROWS = 2000

const withPostgres = await requirePostgres(...MAJORS)
withPostgres('the hand-over from snapshot to stream', () => {
  describe.each(MAJORS)('on PostgreSQL %i', (major) => {
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
      await server.query(`create table t (id int primary key, version int not null, v text); alter table t replica identity full; insert into t select g, 0, g::text from generate_series(1, ${ROWS}) g`, DB)
    })

    function start(reach: (point: Failpoint) => void = () => {}, source: Partial<PostgresOptions> = {}, clock: Clock = systemClock): EngineRun {
      return runEngine({ port: server.port, database: DB, name: `h${count}`, offsets: folder.file(`${major}-${count}`), source, engine: { limits: { maxBatchEvents: 100 }, runtime: { reach, clock } } })
    }

    /** Everything that is in the table arrives, then the engine stops. */
    async function complete(run: EngineRun): Promise<void> {
      await server.query('insert into t values (1000000, 0, null)', DB)
      await run.until(() => run.seen.some(({ key }) => key?.['id'] === 1_000_000), 'the last row')
      await run.stop()
    }

    async function expectExact(run: EngineRun): Promise<void> {
      expectVersions(run.seen)
      expect(new Replica(run.seen).rows('public.t')).toEqual(await serverRows(server, DB, 'select * from t'))
      expect(run.retries).toEqual([])
    }

    it('is exact while many sessions write', async () => {
      const writers = Array.from({ length: 6 }, (_, seed) => new Writer(server.url(DB), seed))
      try {
        await expect.poll(() => writers.every(({ commits }) => commits > 20), { timeout: 60_000 }).toBe(true)
        await using run = start()
        await run.streaming()
        const at = writers.map(({ commits }) => commits)
        await expect.poll(() => writers.every(({ commits }, index) => commits > at[index]! + 20), { timeout: 60_000 }).toBe(true)
        for (const writer of writers) await writer.stop()
        await complete(run)
        await expectExact(run)
        expect(run.seen.filter(({ op }) => op === 'u').length).toBeGreaterThan(50)
      } finally {
        for (const writer of writers) await writer.stop()
      }
    })

    it.each<[Failpoint]>([['source.connected'], ['source.slot-created'], ['source.snapshot-exported'], ['source.snapshot-imported'], ['source.snapshot-row-chunk']])(
      'is exact when a rewriting ALTER TABLE comes at %s: it waits, and no row is lost', async (point) => {
        const client = new pg.Client({ connectionString: server.url(DB) })
        await client.connect()
        let altered: Promise<unknown> | undefined
        await using run = start((reached) => {
          if (reached === point) altered ??= client.query("alter table t alter column v type bigint using v::bigint * 10")
        })
        await run.streaming()
        await altered
        await client.end()
        const rows = run.seen.filter(({ op }) => op === 'r')
        expect(rows).toHaveLength(ROWS)
        // before the rewrite, or (where it was quicker than the locks) after it, but never half of it
        expect(new Set(rows.map(({ after, key }) => Number(after!['v']) / Number(key!['id']))).size).toBe(1)
        await server.query('update t set version = 1 where id = 1; update t set v = 7, version = 1 where id = 2', DB)
        await complete(run)
        expectVersions(run.seen)
        expect(run.seen.filter(({ op }) => op === 'u').map(({ after }) => [after!['id'], after!['v']])).toEqual([[1, 10n], [2, 7n]])
      },
    )

    it('has a table that is made while it waits for a lock, if the publication has it', async () => {
      const client = new pg.Client({ connectionString: server.url(DB) })
      await client.connect()
      await client.query('begin; lock table t in access exclusive mode')
      await using run = start(undefined, { publication: { name: `h${count}`, create: 'all_tables' } })
      await run.until(async () => (await server.value("select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()", DB)) === 1, 'waiting for the lock')
      await server.query('create table later (id int primary key); insert into later values (1), (2)', DB)
      await client.query('commit')
      await client.end()
      await run.streaming()
      expect(run.retries.map(({ code }) => code)).toEqual(['TR_PG_SNAPSHOT'])
      expect(run.seen.filter(({ table }) => table === 'public.later').map(({ op, key }) => [op, key])).toEqual([['r', { id: 1 }], ['r', { id: 2 }]])
      await server.query('insert into later values (3)', DB)
      await run.until(() => run.seen.at(-1)?.key?.['id'] === 3, 'the stream')
      await run.stop()
    })

    it('has a table that is made during the delay before it', async () => {
      const clock = clockOf(() => server.query('create table later (id int primary key); insert into later values (1)', DB))
      await using run = start(undefined, { publication: { name: `h${count}`, create: 'all_tables' }, snapshot: { delayMs: DELAY_MS } }, clock)
      await run.streaming()
      expect(run.retries.map(({ code }) => code)).toEqual(['TR_PG_SNAPSHOT'])
      expect(run.seen.filter(({ table }) => table === 'public.later')).toHaveLength(1)
      await run.stop()
    })

    it.each<[Failpoint]>([['source.slot-created'], ['source.snapshot-imported'], ['source.snapshot-row-chunk']])('is exact when a TRUNCATE comes at %s', async (point) => {
      let truncated: Promise<unknown> | undefined
      await using run = start((reached) => {
        if (reached === point) truncated ??= server.query("truncate t; insert into t values (5, 0, 'again')", DB)
      })
      await run.streaming()
      await truncated
      await complete(run)
      expect(run.seen.filter(({ op }) => op === 'r')).toHaveLength(ROWS)
      expect(run.seen.some(({ op }) => op === 't')).toBe(true)
      await expectExact(run)
    })

    /** A setting is taken up some time after a reload, by the checkpointer: another database's transactions tell when. Returns the one that waits. */
    async function commitsWait(probe: pg.Client): Promise<{ readonly made: Promise<unknown> }> {
      await server.query("alter system set synchronous_standby_names = 'nosuch'")
      await server.query('select pg_reload_conf()')
      for (let tries = 1; ; tries++) {
        let over = false
        const made = probe.query(`create table probe_${tries} ()`).finally(() => (over = true))
        while (!over) if ((await server.value("select count(*) = 1 from pg_stat_activity where wait_event = 'SyncRep'")) === true) return { made }
      }
    }

    it('is exact when a commit is in the WAL and not yet visible, because it waits for a standby', async () => {
      // made before: a CREATE PUBLICATION would wait as well
      await server.query(`create publication h${count} for table t`, DB)
      const [client, probe] = [DB, 'postgres'].map((database) => new pg.Client({ connectionString: server.url(database) })) as [pg.Client, pg.Client]
      await Promise.all([client.connect(), probe.connect()])
      try {
        const { made } = await commitsWait(probe)
        const update = client.query("update t set version = 1, v = 'waited' where id = 1")
        await server.until("select count(*) = 2 from pg_stat_activity where wait_event = 'SyncRep'")
        // the change is in the WAL, and a query does not see it
        expect(await server.value('select version from t where id = 1', DB)).toBe(0)
        await using run = start()
        // the slot waits for the transaction that has not ended yet, as others see it
        await server.until("select count(*) = 1 from pg_stat_activity where backend_type = 'walsender' and wait_event_type = 'Lock'")
        expect(run.seen).toEqual([])
        await server.query('alter system reset synchronous_standby_names')
        await server.query('select pg_reload_conf()')
        await Promise.all([update, made])
        await run.streaming()
        await complete(run)
        await expectExact(run)
        // once, be it in the snapshot or after it
        expect(run.seen.filter(({ after }) => after?.['v'] === 'waited')).toHaveLength(1)
      } finally {
        await Promise.all([client.end(), probe.end()])
        await server.query('alter system reset synchronous_standby_names')
        await server.query('select pg_reload_conf()')
      }
    })
  })
})

/** A row's versions follow each other without a gap: an update that was left out shows even where a later one has made up for it. */
function expectVersions(seen: readonly Seen[]): void {
  const versions = new Map<unknown, number>()
  for (const { op, key, after, id } of seen) {
    if (op === 't') versions.clear()
    else if (after === null) versions.delete(key!['id'])
    else {
      const version = after['version'] as number
      if (op === 'u') expect(version, id).toBe(versions.get(key!['id'])! + 1)
      versions.set(key!['id'], version)
    }
  }
}

/** Updates, deletes and inserts again, a few rows in each transaction, each time one version on. */
class Writer {
  commits = 0
  readonly #url: string
  readonly #seed: number
  readonly #done: Promise<void>
  #stopped = false

  constructor(url: string, seed: number) {
    this.#url = url
    this.#seed = seed
    this.#done = this.#run()
  }

  async #run(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    await client.connect()
    for (let turn = 0; !this.#stopped; turn++) {
      // rows of its own: no deadlocks
      const id = (index: number): number => ((turn * 7 + index * 13) % Math.floor(ROWS / 6)) * 6 + this.#seed + 1
      await client.query(`begin; update t set version = version + 1 where id in (${id(1)}, ${id(2)}); insert into t values (${id(3) + 100_000}, 0, 'new') on conflict (id) do update set version = t.version + 1; delete from t where id = ${id(4) + 100_000}; commit`)
      this.commits++
    }
    await client.end()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }
}

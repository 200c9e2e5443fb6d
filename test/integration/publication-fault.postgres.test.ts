import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres, type PostgresMajor, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { brief, numbered, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17, 18)
const DB = 'pub'

// Version 18 leaves out the rows of a publication that is missing, versions before end the stream with an error.
describe.each<PostgresMajor>([17, 18])('PostgreSQL %i', (major) => {
  withPostgres('a publication that is changed behind our back', () => {
    let server: PostgresServer
    const folder = offsetFolder()
    let count = 0
    let name: string

    beforeAll(async () => {
      server = await startPostgres({ major })
    })
    afterAll(async () => {
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })
    beforeEach(async () => {
      await server.createDatabase(DB)
      await server.query('create table t (id int primary key); create table u (id int primary key)', DB)
      name = `pub_${++count}`
    })

    function start(options: Partial<Parameters<typeof runEngine>[0]> = {}): EngineRun {
      return runEngine({ port: server.port, database: DB, name, offsets: folder.file(String(count)), ...options })
    }

    /** Streams a first change, so that there is an offset in the middle of the stream. */
    async function begun(run: EngineRun): Promise<void> {
      await run.streaming()
      await server.query('insert into t values (1)', DB)
      await run.delivered(1)
      await run.settled()
    }

    async function stoppedAfterFirst(): Promise<void> {
      await using run = start()
      await begun(run)
      await run.stop()
    }

    /** Whoever starts it again is told again: the reason does not go away by itself. */
    async function refusedAgain(): Promise<void> {
      await using again = start()
      expect(await again.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', kind: 'fatal' })
      expect(again.seen).toEqual([])
    }

    it('dropped while running: it stops, also when nothing is written', async () => {
      await using run = start()
      await begun(run)
      await server.query(`drop publication ${name}`, DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', kind: 'fatal' })
      expect(brief(run.seen)).toEqual(['c1'])
    })

    it('dropped while running, and rows follow at once: none of them is passed over in silence', async () => {
      // no look at the publication comes to help: the stream itself must tell
      await using run = start({ source: { status: { intervalMs: 600_000 } } })
      await begun(run)
      await server.query(`drop publication ${name}`, DB)
      await server.query('insert into t values (2)', DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', kind: 'fatal' })
      expect(brief(run.seen)).toEqual(['c1'])
      await refusedAgain()
    })

    it('dropped and made again while stopped', async () => {
      await stoppedAfterFirst()
      await server.query(`drop publication ${name}`, DB)
      await server.query('insert into t values (2)', DB)
      await server.query(`create publication ${name} for table t, u`, DB)
      await refusedAgain()
      await refusedAgain()
    })

    it('dropped while stopped: the one that is made in its place does not hide it', async () => {
      await stoppedAfterFirst()
      await server.query(`drop publication ${name}`, DB)
      await refusedAgain()
      await refusedAgain()
    })

    it('dropped while the network is away, and it may not be made: the reconnect tells', async () => {
      await server.query(`create publication ${name} for table t, u`, DB)
      await using proxy = await startTcpProxy(server.port)
      await using run = start({ port: proxy.port, source: { publication: { name, create: 'disabled' } } })
      await begun(run)
      proxy.refuse(true)
      proxy.cut()
      await run.until(() => run.retries.length > 0, 'the cut')
      await server.query(`drop publication ${name}`, DB)
      proxy.refuse(false)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', kind: 'fatal' })
    })

    it('a table taken out and put in again while stopped', async () => {
      await stoppedAfterFirst()
      await server.query(`alter publication ${name} drop table t`, DB)
      await server.query('insert into t values (2)', DB)
      await server.query(`alter publication ${name} add table t`, DB)
      await refusedAgain()
    })

    it('a table taken out while running: it stops without waiting for another change', async () => {
      await using run = start()
      await begun(run)
      await server.query(`alter publication ${name} drop table u`, DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', where: { publication: name, relation: expect.any(Number) as number } })
    })

    it('a table taken out and put in again while running: what was missed is not passed over', async () => {
      await using run = start()
      await begun(run)
      await server.query(`alter publication ${name} drop table t`, DB)
      await server.query('insert into t values (2)', DB)
      await server.query(`alter publication ${name} add table t`, DB)
      await server.query('insert into t values (3)', DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED' })
      expect(brief(run.seen)).not.toContain('c2')
      await refusedAgain()
    })

    it('updates that are not published any more, while running and while stopped', async () => {
      await using run = start()
      await begun(run)
      await server.query(`alter publication ${name} set (publish = 'insert, delete, truncate')`, DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED', kind: 'fatal' })
      await refusedAgain()
    })

    it('a row filter that appears while stopped: rows may have been left out', async () => {
      await stoppedAfterFirst()
      await server.query(`alter publication ${name} set table t where (id < 1000), u`, DB)
      await refusedAgain()
    })

    it('a table that was added while running and is taken out again later', async () => {
      await using run = start()
      await begun(run)
      await server.query(`create table later (id int primary key)`, DB)
      await server.query(`alter publication ${name} add table later`, DB)
      await server.query('insert into later values (10)', DB)
      await run.delivered(2)
      // the addition alone is no reason to stop: the next looks pass
      const looks = await server.value<string>(`select calls from (${LOOKS}) c`, DB)
      await server.until(`select calls > ${looks} + 300 from (${LOOKS}) c`, DB)
      await server.query(`alter publication ${name} drop table later`, DB)
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_PUBLICATION_CHANGED' })
    })

    it('tables that are added or dropped altogether are no reason to stop, neither running nor at the next start', async () => {
      await using run = start()
      await begun(run)
      await server.query('drop table u', DB)
      await server.query('create table v (id int primary key)', DB)
      await server.query(`alter publication ${name} add table v`, DB)
      const looks = await server.value<string>(`select calls from (${LOOKS}) c`, DB)
      await server.until(`select calls > ${looks} + 500 from (${LOOKS}) c`, DB)
      await server.query('insert into t values (2)', DB)
      await run.delivered(2)
      await run.stop()
      await server.query('insert into t values (3)', DB)
      await using again = start()
      await again.delivered(1)
      await again.stop()
      expect(brief([...run.seen, ...again.seen])).toEqual(numbered('c', 1, 3))
    })
  })
})

/** How often the catalog connection of the engine began a statement: the time of its last one moves with each look. */
const LOOKS = `select extract(epoch from max(query_start)) * 1000 as calls from pg_stat_activity where application_name = 'tailrace' and backend_type = 'client backend'`

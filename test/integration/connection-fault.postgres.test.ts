import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { isReplication, startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { brief, doubled, numbered, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'net'

withPostgres('a network that fails', () => {
  let server: PostgresServer
  let proxy: TcpProxy
  const folder = offsetFolder()
  let count = 0

  beforeAll(async () => {
    // until then a connection that was lost without a word holds the slot
    server = await startPostgres({ major: 17, settings: { wal_sender_timeout: '3s' } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key, v text)', DB)
    proxy = await startTcpProxy(server.port)
    count++
    return async () => await proxy[Symbol.asyncDispose]()
  })

  function start(options: Partial<Parameters<typeof runEngine>[0]> = {}): EngineRun {
    return runEngine({ port: proxy.port, database: DB, name: `net_${count}`, offsets: folder.file(String(count)), ...options })
  }

  async function insert(first: number, last: number): Promise<void> {
    await server.query(`insert into t select i, repeat('x', 100) from generate_series(${first}, ${last}) i`, DB)
  }

  it.each(['cut', 'fin'] as const)('%s of every connection while idle: it reconnects, nothing is lost and nothing comes twice', async (fault) => {
    await using run = start()
    await run.streaming()
    await insert(1, 3)
    await run.delivered(3)
    await run.settled()
    proxy[fault]()
    await insert(4, 6)
    await run.delivered(6)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 6))
    expect(run.retries.map(({ code }) => code)).toEqual(['TR_PG_DISCONNECTED'])
    await run.stop()
  })

  it('cut in the middle of a transaction, again and again: every row arrives once', async () => {
    await using run = start({ engine: { limits: { maxBatchEvents: 100 } } })
    await run.streaming()
    for (let round = 0; round < 8; round++) {
      // another place each time; the transaction is about 300 kB on the wire
      proxy.cutAfter(5_000 + round * 31_337, isReplication)
      await insert(round * 2000 + 1, round * 2000 + 2000)
      await run.delivered((round + 1) * 2000)
    }
    expect(brief(run.seen)).toEqual(numbered('c', 1, 16_000))
    expect(run.retries.length).toBeGreaterThanOrEqual(8)
    expect(run.offsets.some(({ position }) => position['transaction'] !== undefined)).toBe(true)
    await run.stop()
  })

  it('cut while the sink has a batch in its hands: that batch still counts and does not come again', async () => {
    let cut = false
    await using run = start({
      engine: { limits: { maxBatchEvents: 50 } },
      handle: async (events) => {
        if (cut || !events.some(({ key }) => key?.['id'] === 120)) return
        cut = true
        const { accepted } = proxy.counters
        proxy.cut()
        await expect.poll(() => proxy.connections.length, { timeout: 60_000 }).toBe(0)
        // the reconnect waits for the sink
        expect(proxy.counters.accepted).toBe(accepted)
      },
    })
    await run.streaming()
    await insert(1, 300)
    await run.delivered(300)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 300))
    expect(cut).toBe(true)
    await run.stop()
  })

  it('cut during the snapshot: the snapshot starts over, and then the stream follows it exactly', async () => {
    await insert(1, 20_000)
    await using run = start({
      engine: { limits: { maxBatchEvents: 500 } },
      handle: (events) => {
        if (run.retries.length === 0 && events.some(({ key }) => key?.['id'] === 3001)) proxy.cut()
      },
    })
    await run.until(() => run.retries.length > 0, 'the cut')
    await insert(20_001, 20_010)
    await run.until(() => run.seen.at(-1)?.key?.['id'] === 20_010, 'the last row')
    const again = run.seen.findLastIndex(({ snapshot }) => snapshot === 'first')
    expect(again).toBeGreaterThan(3000)
    const rest = brief(run.seen.slice(again))
    // what was inserted before the second snapshot is in it, the rest follows
    expect(rest.map((text) => text.slice(1))).toEqual(numbered('', 1, 20_010))
    expect(rest.slice(0, 20_000)).toEqual(numbered('r', 1, 20_000))
    await run.stop()
  })

  it('cut while the slot is being created: it is tried again, and what commits meanwhile is not lost', async () => {
    await insert(1, 2)
    await server.withClient(DB, async (writer) => {
      // CREATE_REPLICATION_SLOT waits for this transaction
      await writer.query('begin')
      await writer.query("insert into t values (3, 'open')")
      await using run = start()
      await server.until(`select count(*) = 1 from pg_stat_activity where backend_type = 'walsender' and wait_event_type = 'Lock'`)
      proxy.cut()
      await run.until(() => run.retries.length > 0, 'the cut')
      await insert(4, 5)
      await writer.query('commit')
      await insert(6, 7)
      await run.streaming()
      await insert(8, 9)
      await run.until(() => run.seen.some(({ key }) => key?.['id'] === 9), 'the last row')
      const last = run.seen.findLastIndex(({ snapshot }) => snapshot === 'first')
      expect(new Set(run.seen.slice(last).map(({ after }) => after?.['id']))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9]))
      expect(doubled(run.seen.slice(last))).toEqual([])
      expect(run.seen.slice(last)).toHaveLength(9)
      await run.stop()
      expect(await server.value('select count(*)::int from pg_replication_slots')).toBe(1)
    })
  })

  it('a black hole: it notices within a few status intervals, reconnects when the network is back, and loses nothing', async () => {
    await using run = start({ source: { status: { intervalMs: 100 }, connection: { host: '127.0.0.1', port: proxy.port, database: DB, user: 'postgres', sslmode: 'disable', connectTimeoutMs: 500 } } })
    await run.streaming()
    await insert(1, 3)
    await run.delivered(3)
    await run.settled()
    const before = performance.now()
    proxy.blackhole(true)
    await insert(4, 6)
    await run.until(() => run.retries.length > 0, 'notice')
    expect(performance.now() - before).toBeLessThan(2_000)
    expect(run.retries[0]).toMatchObject({ code: 'TR_PG_DISCONNECTED' })
    proxy.blackhole(false)
    await run.delivered(6)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 6))
    await run.stop()
  })

  it('a black hole that never ends: it stops all the same, in time', async () => {
    await using run = start({ source: { status: { intervalMs: 100 } }, engine: { stopTimeoutMs: 1_000 } })
    await run.streaming()
    await insert(1, 3)
    await run.delivered(3)
    await run.settled()
    proxy.blackhole(true)
    const before = performance.now()
    await run.stop()
    expect(performance.now() - before).toBeLessThan(3_500)
  })

  it('bytes that come one by one change nothing, in snapshot and stream', async () => {
    await insert(1, 20)
    proxy.oneByte(true)
    await using run = start()
    await run.streaming()
    await insert(21, 40)
    await server.query('update t set id = 100 where id = 1; delete from t where id = 2', DB)
    await run.delivered(43)
    expect(brief(run.seen)).toEqual([...numbered('r', 1, 20), ...numbered('c', 21, 40), 'd1', 'c100', 'd2'])
    expect(run.seen.slice(0, 40).every(({ after }) => after?.['v'] === 'x'.repeat(100))).toBe(true)
    expect(run.retries).toEqual([])
    await run.stop()
  })

  it('pg_terminate_backend of the walsender: it reconnects', async () => {
    await using run = start()
    await run.streaming()
    await insert(1, 3)
    await run.delivered(3)
    expect(await server.value('select pg_terminate_backend(active_pid) from pg_replication_slots')).toBe(true)
    await insert(4, 6)
    await run.delivered(6)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 6))
    expect(run.retries.map(({ code }) => code)).toEqual(['TR_PG_DISCONNECTED'])
    await run.stop()
  })

  it('the catalog connection is ended while the stream lives: the next table is looked up over a new one', async () => {
    await using run = start({ source: { tables: ['public.*'], publication: { name: `net_${count}`, create: 'all_tables' } } })
    await run.streaming()
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tailrace' and backend_type = 'client backend'`)
    await server.query('create table u (id int primary key)', DB)
    await server.query('insert into u values (7)', DB)
    await run.delivered(1)
    expect(run.seen[0]).toMatchObject({ op: 'c', table: 'public.u', after: { id: 7 } })
    await run.stop()
  })

  it('a connection that is refused for a while: it keeps trying, slower and slower', async () => {
    await using run = start()
    await run.streaming()
    proxy.refuse(true)
    proxy.cut()
    await run.until(() => run.retries.length >= 5, 'five attempts')
    await insert(1, 3)
    proxy.refuse(false)
    await run.delivered(3)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 3))
    expect(run.retries.slice(1, 5).every(({ code }) => code === 'TR_PG_CONNECT' || code === 'TR_PG_DISCONNECTED')).toBe(true)
    await run.stop()
  })
})

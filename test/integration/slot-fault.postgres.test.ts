import { readFile, writeFile } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { SnapshotMode } from '../../src/source/postgres/index.ts'
import { decodeOffset, encodeOffset } from '../../src/offset/file/offset-file.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { brief, numbered, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'slots'
const WAL_SENDER_TIMEOUT_MS = 2_000

withPostgres('a slot that is not as it was left', () => {
  let server: PostgresServer
  let proxy: TcpProxy
  const folder = offsetFolder()
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17, settings: { wal_sender_timeout: `${WAL_SENDER_TIMEOUT_MS}ms`, max_wal_size: '64MB', min_wal_size: '32MB' } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key); create table noise (v text)', DB)
    name = `slot_${++count}`
    proxy = await startTcpProxy(server.port)
    return async () => await proxy[Symbol.asyncDispose]()
  })

  interface Begin {
    readonly mode?: SnapshotMode
    readonly activeTimeoutMs?: number
    readonly offsets?: string
    readonly stopAfter?: number
  }

  function start({ mode = 'initial', activeTimeoutMs = 5_000, offsets = String(count), stopAfter }: Begin = {}): EngineRun {
    return runEngine({
      port: proxy.port, database: DB, name, offsets: folder.file(offsets),
      source: { tables: ['public.t'], snapshot: { mode }, slot: { name, activeTimeoutMs, createTimeoutMs: 10_000 } }, engine: stopAfter === undefined ? {} : { stopAfter },
    })
  }

  async function insert(...ids: number[]): Promise<void> {
    for (const id of ids) await server.query('insert into t values ($1)', DB, [id])
  }

  /** The row 1 by snapshot and 2 by stream, stored, and stopped. */
  async function stoppedAfterTwo(mode?: SnapshotMode): Promise<void> {
    await insert(1)
    await using run = start(mode === undefined ? {} : { mode })
    await run.streaming()
    await insert(2)
    await run.delivered(2)
    await run.settled()
    await run.stop()
    expect(brief(run.seen)).toEqual(['r1', 'c2'])
  }

  /** Refused, without a row, without a new slot; and the offset stays as it is. */
  async function refused(code: string): Promise<void> {
    const slots = `select slot_name, confirmed_flush_lsn from pg_replication_slots order by 1`
    const [offset, before] = [await readFile(folder.file(String(count))), await server.query(slots)]
    await using run = start()
    expect(await run.failure()).toMatchObject({ code, kind: 'fatal', where: { slot: name } })
    expect(run.seen).toEqual([])
    expect(run.retries).toEqual([])
    expect(await readFile(folder.file(String(count)))).toEqual(offset)
    expect(await server.query(slots)).toEqual(before)
  }

  /** More WAL than a slot may keep, in segments that a checkpoint then removes. */
  async function loseSlot(): Promise<void> {
    await server.query(`alter system set max_slot_wal_keep_size = '1MB'`)
    await server.query('select pg_reload_conf()')
    try {
      for (let round = 0; ; round++) {
        await server.query('insert into noise select repeat(md5(i::text), 30) from generate_series(1, 5000) i', DB)
        await server.query('select pg_switch_wal()')
        await server.query('checkpoint')
        if ((await server.value(`select wal_status from pg_replication_slots where slot_name = '${name}'`)) === 'lost') return
        expect(round).toBeLessThan(30)
      }
    } finally {
      await server.query('alter system reset max_slot_wal_keep_size')
      await server.query('select pg_reload_conf()')
    }
  }

  async function moveOffsetAhead(): Promise<void> {
    const file = folder.file(String(count))
    const offset = decodeOffset(await readFile(file), name, file)
    await writeFile(file, encodeOffset({ ...offset, position: { phase: 'stream', lsn: '7FFF/0' } }))
  }

  const breakages: Readonly<Record<string, readonly [code: string, fault: () => Promise<unknown>]>> = {
    'dropped': ['TR_PG_SLOT_MISSING', () => server.query('select pg_drop_replication_slot($1)', DB, [name])],
    'dropped and made again': ['TR_PG_SLOT_ADVANCED', async () => {
      await server.query('select pg_drop_replication_slot($1)', DB, [name])
      await insert(3)
      await server.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, DB, [name])
    }],
    'advanced by somebody else': ['TR_PG_SLOT_ADVANCED', async () => {
      await insert(3)
      await server.query('select pg_replication_slot_advance($1, pg_current_wal_lsn())', DB, [name])
    }],
    'lost, for it kept too much WAL': ['TR_PG_SLOT_LOST', loseSlot],
    'behind an offset that is ahead of the server': ['TR_PG_OFFSET_AHEAD', moveOffsetAhead],
  }

  it.each(Object.keys(breakages))('%s while stopped: it is refused, and nothing on the server is changed', async (what) => {
    const [code, fault] = breakages[what]!
    await stoppedAfterTwo()
    await fault()
    await refused(code)
  })

  it.each([...Object.keys(breakages), 'with its publication made again'])('%s while stopped, with when_needed: a new snapshot, and then the stream without a gap', async (what) => {
    await stoppedAfterTwo('when_needed')
    if (what in breakages) await breakages[what]![1]()
    else await server.query(`drop publication ${name}; create publication ${name} for table t`, DB)
    await insert(10)
    const rows = (await server.query<{ id: number }>('select id from t order by id', DB)).map(({ id }) => `r${id}`)
    await using run = start({ mode: 'when_needed' })
    await run.streaming()
    await insert(11, 12)
    await run.delivered(rows.length + 2)
    await run.settled()
    await run.stop()
    expect(brief(run.seen)).toEqual([...rows, 'c11', 'c12'])
    // and the offset of the new snapshot is good for the next start
    await insert(13)
    await using again = start({ mode: 'when_needed' })
    await again.delivered(1)
    await again.stop()
    expect(brief(again.seen)).toEqual(['c13'])
    expect(await server.value('select count(*)::int from pg_replication_slots')).toBe(1)
  })

  it.each<[SnapshotMode]>([['when_needed'], ['always']])('stopped in the middle of a change, then a new snapshot (%s): no row of it is taken for one that was delivered', async (mode) => {
    await using first = start({ mode: 'initial', stopAfter: 1 })
    await first.streaming()
    // a change of the key is a delete and an insert: only the delete is delivered
    await server.query('begin; insert into t values (1); commit; update t set id = 2', DB)
    expect(await first.ended).toBeUndefined()
    await using second = start({ mode: 'initial', stopAfter: 1 })
    expect(await second.ended).toBeUndefined()
    expect(brief([...first.seen, ...second.seen])).toEqual(['c1', 'd1'])
    expect(second.offsets.at(-1)).toMatchObject({ partial: 1 })
    await server.query('select pg_drop_replication_slot($1)', DB, [name])
    await using run = start({ mode })
    await run.streaming()
    await run.stop()
    expect(brief(run.seen)).toEqual(['r2'])
  })

  it.each<[SnapshotMode]>([['initial'], ['when_needed']])('lost while running (%s): the reconnect says so, or takes a new snapshot', async (mode) => {
    await insert(1)
    await using run = start({ mode })
    await run.streaming()
    await insert(2)
    await run.delivered(2)
    await run.settled()
    // its walsender must not keep up meanwhile
    proxy.refuse(true)
    proxy.cut()
    await server.until('select count(*) = 0 from pg_replication_slots where active')
    await loseSlot()
    await insert(3)
    proxy.refuse(false)
    if (mode === 'initial') {
      expect(await run.failure()).toMatchObject({ code: 'TR_PG_SLOT_LOST', kind: 'fatal' })
      expect(brief(run.seen)).toEqual(['r1', 'c2'])
      return
    }
    await run.delivered(5)
    await run.until(() => run.engine.state === 'streaming', 'streaming again')
    await insert(4)
    await run.delivered(6)
    await run.settled()
    expect(brief(run.seen)).toEqual(['r1', 'c2', 'r1', 'r2', 'r3', 'c4'])
    await run.stop()
  })

  it('dropped by force while running: the reconnect says so', async () => {
    await using run = start()
    await run.streaming()
    await insert(1)
    await run.delivered(1)
    await run.settled()
    proxy.refuse(true)
    proxy.cut()
    await server.until('select count(*) = 0 from pg_replication_slots where active')
    await server.query('select pg_drop_replication_slot($1)', DB, [name])
    proxy.refuse(false)
    expect(await run.failure()).toMatchObject({ code: 'TR_PG_SLOT_MISSING', kind: 'fatal' })
  })

  it('always: a network that fails takes no second snapshot, only the next start does', async () => {
    await insert(1)
    await using run = start({ mode: 'always' })
    await run.streaming()
    await insert(2)
    await run.delivered(2)
    await run.settled()
    proxy.cut()
    await insert(3)
    await run.delivered(3)
    await run.stop()
    expect(brief(run.seen)).toEqual(['r1', 'c2', 'c3'])
    await using again = start({ mode: 'always' })
    await again.streaming()
    await again.stop()
    expect(brief(again.seen)).toEqual(['r1', 'r2', 'r3'])
  })

  it('in use by another engine that runs: it waits, then says who has it', async () => {
    await using first = start()
    await first.streaming()
    const before = performance.now()
    await using second = start({ offsets: `${count}_second`, activeTimeoutMs: 700, mode: 'no_data' })
    const pid = await server.value<number>('select active_pid from pg_replication_slots')
    const error = await second.failure()
    expect(error).toMatchObject({ code: 'TR_PG_SLOT_ACTIVE', kind: 'definite', where: { slot: name, pid } })
    expect(error.message).toContain('tailrace')
    expect(performance.now() - before).toBeGreaterThan(700)
    // nor does it take a snapshot first, or make anything, for a slot that it cannot have
    await using snapshot = runEngine({ port: server.port, database: DB, name: `${name}_new`, offsets: folder.file(`${count}_third`), source: { tables: ['public.t'], slot: { name, activeTimeoutMs: 0 }, publication: { name: `${name}_new` } } })
    expect(await snapshot.failure()).toMatchObject({ code: 'TR_PG_SLOT_ACTIVE', kind: 'definite', where: { slot: name, pid } })
    expect(snapshot.seen).toEqual([])
    expect(await server.query('select pubname::text as name from pg_publication', DB)).toEqual([{ name }])
    // the first has not noticed anything
    await insert(1)
    await first.delivered(1)
    expect(first.retries).toEqual([])
    await first.stop()
  })

  it('in use by a consumer that died without a word: it waits until the server has noticed, and goes on', async () => {
    await stoppedAfterTwo()
    const mute = new pg.Client({ connectionString: server.url(DB), replication: 'database' } as pg.ClientConfig)
    mute.on('error', () => undefined)
    await mute.connect()
    // it takes the slot and never says anything again
    mute.query(`START_REPLICATION SLOT "${name}" LOGICAL 0/0 (proto_version '1', publication_names '"${name}"')`).catch(() => undefined)
    await server.until(`select active from pg_replication_slots where slot_name = '${name}'`)
    await insert(3)
    await using run = start()
    await run.delivered(1)
    await run.stop()
    expect(brief(run.seen)).toEqual(['c3'])
    await mute.end().catch(() => undefined)
  })

  it('held by its own connection that a black hole has swallowed: the reconnect waits as long as the server does', async () => {
    await using run = start({ activeTimeoutMs: 0 })
    await run.streaming()
    await insert(1)
    await run.delivered(1)
    await run.settled()
    // the server sees no end of the old connection until wal_sender_timeout
    proxy.blackhole(true)
    await run.until(() => run.retries.length > 0, 'notice')
    proxy.blackhole(false)
    await insert(2)
    await run.delivered(2)
    expect(brief(run.seen)).toEqual(numbered('c', 1, 2))
    await run.stop()
  })

  it('made for something else: unsuitable, and left alone', async () => {
    await server.query(`select pg_create_logical_replication_slot($1, 'pgoutput', false, true)`, DB, [name])
    await using twoPhase = start()
    expect(await twoPhase.failure()).toMatchObject({ code: 'TR_PG_SLOT_UNSUITABLE', kind: 'definite' })
    await server.query('select pg_drop_replication_slot($1)', DB, [name])
    await server.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, 'postgres', [name])
    await using elsewhere = start()
    expect(await elsewhere.failure()).toMatchObject({ code: 'TR_PG_SLOT_UNSUITABLE', kind: 'definite' })
    await server.query('select pg_drop_replication_slot($1)', 'postgres', [name])
    await server.query(`select pg_create_physical_replication_slot($1)`, DB, [name])
    await using physical = start()
    expect(await physical.failure()).toMatchObject({ code: 'TR_PG_SLOT_UNSUITABLE', kind: 'definite' })
    await server.query('select pg_drop_replication_slot($1)', DB, [name])
    expect(await server.query('select from pg_publication', DB)).toEqual([])
  })
})

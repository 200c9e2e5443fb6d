import { execFileSync } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { decodeOffset } from '../../src/offset/file/offset-file.ts'
import { formatLsn, parseLsn } from '../../src/source/postgres/position.ts'
import { reachablePostgres, serverAccount } from '../server/account.ts'
import { executable } from '../server/binary.ts'
import { processOptions } from '../server/data-dir.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { startTcpProxy } from '../server/tcp-proxy.ts'
import { brief, doubled, numbered, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'
import { SteadyWriter } from './steady-writer.ts'

const withPostgres = await requirePostgres(17)
const DB = 'fault'
/** A checkpoint and the last words of every process; what must not be in it is a wait for us. */
const PROMPT_MS = 5_000

/** The test servers are copies of one cluster; this one gets a system identifier of its own. */
async function newSystem(dataDir: string): Promise<void> {
  const account = serverAccount()
  const home = await reachablePostgres(17, account)
  await rm(dataDir, { recursive: true })
  execFileSync(path.join(home, 'bin', executable('initdb')), ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], { cwd: path.dirname(dataDir), stdio: 'pipe', ...processOptions(account, path.dirname(dataDir)) })
}

withPostgres('a server that goes away and comes back', () => {
  let server: PostgresServer
  const folder = offsetFolder()
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17, settings: { wal_sender_timeout: '2s' } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key); create table noise (id int primary key, v text)', DB)
    name = `fault_${++count}`
  })

  function start(options: Partial<Parameters<typeof runEngine>[0]> = {}): EngineRun {
    return runEngine({
      port: server.port, database: DB, name, offsets: folder.file(String(count)),
      source: { tables: ['public.t'], slot: { name, activeTimeoutMs: 5_000 }, status: { intervalMs: 200 } }, ...options,
    })
  }

  /** Everything that was confirmed to the writer has arrived, in order, once; besides it only commits of unknown outcome. */
  function complete(run: EngineRun, writer: SteadyWriter): void {
    const ids = run.seen.map(({ after }) => after?.['id'] as number)
    const arrived = new Set(ids)
    expect(writer.committed.filter((id) => !arrived.has(id))).toEqual([])
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(doubled(run.seen)).toEqual([])
    expect(arrived.size).toBe(ids.length)
  }

  it.each(['fast', 'immediate', 'kill9'] as const)('%s under load, again and again: nothing is lost, reordered or doubled', async (how) => {
    await using run = start()
    await run.streaming()
    await using writer = new SteadyWriter(server.url(DB))
    for (let round = 0; round < 3; round++) {
      await writer.more(50)
      const retries = run.retries.length
      await (how === 'kill9' ? server.kill9() : server.stop(how))
      // each time is noticed: one that follows at once could be part of the one before
      await run.until(() => run.retries.length > retries, 'a retry')
      await server.start()
      await run.streaming()
    }
    await writer.more(50)
    await writer[Symbol.asyncDispose]()
    await run.until(() => run.seen.some(({ after }) => after?.['id'] === writer.last), 'the last row')
    complete(run, writer)
    expect(run.retries.every(({ kind }) => kind === 'transient')).toBe(true)
    expect(run.retries.length).toBeGreaterThanOrEqual(3)
    await run.stop()
  })

  it('crashes, and the engine is started again as well: only what was not stored comes again', async () => {
    const before: string[] = []
    await using writer = new SteadyWriter(server.url(DB))
    for (let round = 0; round < 3; round++) {
      await using run = start()
      await run.streaming()
      await writer.more(30)
      await server.stop('immediate')
      await run.stop()
      before.push(...brief(run.seen))
      await server.start()
    }
    await writer.more(10)
    await writer[Symbol.asyncDispose]()
    await using run = start()
    await run.until(() => run.seen.at(-1)?.after?.['id'] === writer.last, 'the last row')
    await run.stop()
    // each stop stored what was delivered: no duplicates, although the server has forgotten what was confirmed to it
    const ids = [...before, ...brief(run.seen)].map((text) => Number(text.slice(1)))
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
    expect(writer.committed.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('down for a while: it keeps trying and goes on where it was', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    await server.stop()
    await run.until(() => run.retries.length >= 4, 'four attempts')
    await server.start()
    await server.query('insert into t values (2)', DB)
    await run.delivered(2)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 2))
  })

  async function stopsPromptly(): Promise<void> {
    const before = performance.now()
    await server.stop('fast')
    expect(performance.now() - before).toBeLessThan(PROMPT_MS)
    await server.start()
  }

  it('a fast shutdown ends promptly while the engine is idle', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    await stopsPromptly()
    await server.query('insert into t values (2)', DB)
    await run.delivered(2)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 2))
  })

  it('a fast shutdown ends promptly while the engine is busy', async () => {
    await using run = start({ handle: async () => delay(5), engine: { limits: { maxBatchEvents: 200 } } })
    await run.streaming()
    await server.query('insert into t select generate_series(1, 20000)', DB)
    await run.delivered(1_000)
    await stopsPromptly()
    await run.delivered(20_000)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 20_000))
  })

  it('a fast shutdown ends promptly while the sink is blocked: what it has in hand is neither confirmed nor lost', async () => {
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    await using run = start({ handle: async (events) => (events.some(({ key }) => key?.['id'] === 2) ? gate : undefined) })
    try {
      await run.streaming()
      await server.query('insert into t values (1)', DB)
      await run.delivered(1)
      await run.settled()
      await server.query('insert into t values (2)', DB)
      await server.query('insert into t values (3)', DB)
      await run.until(() => (run.engine.stats().positions.sent ?? '') !== run.engine.stats().positions.durable, 'the sink has it')
      await stopsPromptly()
      expect(run.engine.stats().positions.stored).toBe(run.engine.stats().positions.durable)
    } finally {
      open()
    }
    await run.delivered(3)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 3))
  })

  it('another system behind the same address is refused, at a start and at a reconnect', async () => {
    await using other = await startPostgres({ major: 17 })
    await other.stop()
    await newSystem(other.dataDir)
    await other.start()
    await other.createDatabase(DB)
    await other.query('create table t (id int primary key)', DB)
    await using proxy = await startTcpProxy(server.port)
    await using run = start({ port: proxy.port })
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    await run.settled()
    proxy.retarget(other.port)
    proxy.cut()
    expect(await run.failure()).toMatchObject({ code: 'TR_PG_SYSTEM_CHANGED', kind: 'fatal' })
    await using again = start({ port: proxy.port })
    expect(await again.failure()).toMatchObject({ code: 'TR_PG_SYSTEM_CHANGED', kind: 'fatal' })
    expect(again.seen).toEqual([])
    // refused before anything was made there
    expect(await other.query('select pubname::text as name from pg_publication union all select slot_name::text from pg_replication_slots', DB)).toEqual([])
    proxy.retarget(server.port)
    await server.query('insert into t values (2)', DB)
    await using back = start({ port: proxy.port })
    await back.delivered(1)
    await back.stop()
    expect(brief(back.seen)).toEqual(['c2'])
  })

  /** What a promoted standby does: recovery to the end of the WAL it has, then a timeline of its own. */
  async function promoted(): Promise<void> {
    await writeFile(`${server.dataDir}/recovery.signal`, '')
    await server.start({ restore_command: 'false' })
    await server.until('select not pg_is_in_recovery()')
  }

  function copy(from: string, to: string): void {
    execFileSync('cp', ['-a', from, to])
  }

  it('a promotion that has everything that was delivered: it goes on, on the new timeline', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    const before = await server.value('select timeline_id from pg_control_checkpoint()')
    await server.stop()
    await promoted()
    await server.query('checkpoint')
    expect(await server.value('select timeline_id from pg_control_checkpoint()')).not.toBe(before)
    await server.query('insert into t values (2)', DB)
    await run.delivered(2)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 2))
    expect(run.offsets.at(-1)?.identity['timeline']).not.toBe(before)
    // and the offset counts for the next start
    await server.query('insert into t values (3)', DB)
    await using again = start()
    await again.delivered(1)
    await again.stop()
    expect(brief(again.seen)).toEqual(['c3'])
  })

  it('a standby that is not promoted yet is waited for: what it sends has no place in the history so far', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    await run.settled()
    await server.stop()
    await writeFile(`${server.dataDir}/standby.signal`, '')
    await server.start({ restore_command: 'false' })
    const before = run.retries.length
    await run.until(() => run.retries.slice(before).some(({ message }) => message.includes('standby')), 'the standby is noticed')
    expect(await server.value('select count(*)::int from pg_replication_slots where active')).toBe(0)
    await server.query('select pg_promote()')
    await server.query('insert into t values (2)', DB)
    await run.delivered(2)
    await run.settled()
    await run.stop()
    await server.query('insert into t values (3)', DB)
    await using again = start()
    await again.delivered(1)
    await again.stop()
    expect(brief([...run.seen, ...again.seen])).toEqual(numbered('c', 1, 3))
  })

  it('a promotion that lacks what was delivered is refused: the two histories cannot be joined', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    await run.settled()
    await run.stop()
    await server.stop()
    const behind = `${server.dataDir}.behind`
    copy(server.dataDir, behind)
    await server.start()
    await using later = start()
    await server.query('insert into t values (2)', DB)
    await later.delivered(1)
    await later.settled()
    await later.stop()
    // the standby had not received that when it was promoted
    await server.stop()
    await rm(server.dataDir, { recursive: true })
    copy(behind, server.dataDir)
    await promoted()
    await server.query('insert into t select generate_series(10, 2000)', DB)
    await using refused = start()
    expect(await refused.failure()).toMatchObject({ code: 'TR_PG_TIMELINE_DIVERGED', kind: 'fatal' })
    expect(refused.seen).toEqual([])
  })

  it('a snapshot that fails at the same row each time: the retries are used up, although the rows before it are delivered each time', async () => {
    await server.query(`create table dates (id int primary key, m int); insert into dates select i, 1 from generate_series(1, 500) i; insert into dates values (501, 13)`, DB)
    await server.query(`create publication ${name} for table dates where (make_date(2000, m, 1) is not null) with (publish = 'insert')`, DB)
    await using run = start({
      source: { tables: ['public.dates'], slot: { name }, publication: { name, create: 'disabled' } }, engine: { limits: { maxBatchEvents: 100 }, retry: { maxAttempts: 2, initialDelayMs: 1 } },
    })
    expect(await run.failure()).toMatchObject({ code: 'TR_PG_QUERY', where: { sqlstate: '22008' } })
    expect(run.retries).toHaveLength(2)
    expect(run.seen.length).toBeGreaterThan(1_000)
  })

  it('idle tables: the slot follows what is written elsewhere, without a heartbeat', async () => {
    await using run = start()
    await run.streaming()
    await server.query('insert into t values (1)', DB)
    await run.delivered(1)
    for (let round = 0; round < 3; round++) {
      await server.query(`insert into noise select i, repeat('x', 500) from generate_series(${round * 10_000 + 1}, ${(round + 1) * 10_000}) i`, DB)
      const written = await server.value<string>('select pg_current_wal_lsn()::text')
      await server.until(`select confirmed_flush_lsn >= '${written}'::pg_lsn from pg_replication_slots where slot_name = '${name}'`)
    }
    expect(brief(run.seen)).toEqual(['c1'])
    await run.stop()
  })

  it('what the server holds as confirmed is never beyond what is stored, at any moment', async () => {
    await using run = start({ handle: async () => delay(Math.random() * 10), source: { tables: ['public.t'], status: { intervalMs: 20 }, slot: { name } } })
    await run.streaming()
    await using writer = new SteadyWriter(server.url(DB))
    const file = folder.file(String(count))
    let moves = 0
    let last = 0n
    await server.withClient(DB, async (client) => {
      while (moves < 25) {
        const { rows } = await client.query<{ lsn: string }>(`select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${name}'`)
        // asked first, read afterwards: what is stored can only have grown in between
        const { position } = decodeOffset(await readFile(file), name, file)
        const [confirmed, stored] = [parseLsn(rows[0]!.lsn)!, parseLsn(position['lsn'] as string)!] as const
        expect(confirmed <= stored, `${rows[0]!.lsn} is beyond ${formatLsn(stored)}`).toBe(true)
        if (confirmed > last) moves++
        last = confirmed
      }
    })
    await writer[Symbol.asyncDispose]()
    await run.until(() => run.seen.at(-1)?.after?.['id'] === writer.last, 'the last row')
    complete(run, writer)
    await run.stop()
  })
})

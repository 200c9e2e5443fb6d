import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import type { ErrorCode } from '../../src/error/code.ts'
import { TailraceError } from '../../src/index.ts'
import { decodeOffset, encodeOffset } from '../../src/offset/file/offset-file.ts'
import type { StoredOffset } from '../../src/offset/offset-store.ts'
import type { PostgresOptions } from '../../src/source/postgres/index.ts'
import { runCommand } from '../server/command.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { runEngine, type EngineRun, type RunOptions } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'bad'

type Properties = Readonly<Record<string, string | number | undefined>>

withPostgres('a mistake is told with one code, and leaves nothing behind', () => {
  let server: PostgresServer
  let folder: string
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17, hba: ['host all locked 127.0.0.1/32 scram-sha-256'] })
    await server.query(`create role locked login replication password 'right'`)
    await server.query('create role reader login replication')
    await server.query('create role plain login')
    folder = mkdtempSync(path.join(tmpdir(), 'tailrace-bad-'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key); insert into t values (1)', DB)
    name = `bad_${++count}`
    // those of other databases, and of none
    return async () => void (await server.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active and database is distinct from '${DB}'`))
  })

  const offsets = (): string => path.join(folder, `${count}.offset.json`)

  function configuration(properties: Properties = {}): string {
    const all = {
      'name': name, 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': 'x',
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': 'no', 'database.dbname': DB,
      'slot.name': name, 'publication.name': name, 'publication.autocreate.mode': 'filtered', 'offset.storage.file.filename': offsets(), 'offset.flush.interval.ms': 0, 'table.include.list': 'public\\\\.t',
      'errors.max.retries': 1, 'errors.retry.delay.initial.ms': 1, 'slot.max.retries': 0, ...properties,
    }
    const file = path.join(folder, `${count}.properties`)
    writeFileSync(file, Object.entries(all).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}\n`).join(''))
    return file
  }

  function start(source: Partial<PostgresOptions> = {}, options: Partial<RunOptions> = {}): EngineRun {
    return runEngine({ port: server.port, database: DB, name, offsets: offsets(), ...options, source: { slot: { name, activeTimeoutMs: 0 }, publication: { name }, tables: ['public.t'], ...source }, engine: { retry: { maxAttempts: 1, initialDelayMs: 1 } } })
  }

  const as = (user: string, database = DB): Partial<PostgresOptions> => ({ connection: { host: server.host, port: server.port, user, password: 'no', database, sslmode: 'disable' } })

  async function leftovers(): Promise<unknown[]> {
    return await server.query('select pubname::text as name from pg_publication union all select slot_name::text from pg_replication_slots order by 1', DB)
  }

  interface Mistake {
    readonly properties?: Properties
    readonly source?: () => Partial<PostgresOptions>
    readonly prepare?: () => Promise<unknown>
    readonly code: ErrorCode
    readonly says?: RegExp
  }

  const onServer: Readonly<Record<string, Mistake>> = {
    'a wrong password': { code: 'TR_PG_AUTH', properties: { 'database.user': 'locked' }, source: () => as('locked') },
    'a role that does not exist': { code: 'TR_PG_AUTH', properties: { 'database.user': 'nobody' }, source: () => as('nobody') },
    'a role that may not replicate': { code: 'TR_PG_PRIVILEGE', properties: { 'database.user': 'plain' }, source: () => as('plain'), says: /may not replicate|REPLICATION/ },
    'a missing database': { code: 'TR_PG_DATABASE_MISSING', properties: { 'database.dbname': 'nowhere' }, source: () => as('postgres', 'nowhere') },
    'a missing publication that may not be made': { code: 'TR_PG_PUBLICATION_MISSING', properties: { 'publication.autocreate.mode': 'disabled' }, source: () => ({ publication: { name, create: 'disabled' } }), says: /CREATE PUBLICATION/ },
    'a table without privileges': {
      code: 'TR_PG_PRIVILEGE', properties: { 'database.user': 'reader', 'publication.autocreate.mode': 'no_tables' },
      source: () => ({ ...as('reader'), publication: { name, create: 'no_tables' } }), says: /GRANT SELECT ON "public"."t"/,
    },
    'a slot of another database': { code: 'TR_PG_SLOT_UNSUITABLE', prepare: () => server.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, 'postgres', [name]) },
    'a slot with two-phase commit': { code: 'TR_PG_SLOT_UNSUITABLE', prepare: () => server.query(`select pg_create_logical_replication_slot($1, 'pgoutput', false, true)`, DB, [name]) },
    'a physical slot': { code: 'TR_PG_SLOT_UNSUITABLE', prepare: () => server.query('select pg_create_physical_replication_slot($1)', DB, [name]) },
    'a table without a replica identity': {
      code: 'TR_PG_REPLICA_IDENTITY', prepare: () => server.query('create table nokey (a int)', DB), properties: { 'table.include.list': 'public\\\\.nokey' },
      source: () => ({ tables: ['public.nokey'] }), says: /REPLICA IDENTITY/,
    },
  }

  it.each(Object.keys(onServer))('%s: run, check and the library', async (what) => {
    const { properties, source, prepare, code, says = /./ } = onServer[what]!
    await prepare?.()
    const before = await leftovers()
    const exit = exitCodeOf(new TailraceError(code))
    const file = configuration(properties)
    const run = await runCommand('run', file, '--status', 'json')
    const last = JSON.parse(run.stderr.split('\n').at(-2)!) as { message: string; remedy: string }
    expect({ ...run, last }).toMatchObject({ code: exit, stdout: '', last: { state: 'failed', code } })
    expect(`${last.message} ${last.remedy}`).toMatch(says)
    const check = await runCommand('check', file)
    expect({ code: check.code, stderr: check.stderr, first: check.stdout.split(':')[0] }).toEqual({ code: exit, stderr: '', first: `error ${code}` })
    await using engine = start(source?.())
    const error = await engine.failure()
    expect(error).toMatchObject({ code })
    expect(`${error.message} ${error.remedy}`).toMatch(says)
    expect(engine.seen).toEqual([])
    expect(await leftovers()).toEqual(before)
    expect(readdirSync(folder).filter((entry) => entry.startsWith(`${count}.offset`))).toEqual([])
  })

  it('a server whose wal_level is not logical', async () => {
    await using replica = await startPostgres({ major: 17, settings: { wal_level: 'replica' } })
    await replica.query('create table t (id int primary key)')
    const file = configuration({ 'database.port': replica.port, 'database.dbname': 'postgres' })
    expect(await runCommand('run', file)).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('tailrace: TR_PG_WAL_LEVEL: ') })
    expect(await runCommand('check', file)).toMatchObject({ code: 3, stdout: expect.stringMatching(/^error TR_PG_WAL_LEVEL: .*\n {2}fix: .*restart/), stderr: '' })
    await using engine = start({ connection: replica.url() })
    expect(await engine.failure()).toMatchObject({ code: 'TR_PG_WAL_LEVEL' })
    expect(await replica.query('select pubname from pg_publication')).toEqual([])
  })

  it.each<[what: string, properties: Properties, code: ErrorCode, says: RegExp]>([
    ['an expression that is none', { 'table.include.list': 'public.(a' }, 'TR_CONFIG_INVALID', /table\.include\.list/],
    ['a property with two letters swapped: the nearest name is proposed', { 'tabel.include.list': 'x' }, 'TR_CONFIG_UNKNOWN', /tabel\.include\.list.*did you mean table\.include\.list\?/],
    ['a slot name that the server would not take', { 'slot.name': 'My Slot' }, 'TR_CONFIG_INVALID', /slot\.name/],
    ['a number that is none', { 'database.port': 'many' }, 'TR_CONFIG_INVALID', /database\.port/],
    ['a snapshot mode that does not exist', { 'snapshot.mode': 'sometimes' }, 'TR_CONFIG_INVALID', /snapshot\.mode/],
  ])('%s', async (_, properties, code, says) => {
    const file = configuration(properties)
    const run = await runCommand('run', file)
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`tailrace: ${code}: `) })
    expect(run.stderr).toMatch(says)
    const check = await runCommand('check', file)
    expect(check).toMatchObject({ code: 2, stderr: '', stdout: expect.stringContaining(`error ${code}: `) })
    expect(check.stdout).toMatch(says)
    expect(await leftovers()).toEqual([])
  })

  it.each<[what: string, place: () => string, code: ErrorCode]>([
    ['a folder that is not there', () => path.join(folder, 'nowhere', 'offset.json'), 'TR_OFFSET_WRITE'],
    ['a folder in the place of the file', () => path.join(folder, 'folder.json'), 'TR_OFFSET_READ'],
  ])('an offset path that leads to %s', async (_, place, code) => {
    mkdirSync(path.join(folder, 'folder.json'), { recursive: true })
    const run = await runCommand('run', configuration({ 'offset.storage.file.filename': place() }))
    expect(run).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(`tailrace: ${code}: `) })
    await using engine = start({}, { offsets: place() })
    expect(await engine.failure()).toMatchObject({ code })
    expect(await leftovers()).toEqual([])
  })

  it('two engines at once, with the same offset file or only with the same slot: the second is refused, the first goes on', async () => {
    await using first = start()
    await first.streaming()
    const before = await leftovers()
    await using sameFile = start()
    expect(await sameFile.failure()).toMatchObject({ code: 'TR_OFFSET_LOCKED', where: { pid: process.pid } })
    expect(await runCommand('run', configuration())).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('TR_OFFSET_LOCKED') })
    const other = configuration({ 'offset.storage.file.filename': `${offsets()}.other`, 'publication.name': `${name}_other` })
    expect(await runCommand('run', other)).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('TR_PG_SLOT_ACTIVE') })
    expect(await leftovers()).toEqual(before)
    await server.query('insert into t values (2)', DB)
    await first.delivered(2)
    expect(first.retries).toEqual([])
    await first.stop()
  })

  describe('an offset file', () => {
    /** One that was written by a run. */
    async function written(): Promise<Buffer> {
      await using run = start()
      await run.streaming()
      await server.query('insert into t values (2)', DB)
      await run.delivered(2)
      await run.stop()
      return readFileSync(offsets())
    }

    /** Refused with this code, not replaced, and not taken for "none": that would be a new snapshot, or a gap. */
    async function refused(bytes: Buffer, codes: readonly ErrorCode[], what: string): Promise<void> {
      writeFileSync(offsets(), bytes)
      await using engine = start()
      const error = await engine.ended
      expect(codes, what).toContain(error?.code)
      expect(engine.seen).toEqual([])
      expect(readFileSync(offsets())).toEqual(bytes)
    }

    it('cut at any length, or with any bit turned', async () => {
      const good = await written()
      const slots = await server.query('select slot_name, confirmed_flush_lsn from pg_replication_slots')
      const lengths = [0, 1, 2, ...Array.from({ length: 40 }, (_, index) => Math.floor((index * good.length) / 40)), good.length - 2, good.length - 1]
      for (const length of lengths) await refused(good.subarray(0, length), ['TR_OFFSET_CORRUPT'], `cut at ${length}`)
      for (let index = 0; index < 60; index++) {
        // every part of the file, another bit each time; the same ones in every run
        const [at, bit] = [Math.floor((index * good.length) / 60), (index * 5) % 8]
        const bytes = Buffer.from(good)
        bytes[at]! ^= 1 << bit
        await refused(bytes, ['TR_OFFSET_CORRUPT', 'TR_OFFSET_VERSION'], `bit ${bit} of byte ${at}`)
      }
      await refused(Buffer.concat([good, good]), ['TR_OFFSET_CORRUPT'], 'twice')
      expect(await server.query('select slot_name, confirmed_flush_lsn from pg_replication_slots')).toEqual(slots)
      // the file itself is good
      writeFileSync(offsets(), good)
      await using run = start()
      await run.streaming()
      await run.stop()
      expect(run.seen).toEqual([])
      writeFileSync(offsets(), good.subarray(0, 100))
      expect(await runCommand('run', configuration())).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('tailrace: TR_OFFSET_CORRUPT: ') })
    })

    it.each<[what: string, change: (offset: StoredOffset) => StoredOffset, code: ErrorCode]>([
      ['another engine', (offset) => ({ ...offset, engine: 'another' }), 'TR_OFFSET_FOREIGN'],
      ['another kind of source', (offset) => ({ ...offset, source: 'mysql' }), 'TR_OFFSET_FOREIGN'],
      ['another slot', (offset) => ({ ...offset, identity: { ...offset.identity, slot: 'another' } }), 'TR_OFFSET_FOREIGN'],
      ['another database', (offset) => ({ ...offset, identity: { ...offset.identity, database: 'another' } }), 'TR_OFFSET_FOREIGN'],
      ['another system', (offset) => ({ ...offset, identity: { ...offset.identity, system: '7000000000000000000' } }), 'TR_PG_SYSTEM_CHANGED'],
      ['a history the server does not know', (offset) => ({ ...offset, identity: { ...offset.identity, timeline: 9 } }), 'TR_PG_TIMELINE_DIVERGED'],
      ['no position that makes sense', (offset) => ({ ...offset, position: { phase: 'stream', lsn: 'zero' } }), 'TR_OFFSET_CORRUPT'],
      ['a negative part of a transaction', (offset) => ({ ...offset, position: { ...offset.position, transaction: { commitLsn: '0/1', changes: -1, changeLsn: '0/1' } } }), 'TR_OFFSET_CORRUPT'],
    ])('of %s', async (_, change, code) => {
      const good = await written()
      const bytes = encodeOffset(change(decodeOffset(good, name, offsets())))
      await refused(bytes, [code], code)
      const run = await runCommand('run', configuration())
      expect({ ...run, coded: run.stderr.includes(`tailrace: ${code}: `) }).toMatchObject({ code: 4, stdout: '', coded: true })
      expect(readFileSync(offsets())).toEqual(bytes)
      expect(await leftovers()).toEqual([{ name }, { name }])
    })

    it('of a newer version', async () => {
      const text = (await written()).toString().replace('"version": 1', '"version": 2')
      expect(text).toContain('"version": 2')
      await refused(Buffer.from(text), ['TR_OFFSET_VERSION'], 'version 2')
      expect(await runCommand('run', configuration())).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('tailrace: TR_OFFSET_VERSION: ') })
    })
  })
})

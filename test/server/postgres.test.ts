import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { POSTGRES_MAJORS, startPostgres, type PostgresServer } from './postgres.ts'
import { isAlive } from './process.ts'
import { requirePostgres, requireTls } from './require.ts'

for (const major of POSTGRES_MAJORS) {
  const withPostgres = await requirePostgres(major)
  withPostgres(`PostgreSQL ${major}`, () => {
    it('decodes a change, and keeps slot and row when every process is killed', async () => {
      await using server = await startPostgres({ major })
      expect(await server.value('show server_version')).toMatch(new RegExp(`^${major}\\.`))
      await server.query("select pg_create_logical_replication_slot('s', 'test_decoding')")
      await server.script('postgres', "create table t (id int primary key); insert into t values (1);")
      const pid = server.pid
      await server.kill9()
      expect(pid !== undefined && isAlive(pid)).toBe(false)
      await expect(server.query('select 1')).rejects.toThrow('ECONNREFUSED')
      await server.start()
      const changes = await server.query<{ data: string }>("select data from pg_logical_slot_get_changes('s', null, null) where data like 'table%'")
      expect(changes).toEqual([{ data: 'table public.t: INSERT: id[integer]:1' }])
      await server.stop('fast')
      expect(server.pid).toBeUndefined()
    })
  })
}

const withPostgres = await requirePostgres(17)
withPostgres('a server of a test', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('runs each statement of a script in a transaction of its own, unless the script says begin', async () => {
    await server.createDatabase('script test')
    await server.script('script test', 'create table x (tx xid8 default pg_current_xact_id(), n int); insert into x (n) values (1); insert into x (n) values (2); begin; insert into x (n) values (3); insert into x (n) values (4); commit;')
    expect(await server.query('select count(*)::int n, count(distinct tx)::int tx from x', 'script test')).toEqual([{ n: 4, tx: 3 }])
    await expect(server.script('script test', 'select 1; select nothing')).rejects.toThrow('select nothing')
  })

  it('drops a database together with a slot that is in use', async () => {
    await server.createDatabase('busy')
    await server.query("select pg_create_logical_replication_slot('busy', 'pgoutput')", 'busy')
    await server.query('create publication p for all tables', 'busy')
    const client = new pg.Client({ connectionString: server.url('busy'), replication: 'database' } as pg.ClientConfig)
    client.on('error', () => undefined)
    await client.connect()
    const streaming = client.query(`START_REPLICATION SLOT busy LOGICAL 0/0 (proto_version '1', publication_names 'p')`).catch((error: unknown) => String(error))
    await server.until('select bool_or(active) from pg_replication_slots')
    await server.dropDatabase('busy')
    expect(await streaming).toMatch(/terminat/)
    expect(await server.query("select 1 from pg_replication_slots union all select 1 from pg_database where datname = 'busy'")).toEqual([])
  })

  it('starts again with other settings on the same port', async () => {
    const { port } = server
    expect(await server.value('show wal_sender_timeout')).toBe('1min')
    await server.stop('immediate')
    await server.start({ wal_sender_timeout: '2s' })
    expect(server.port).toBe(port)
    expect(await server.value('show wal_sender_timeout')).toBe('2s')
  })

  it('says what the server said when it does not start', async () => {
    await expect(startPostgres({ major: 17, settings: { wal_level: 'sometimes' } })).rejects.toThrow(/did not start: .*wal_level/s)
  })

  it('does not outlive the process that started it, even when that is killed', async () => {
    const orphan = await startPostgres({ major: 17 })
    const dir = path.dirname(orphan.dataDir)
    const { pid } = orphan
    // What watch() does, in a process that can be killed: a watchdog at the other end of its pipe.
    const parent = spawn(process.execPath, ['-e', PARENT, fileURLToPath(new URL('watchdog.mjs', import.meta.url)), dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(parent.stdout, 'data')
    expect(await orphan.value('select 1')).toBe(1)
    parent.kill('SIGKILL')
    while (isAlive(pid!) || existsSync(dir)) await new Promise((resolve) => setTimeout(resolve, 10))
    await orphan[Symbol.asyncDispose]()
  })
})

const withTls = await requireTls()
withPostgres('a server with TLS', () => {
  withTls('and certificates', () => {
    it('asks for TLS and a password where pg_hba says so', async () => {
      const hba = ['hostssl all guest 127.0.0.1/32 scram-sha-256', 'hostnossl all guest 127.0.0.1/32 reject']
      await using secure = await startPostgres({ major: 17, tls: true, hba })
      await secure.query("create role guest login password 'pass word'")
      const { ca, strangerCa } = secure.certificates!
      const login = async (authority: string | undefined, password = 'pass word'): Promise<unknown> => {
        const ssl = authority === undefined ? false : { ca: readFileSync(authority, 'utf8'), servername: 'localhost' }
        const client = new pg.Client({ host: 'localhost', port: secure.port, user: 'guest', password, database: 'postgres', ssl })
        try {
          await client.connect()
          return (await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows
        } finally {
          await client.end()
        }
      }
      expect(await login(ca)).toEqual([{ ssl: true }])
      await expect(login(ca, 'wrong')).rejects.toThrow('password authentication failed')
      await expect(login(strangerCa)).rejects.toThrow(/certificate|signature/)
      await expect(login(undefined)).rejects.toThrow('pg_hba.conf rejects')
    })

    it('shows a certificate for another host name when asked to', async () => {
      await using other = await startPostgres({ major: 17, tls: 'other-host' })
      const ssl = { ca: readFileSync(other.certificates!.ca, 'utf8'), servername: 'localhost' }
      const client = new pg.Client({ host: 'localhost', port: other.port, user: 'postgres', ssl })
      await expect(client.connect()).rejects.toThrow(/altnames/)
    })
  })
})

const PARENT = `
  const [, watchdog, dir] = process.argv
  const child = require('node:child_process').spawn(process.execPath, [watchdog], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  child.stdin.write('+' + dir + '\\n', () => console.log('watched'))
  setInterval(() => undefined, 1000)
`

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../server/command.ts'
import { freePort } from '../server/port.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

const withPostgres = await requirePostgres(17)
const DB = 'shop'
const CANARY = 'cAnArY-4711'

interface Line {
  readonly destination: string
  readonly key: unknown
  readonly value: { readonly op: string; readonly after: Record<string, unknown> | null } | null
}

withPostgres('the command against a server', () => {
  let server: PostgresServer
  let folder: string
  let count = 0

  beforeAll(async () => {
    server = await startPostgres({ major: 17, hba: ['host all locked 127.0.0.1/32 scram-sha-256'] })
    await server.query(`create role locked login replication password 'right'`)
    await server.query('create role reader login replication')
    folder = mkdtempSync(path.join(tmpdir(), 'tailrace-command-'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.script(DB, "create table orders (id int primary key, total numeric(10,2)); insert into orders values (1, 1.50), (2, 2.50); create table note (text text)")
    count++
  })

  /** A configuration file for this server with these properties besides; undefined takes one away. */
  function configuration(properties: Readonly<Record<string, string | number | undefined>> = {}): string {
    const all = {
      'name': 'shop', 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': 'shop',
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': CANARY, 'database.dbname': DB,
      'slot.name': `slot_${count}`, 'offset.storage.file.filename': offsets(), 'offset.flush.interval.ms': 0, 'table.include.list': 'public\\\\.orders',
      'converter.schemas.enable': 'false', 'errors.max.retries': 1, 'errors.retry.delay.initial.ms': 1, 'slot.max.retries': 0, ...properties,
    }
    const file = path.join(folder, `${count}.properties`)
    writeFileSync(file, Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}\n`).join(''))
    return file
  }

  function offsets(): string {
    return path.join(folder, `${count}.offset.json`)
  }

  function records(stdout: string): Line[] {
    return stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Line)
  }

  function states(stderr: string): unknown[] {
    return stderr.split('\n').slice(0, -1).map((line) => JSON.parse(line) as { state?: string }).filter((status) => status.state !== undefined).map((status) => status.state)
  }

  it('run: writes the rows, then the changes, stops when idle, and goes on from there the next time', async () => {
    const file = configuration()
    const first = await runCommand('run', file, '--stop-when-idle', '500ms', '--status', 'json')
    expect(first).toMatchObject({ code: 0, signal: null })
    expect(records(first.stdout).map((record) => [record.destination, record.key, record.value?.op])).toEqual([['shop.public.orders', { id: 1 }, 'r'], ['shop.public.orders', { id: 2 }, 'r']])
    expect(states(first.stderr)).toEqual(['preflight', 'snapshot', 'streaming', 'draining', 'stopped'])

    await server.query("insert into orders values (3, 3.50); delete from orders where id = 1", DB)
    // longer than a busy machine may take for the changes
    const second = await runCommand('run', file, '--stop-when-idle', '3s', '--status', 'json')
    expect(records(second.stdout).map((record) => [record.key, record.value?.op ?? null])).toEqual([[{ id: 3 }, 'c'], [{ id: 1 }, 'd'], [{ id: 1 }, null]])
    expect(states(second.stderr)).toEqual(['preflight', 'streaming', 'draining', 'stopped'])
    expect(second.stderr.split('\n').at(-2)).toBe('{"state":"stopped","records":3}')
  })

  it('run: stops after exactly the records asked for, and the next run begins with the next one', async () => {
    const file = configuration()
    expect(records((await runCommand('run', file, '--stop-after', '1')).stdout).map((record) => record.key)).toEqual([{ id: 1 }])
    await server.query("insert into orders values (3, 3.50)", DB)
    const rest = await runCommand('run', file, '--stop-after', '3')
    // A snapshot that was not finished is taken again.
    expect(records(rest.stdout).map((record) => record.key)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(rest).toMatchObject({ code: 0, stderr: '' })
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('run: %s ends it cleanly, with what was delivered stored', async (signal) => {
    const file = configuration()
    await using command = startCommand(['run', file, '--status', 'json'])
    await command.until('stderr', (text) => text.includes('"state":"streaming"'))
    command.kill(signal)
    const { code, stderr } = await command.ended
    expect(code).toBe(0)
    expect(states(stderr).at(-1)).toBe('stopped')
    const again = await runCommand('run', file, '--stop-when-idle', '300ms')
    expect(again).toMatchObject({ code: 0, stdout: '' })
  })

  it('run: --set comes in the place of the file’s property, --lenient lets unknown ones pass with a warning', async () => {
    const file = configuration({ 'tabel.include.list': 'x', 'topic.prefix': 'other' })
    const { code, stdout, stderr } = await runCommand('run', file, '--lenient', '--set', 'topic.prefix=mine', '--set', 'snapshot.mode=initial_only', '--status', 'json')
    expect(code).toBe(0)
    expect(records(stdout).map((record) => record.destination)).toEqual(['mine.public.orders', 'mine.public.orders'])
    expect(JSON.parse(stderr.split('\n')[0]!)).toMatchObject({ warning: { code: 'TR_CONFIG_UNKNOWN', message: 'tabel.include.list: unknown property; did you mean table.include.list?' } })
  })

  it('run: takes a configuration of Debezium Server, with its password from the environment', async () => {
    const text = readFileSync(configuration({ 'database.password': '${DB_PASSWORD}', 'name': undefined }), 'utf8').replace(/^(?!converter)/gm, 'debezium.source.').replace(/^debezium.source.$/m, '').replace('converter.', 'debezium.format.')
    const file = path.join(folder, `${count}.server.properties`)
    writeFileSync(file, `${text}\ndebezium.sink.type=stdout\nquarkus.log.level=INFO\n`)
    await using command = startCommand(['run', file, '--stop-after', '2'], { DB_PASSWORD: CANARY })
    const { code, stdout, stderr } = await command.ended
    expect({ code, stderr, keys: records(stdout).map((record) => record.key) }).toEqual({ code: 0, stderr: '', keys: [{ id: 1 }, { id: 2 }] })
  })

  it('run: a reader that goes away ends it with a code, and the offset stays behind what was read', async () => {
    const file = configuration()
    await using command = startCommand(['run', file])
    await command.until('stdout', (text) => text.includes('\n'))
    command.hangUp()
    await server.query('insert into orders select g, g from generate_series(10, 20) g', DB)
    const { code, stderr } = await command.ended
    expect({ code, coded: stderr.includes('TR_SINK_CLOSED') }).toEqual({ code: 3, coded: true })
  })

  it('check: says that nothing stands in the way, and makes nothing', async () => {
    expect(await runCommand('check', configuration())).toEqual({ code: 0, signal: null, stdout: 'Nothing stands in the way\n', stderr: '' })
    expect(await server.query('select pubname::text as name from pg_publication union all select slot_name::text from pg_replication_slots', DB)).toEqual([])
    expect(existsSync(offsets())).toBe(false)
  })

  it('check: lists every finding with its fix', async () => {
    const { code, stdout } = await runCommand('check', configuration({ 'database.user': 'reader', 'table.include.list': 'public\\\\..*' }))
    expect(code).toBe(3)
    expect(stdout).toMatch(/^error TR_PG_PRIVILEGE: .*"orders" may not be read\n {2}fix: GRANT SELECT ON "public"."orders"/m)
    expect(stdout).toMatch(/^error TR_PG_PRIVILEGE: .*superuser/m)
    expect(stdout).toMatch(/\d+ errors, \d+ warnings?\n$/)
  })

  describe('a mistake is one coded error, with its exit code, and nothing on standard output', () => {
    it.each<[what: string, properties: Readonly<Record<string, string | number | undefined>>, exit: number, code: string]>([
      ['wrong password', { 'database.user': 'locked' }, 3, 'TR_PG_AUTH'],
      ['missing database', { 'database.dbname': 'nowhere' }, 3, 'TR_PG_DATABASE_MISSING'],
      ['missing publication', { 'publication.name': 'nope', 'publication.autocreate.mode': 'disabled' }, 3, 'TR_PG_PUBLICATION_MISSING'],
      ['table without privilege', { 'database.user': 'reader', 'publication.autocreate.mode': 'no_tables' }, 3, 'TR_PG_PRIVILEGE'],
      ['invalid expression', { 'table.include.list': 'public.(a' }, 2, 'TR_CONFIG_INVALID'],
      ['misspelled property', { 'tabel.include.list': CANARY }, 2, 'TR_CONFIG_UNKNOWN'],
      ['unsupported property', { 'transforms': CANARY }, 2, 'TR_CONFIG_UNSUPPORTED'],
      ['unwritable offset path', { 'offset.storage.file.filename': '/proc/nope/offset.json' }, 3, 'TR_OFFSET_WRITE'],
    ])('%s', async (_, properties, exit, code) => {
      const file = configuration(properties)
      const { code: ended, stdout, stderr } = await runCommand('run', file, '--status', 'json')
      const last = JSON.parse(stderr.split('\n').at(-2)!) as unknown
      expect({ ended, stdout, last }).toMatchObject({ ended: exit, stdout: '', last: { state: 'failed', code, message: expect.stringMatching(/./), remedy: expect.stringMatching(/./) } })
      expect(stderr).not.toContain(CANARY)
      const forPeople = await runCommand('run', file)
      expect(forPeople).toMatchObject({ code: exit, stdout: '', stderr: expect.stringContaining(`tailrace: ${code}: `) })
      expect(forPeople.stderr).not.toContain(CANARY)
    })

    it('nothing listens on the port', async () => {
      const { code, stdout, stderr } = await runCommand('run', configuration({ 'database.port': await freePort() }))
      expect({ code, stdout, coded: stderr.includes('tailrace: TR_PG_CONNECT: ') }).toEqual({ code: 5, stdout: '', coded: true })
    })

    it('a server without logical decoding', async () => {
      await using replica = await startPostgres({ major: 17, settings: { wal_level: 'replica' } })
      const { code, stdout, stderr } = await runCommand('run', configuration({ 'database.port': replica.port, 'database.dbname': 'postgres' }))
      expect({ code, stdout, coded: stderr.includes('tailrace: TR_PG_WAL_LEVEL: wal_level is replica') }).toEqual({ code: 3, stdout: '', coded: true })
    })

    it('a configuration file that is not there', async () => {
      const { code, stdout, stderr } = await runCommand('run', path.join(folder, 'nowhere.properties'))
      expect({ code, stdout, coded: stderr.includes('TR_CONFIG_FILE') && stderr.includes('ENOENT') }).toEqual({ code: 2, stdout: '', coded: true })
    })

    it.each([
      ['cut short', '{"engine":'],
      ['cut short as a crash of Debezium leaves it', Buffer.from('aced0005737200116a6176612e7574696c2e486173684d6170', 'hex')],
    ])('an offset file that is %s is left as it is', async (_, content) => {
      writeFileSync(offsets(), content)
      const { code, stdout, stderr } = await runCommand('run', configuration())
      expect({ code, stdout, coded: stderr.includes('tailrace: TR_OFFSET_CORRUPT: ') }).toEqual({ code: 4, stdout: '', coded: true })
      expect(readFileSync(offsets())).toEqual(Buffer.from(content))
    })

    it('two engines at once: the second is refused, by the offset file or by the slot', async () => {
      await using first = startCommand(['run', configuration(), '--status', 'json'])
      await first.until('stderr', (text) => text.includes('"state":"streaming"'))
      const sameFile = await runCommand('run', configuration())
      expect({ code: sameFile.code, stdout: sameFile.stdout, coded: sameFile.stderr.includes('tailrace: TR_OFFSET_LOCKED: ') }).toEqual({ code: 3, stdout: '', coded: true })
      const sameSlot = await runCommand('run', configuration({ 'offset.storage': 'memory', 'snapshot.mode': 'no_data' }))
      expect({ code: sameSlot.code, stdout: sameSlot.stdout, coded: sameSlot.stderr.includes('tailrace: TR_PG_SLOT_ACTIVE: ') }).toEqual({ code: 3, stdout: '', coded: true })
      first.kill('SIGTERM')
      expect(await first.ended).toMatchObject({ code: 0 })
    })
  })

  describe('tail', () => {
    const leftovers = (): Promise<unknown[]> => server.query('select pubname::text as name from pg_publication union all select slot_name::text from pg_replication_slots', DB)

    it('shows rows and changes, says what it leaves out, and leaves nothing behind', async () => {
      await using command = startCommand(['tail', server.url(DB)])
      await command.until('stdout', (text) => text.split('\n').length === 3)
      await server.query("update orders set total = 9.99 where id = 1; insert into note values ('still works'); update note set text = 'still works'", DB)
      await command.until('stdout', (text) => text.includes('update'))
      command.kill('SIGINT')
      const { code, stdout, stderr } = await command.ended
      expect(code).toBe(0)
      expect(stdout.split('\n').map((line) => line.replace(/^\S+ +/, ''))).toEqual([
        'row       public.orders  id=1 total="1.50"', 'row       public.orders  id=2 total="2.50"', 'update    public.orders  id=1 total="9.99"', '',
      ])
      expect(stderr).toContain('public.note is not watched')
      expect(await leftovers()).toEqual([])
    })

    it('from now: changes only, of the tables asked for; the URL from the environment', async () => {
      await server.query('create table other (id int primary key)', DB)
      await using watching = startCommand(['tail', '-', '--from-now', '--table', 'public.o*'], { DATABASE_URL: server.url(DB) })
      await server.until("select count(*) = 1 from pg_replication_slots where slot_name like 'tailrace_tail_%' and active", DB)
      await server.query('insert into other values (7); insert into orders values (8, 8)', DB)
      await watching.until('stdout', (text) => text.split('\n').length === 3)
      watching.kill('SIGTERM')
      const { code, stdout } = await watching.ended
      expect({ code, lines: stdout.split('\n').map((line) => line.replace(/^\S+ +/, '')) }).toEqual({ code: 0, lines: ['insert    public.other  id=7', 'insert    public.orders  id=8 total="8.00"', ''] })
      expect(await leftovers()).toEqual([])
    })

    it('a reader that has enough ends it without an error', async () => {
      await using command = startCommand(['tail', server.url(DB)])
      await command.until('stdout', (text) => text.includes('id=2'))
      command.hangUp()
      await server.query('insert into orders values (3, 3)', DB)
      expect(await command.ended).toMatchObject({ code: 0 })
      expect(await leftovers()).toEqual([])
    })

    it('a wrong password is never shown', async () => {
      const { code, stdout, stderr } = await runCommand('tail', `postgres://locked:${CANARY}@${server.host}:${server.port}/${DB}`)
      expect({ code, stdout, coded: stderr.includes('TR_PG_AUTH'), shown: stderr.includes(CANARY) }).toEqual({ code: 3, stdout: '', coded: true, shown: false })
    })
  })
})

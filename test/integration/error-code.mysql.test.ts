import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { crc32 } from '../../src/source/mysql/binlog/checksum.ts'
import { EVENT } from '../../src/source/mysql/binlog/event-type.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { brief, offsetFolder, type EngineRun } from './engine-run.ts'
import { errorCode, loggedIn } from './mysql-connection.ts'
import { runMysql, SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const DB = 'rare'
const CANARY = 'cAnArY4711'
const ROWS: readonly number[] = [EVENT.writeRows, EVENT.writeRowsV1]
/** Of no server. */
const NO_TYPE = 120
const CRC = 4

/** The last event of one of these types in a log file is changed, and, unless its checksum shall be wrong, has the right one again. */
function damage(server: MysqlServer, file: string, types: readonly number[], change: (event: Buffer) => unknown, checksum: boolean): void {
  const place = path.join(server.dataDir, file)
  const bytes = readFileSync(place)
  let last: Buffer | undefined
  for (let at = CRC; at < bytes.length; at += bytes.readUInt32LE(at + 9)) {
    if (types.includes(bytes[at + 4]!)) last = bytes.subarray(at, at + bytes.readUInt32LE(at + 9))
  }
  if (last === undefined) throw new Error(`${file} has no event of the types ${types.join()}`)
  change(last)
  if (checksum) last.writeUInt32LE(crc32(last, 0, last.length - CRC), last.length - CRC)
  writeFileSync(place, bytes)
}

eachSideBySide(withMysql, SERVER_KINDS)('what hardly ever happens to %s', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()
  let made = 0

  beforeAll(async () => {
    server = await startServer(kind, { 'binlog-row-metadata': 'FULL' })
  }, 180_000)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    made++
    await server.createDatabase(DB)
    await server.script('create table t (id int primary key, v mediumtext)', DB)
  })

  function run(source: Parameters<typeof runMysql>[0]['source'] = {}): EngineRun {
    return runMysql({ kind, port: server.port, database: DB, name: `rare-${made}`, offsets: folder.file(`rare-${made}`), source: { snapshot: { mode: 'no_data' }, ...source }, engine: { retry: { maxAttempts: 2, initialDelayMs: 10 } } })
  }

  // the row that cannot be read, or is the last of its transaction, is the one with the canary
  it.each([
    ['a byte of a row is another one on the disk', 'TR_MYSQL_CHECKSUM', 'transient', ROWS, (event: Buffer): unknown => (event[event.length - CRC - 1]! ^= 1), false],
    ['an event that nobody knows stands in the place of rows', 'TR_MYSQL_EVENT_UNSUPPORTED', 'fatal', ROWS, (event: Buffer): unknown => (event[4] = NO_TYPE), true],
    ['the server says that it could not log something', 'TR_MYSQL_INCIDENT', 'fatal', [EVENT.xid], (event: Buffer) => {
      event[4] = EVENT.incident
      event.write('\x01\x00\x05lost!', 19, 'latin1')
    }, true],
  ] as const)('%s: %s', async (_, code, errorKind, types, change, checksum) => {
    {
      await using engine = run()
      await engine.streaming()
      await server.script(`insert into t values (1, 'a')`, DB)
      await engine.delivered(1)
      await engine.settled()
      await engine.stop()
    }
    const file = (await server.query<{ Log_name: string }>('show binary logs')).at(-1)!.Log_name
    await server.script(`insert into t values (2, 'b'); insert into t values (3, '${CANARY}'); flush binary logs; insert into t values (4, 'd')`, DB)
    damage(server, file, types, change, checksum)
    await using engine = run()
    const error = await engine.failure()
    expect(error).toMatchObject({ code, kind: errorKind, where: { file } })
    expect(`${error.message} ${error.remedy} ${JSON.stringify(error.where)}`).not.toContain(CANARY)
    // what is behind it never comes
    expect(engine.seen.every(({ after }) => after?.['id'] === 2)).toBe(true)
  })

  // MariaDB logs the statements of temporary tables, and with them what a transaction has done that is rolled back; 16 MiB of it are held
  it.runIf(kind !== 'MySQL')('a large transaction that was rolled back, and is in the log: nothing behind it is delivered until there is a new snapshot', async () => {
    const large = Array.from({ length: 18 }, (_, index) => `insert into t values (${100 + index}, repeat('x', 1000000))`).join('; ')
    for (const start of ['first', 'again']) {
      await using engine = run()
      if (start === 'first') {
        await engine.streaming()
        await server.script(`insert into t values (1, 'a'); begin; insert into t values (2, '${CANARY}'); ${large}; create temporary table aside as select 1 as one; drop temporary table aside; rollback; insert into t values (3, 'c')`, DB)
      }
      const error = await engine.failure()
      expect(error).toMatchObject({ code: 'TR_MYSQL_ROLLED_BACK', kind: 'fatal', remedy: expect.stringContaining('new snapshot') })
      expect(`${error.message} ${JSON.stringify(error.where)}`).not.toContain(CANARY)
      expect(engine.seen.map(({ after }) => after?.['id'])).not.toContain(3)
    }
    await using engine = run({ snapshot: { mode: 'always' } })
    await engine.streaming()
    await server.script("insert into t values (4, 'd')", DB)
    await engine.delivered(3)
    expect(brief(engine.seen)).toEqual(['r1', 'r3', 'c4'])
    await engine.stop()
  })

  it('a row that another session keeps: the code says that it is tried again', async () => {
    await server.script("insert into t values (1, 'a')", DB)
    await server.withClient(DB, async (other) => {
      await other.query('begin; select * from t for update')
      await using client = await loggedIn(server)
      await client.query('set session innodb_lock_wait_timeout = 1')
      expect(await client.query(`select * from ${DB}.t for update`).catch(errorCode)).toBe('TR_MYSQL_LOCK_TIMEOUT')
    })
  })

  it('an XA transaction that is committed, and was prepared before anybody looked', async () => {
    await server.leave(`xa start 'before'; insert into t values (1, '${CANARY}'); xa end 'before'; xa prepare 'before'`, DB)
    // an account that may not see it
    await server.script("drop user if exists 'blind'@'%'; create user 'blind'@'%' identified by 'x'; grant select, reload, replication slave, replication client on *.* to 'blind'@'%'")
    await using engine = run({ connection: { host: server.host, port: server.port, user: 'blind', password: 'x', sslMode: 'disabled' }, snapshot: { mode: 'no_data', lockTimeoutMs: 1_000 } })
    await (kind === 'MySQL' ? engine.streaming() : Promise.resolve())
    if (kind !== 'MySQL') {
      // everybody may ask MariaDB what is prepared
      expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_SNAPSHOT' })
      await server.script("xa rollback 'before'", DB)
      return
    }
    await server.script("xa commit 'before'", DB)
    const error = await engine.failure()
    expect(error).toMatchObject({ code: 'TR_MYSQL_XA_UNKNOWN', remedy: expect.stringContaining('XA RECOVER') })
    expect(`${error.message} ${JSON.stringify(error.where)}`).not.toContain(CANARY)
  })
})

withMysql('before a connection is of use', () => {
  it('a server that is too old', async () => {
    // MariaDB takes its version from whoever starts it
    await using old = await startServer('MariaDB 11.8', { version: '10.3.39-MariaDB' })
    using folder = offsetFolder()
    await old.createDatabase(DB)
    await using engine = runMysql({ kind: 'MariaDB 11.8', port: old.port, database: DB, name: 'old', offsets: folder.file('old') })
    expect(await engine.failure()).toMatchObject({ code: 'TR_MYSQL_VERSION', message: expect.stringContaining('10.3.39'), remedy: expect.stringContaining('10.6') })
  })

  it('a package that is not installed is named, with the command that installs it', async () => {
    const alone = mkdtempSync(path.join(tmpdir(), 'tailrace-alone-'))
    const dist = process.env['TAILRACE_DIST'] ?? path.resolve('dist')
    cpSync(dist, path.join(alone, 'dist'), { recursive: true })
    cpSync(path.resolve('package.json'), path.join(alone, 'package.json'))
    const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies?: Readonly<Record<string, string>> }
    mkdirSync(path.join(alone, 'node_modules'))
    for (const name of Object.keys(dependencies)) symlinkSync(path.resolve('node_modules', name), path.join(alone, 'node_modules', name))
    const said = await new Promise<string>((resolve) => execFile(process.execPath, [path.join(alone, 'dist/cli/main.js'), 'tail', 'mysql://root@127.0.0.1:1/x'], (_, __, stderr) => resolve(stderr)))
    rmSync(alone, { recursive: true })
    expect(said).toMatch(/TR_MYSQL_CLIENT.*mysql2[^]*npm install mysql2/)
  })
})

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import type { ErrorCode } from '../../src/error/code.ts'
import { TailraceError } from '../../src/index.ts'
import { runCommand, type RunningCommand } from '../server/command.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { BinlogSocket } from '../../src/source/mysql/wire/binlog-socket.ts'
import { dumpCommand, registerCommand } from '../../src/source/mysql/wire/dump.ts'
import { systemClock } from '../../src/time/clock.ts'
import { CANARY, CommandFolder, failedRun, failureOf, records, startRun, type Properties } from './mysql-command.ts'
import { loggedIn } from './mysql-connection.ts'
import { nextSecond, SERVER_KINDS, startServer, type ServerKind } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const DB = 'bad'
const GLOBALS = 'set global binlog_checksum = CRC32; set global binlog_row_image = FULL; set global binlog_format = ROW'
const BOTH: readonly ServerKind[] = SERVER_KINDS
const MARIA: readonly ServerKind[] = ['MariaDB 10.11', 'MariaDB 11.8']

eachSideBySide(withMysql, SERVER_KINDS)('what happens in the log of %s', (kind) => {
  let server: MysqlServer
  let folder: CommandFolder

  beforeAll(async () => {
    server = await startServer(kind)
    folder = new CommandFolder(kind)
    await server.script(`create user 'cdc'@'%' identified by '${CANARY}'; grant select, reload, lock tables, replication slave, replication client on *.* to 'cdc'@'%'`)
  }, 180_000)
  afterAll(async () => {
    folder[Symbol.dispose]()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    folder.next()
    await server.script(GLOBALS)
    await server.createDatabase(DB)
    await server.script(`create table t (id int primary key, v text); insert into t values (1, '${CANARY}'); create table done (id int primary key)`, DB)
  })

  const dumping = async (count = 1): Promise<void> => await server.until(`select count(*) = ${count} from information_schema.processlist where command like 'Binlog Dump%'`)
  const seen = async (run: RunningCommand, record: string): Promise<void> => await run.until('stdout', (text) => records(text.slice(0, text.lastIndexOf('\n') + 1)).includes(record))

  /** A run that has read the table, and follows the log. */
  async function streaming(properties: Properties = {}): Promise<RunningCommand> {
    const run = startRun(folder.configuration(server, DB, properties))
    await seen(run, 'r1')
    await dumping()
    return run
  }

  /** A run that was stopped behind the table's only row and one change. */
  async function stopped(properties: Properties = {}): Promise<string> {
    const file = folder.configuration(server, DB, properties)
    await using run = startRun(file)
    await seen(run, 'r1')
    await dumping()
    await server.script('insert into t values (2, "b")', DB)
    await seen(run, 'c2')
    run.kill('SIGTERM')
    expect(await run.ended).toMatchObject({ code: 0 })
    await dumping(0)
    return file
  }

  function told(failure: Awaited<ReturnType<typeof failedRun>>, code: ErrorCode, says: RegExp): void {
    expect(failure).toMatchObject({ exit: exitCodeOf(new TailraceError(code)), code })
    expect(`${failure.message}; ${failure.remedy}`).toMatch(says)
    expect(failure.stderr).not.toContain(CANARY)
  }

  describe('is no mistake', () => {
    const version = kind === 'MySQL' ? '/*!80000' : '/*M!100000'
    const happenings: readonly [what: string, kinds: readonly ServerKind[], sql: string, expected: readonly string[], properties: Properties][] = [
      ['its checksums change', BOTH, 'set global binlog_checksum = NONE; insert into t values (2, "b"); set global binlog_checksum = CRC32; insert into t values (3, "c")', ['c2', 'c3'], {}],
      ['names in double quotes', BOTH, `set session sql_mode = 'ANSI_QUOTES'; create table "ansi" ("id" int primary key, "s" varchar(3) default 'a'); insert into ansi (id) values (2)`, ['c2'], {}],
      ['a statement in a comment of a version', BOTH, `${version} alter table t add column w int */; insert into t values (2, "b", 3)`, ['c2'], {}],
      ['rows with changed columns only', BOTH, 'set session binlog_row_image = MINIMAL; insert into t values (2, "b"); update t set v = "c" where id = 2; delete from t where id = 2', ['c2', 'u2', 'd2'], {}],
      ['rows without their texts', BOTH, 'set session binlog_row_image = NOBLOB; insert into t values (2, "b"); update t set id = 3 where id = 2; delete from t where id = 3', ['c2', 'd2', 'c3', 'd3'], {}],
      ['a table that is renamed to a captured name, with a history of captured tables only', BOTH, 'create table aside (id int primary key, a int, b int); rename table aside to u; insert into u values (2, 3, 4)', ['c2'], { 'table.include.list': 'bad.t,bad.u,bad.done', 'schema.history.internal.store.only.captured.tables.ddl': 'true' }],
      ['a time of more than a day, as Connect has none', BOTH, `create table times (id int primary key, at time); insert into times values (2, '23:00:00')`, ['c2'], { 'time.precision.mode': 'connect' }],
      ['a table that is replaced', MARIA, 'create or replace table t (id int primary key, w int); insert into t values (2, 5)', ['c2'], {}],
      ['a sequence', MARIA, 'create sequence s; insert into t values (nextval(s) + 1, "b")', ['c2'], {}],
      ['a table that keeps its past', MARIA, 'create table past (id int primary key, v int) with system versioning; insert into past values (2, 1)', ['c2'], {}],
      ['compressed columns', MARIA, 'create table small (id int primary key, v text compressed, w varchar(200) compressed); insert into small values (2, repeat("x", 300), repeat("y", 150))', ['c2'], {}],
      ['addresses of both kinds', MARIA, 'create table net (id int primary key, four inet4, six inet6); insert into net values (2, "10.0.0.1", "::1")', ['c2'], {}],
      ['the year 0', MARIA, 'create table years (id int primary key, y year); insert into years values (2, 0)', ['c2'], {}],
    ]

    it.each(happenings.filter(([, kinds]) => kinds.includes(kind)))('%s', async (_, __, sql, expected, properties) => {
      await using run = await streaming(properties)
      await server.script(`${sql}; insert into ${DB}.done values (99)`, DB)
      await seen(run, 'c99')
      run.kill('SIGTERM')
      const { code, stdout } = await run.ended
      const changes = records(stdout)
      expect({ code, changes: changes.slice(0, 1).concat(changes.filter((record) => expected.includes(record)), changes.slice(-1)) }).toEqual({ code: 0, changes: ['r1', ...expected, 'c99'] })
    })

    it('the connection that it is read on is killed', async () => {
      await using run = await streaming()
      const id = await server.value<number>("select id from information_schema.processlist where command like 'Binlog Dump%'")
      await server.query(`kill ${id}`)
      await server.script('insert into t values (2, "b")', DB)
      await seen(run, 'c2')
      run.kill('SIGTERM')
      const { code, stdout } = await run.ended
      expect({ code, changes: records(stdout) }).toEqual({ code: 0, changes: ['r1', 'c2'] })
    })

    it('rows are not whole from the beginning: a warning says with which statement they are', async () => {
      await server.script('set global binlog_row_image = MINIMAL')
      await using run = await streaming()
      await server.script('update t set v = "c"', DB)
      await seen(run, 'u1')
      run.kill('SIGTERM')
      const { code, stderr } = await run.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/TR_MYSQL_SETTING.*SET (GLOBAL|PERSIST) binlog_row_image = FULL/) })
    })

    it('a table that is captured from a restart on, with its history', async () => {
      await server.script('create table u (id int primary key, a int)', DB)
      await stopped({ 'table.include.list': 'bad.t' })
      await server.script('insert into u values (3, 1)', DB)
      await using run = startRun(folder.configuration(server, DB, { 'table.include.list': 'bad.t,bad.u' }))
      await seen(run, 'c3')
      run.kill('SIGTERM')
      expect(await run.ended).toMatchObject({ code: 0 })
    })
  })

  describe('stops it', () => {
    it('a session that logs statements', async () => {
      await using run = await streaming()
      await server.script(`set session binlog_format = STATEMENT; insert into t values (2, '${CANARY}')`, DB)
      told(failureOf(await run.ended), 'TR_MYSQL_STATEMENT_FORMAT', /Set binlog_format=ROW for every session/)
      expect(await failedRun(folder.configuration(server, DB))).toMatchObject({ code: 'TR_MYSQL_STATEMENT_FORMAT' })
    })

    it('another replica with its server id; a second engine is refused, and the first goes on', async () => {
      // else MariaDB does not say who is registered
      if (kind !== 'MySQL') await server.script("grant replication master admin on *.* to 'cdc'@'%'")
      await using run = await streaming({ 'database.server.id': 4711 })
      const second = await failedRun(folder.configuration(server, DB, { 'database.server.id': 4711, 'offset.storage.file.filename': folder.file('other'), 'schema.history.internal.file.filename': folder.file('other.history') }))
      told(second, 'TR_MYSQL_SERVER_ID', /serverId/)
      await server.script('insert into t values (2, "b")', DB)
      await seen(run, 'c2')
      await using replica = await loggedIn(server)
      await replica.command(registerCommand(4711, 'other'))
      new BinlogSocket(replica, { clock: systemClock, maxPacketBytes: 1_000_000, take: () => true, onRead: () => {}, onFailure: () => {} }).send(dumpCommand({ by: 'place', file: 'binlog.000001', pos: 4 }, 4711))
      told(failureOf(await run.ended), 'TR_MYSQL_SERVER_ID', /Give each engine a serverId of its own/)
    })
  })

  describe('while it is stopped', () => {
    it('the schema history is gone, or damaged', async () => {
      const file = await stopped()
      const history = readFileSync(folder.file('history.ndjson'), 'utf8')
      rmSync(folder.file('history.ndjson'))
      told(await failedRun(file), 'TR_MYSQL_HISTORY_MISSING', /Restore the schema history; set binlog_row_metadata=FULL; or snapshot\.mode recovery/)
      writeFileSync(folder.file('history.ndjson'), history.replace('{', '('))
      told(await failedRun(file), 'TR_HISTORY_CORRUPT', /Restore it from a copy/)
      writeFileSync(folder.file('history.ndjson'), history)
      expect(await runCommand('run', file, '--stop-when-idle', '1s')).toMatchObject({ code: 0 })
    })

    it('a table becomes captured that its history does not have', async () => {
      await server.script('create table u (id int primary key, a int)', DB)
      await stopped({ 'table.include.list': 'bad.t' })
      // as Debezium writes it with store.only.captured.tables.ddl
      const kept = readFileSync(folder.file('history.ndjson'), 'utf8').split('\n').filter((line) => !/CREATE TABLE `u`|\.\\?"u\\?"/.test(line))
      writeFileSync(folder.file('history.ndjson'), kept.join('\n'))
      await server.script('insert into u values (3, 1)', DB)
      told(await failedRun(folder.configuration(server, DB, { 'table.include.list': 'bad.t,bad.u' })), 'TR_MYSQL_SCHEMA_MISMATCH', /bad\.u.*Set binlog_row_metadata=FULL/)
    })

    it('the log that is needed was purged: it says so, and a new snapshot is one word away', async () => {
      const file = await stopped()
      await server.script('insert into t values (3, "c"); flush binary logs; insert into t values (4, "d")', DB)
      const last = (await server.query<{ Log_name: string }>('show binary logs')).at(-1)!.Log_name
      for (let first = ''; first !== last; first = (await server.query<{ Log_name: string }>('show binary logs'))[0]!.Log_name) await server.script(`purge binary logs to '${last}'`)
      const offset = readFileSync(folder.file('offset.json'))
      told(await failedRun(file), 'TR_MYSQL_BINLOG_PURGED', /new snapshot \(snapshot\.mode when_needed\); keep logs longer \(binlog_expire_logs_seconds\)/)
      expect(readFileSync(folder.file('offset.json'))).toEqual(offset)
      const again = await runCommand('run', folder.configuration(server, DB, { 'snapshot.mode': 'when_needed' }), '--stop-after', '4')
      expect({ code: again.code, rows: records(again.stdout) }).toEqual({ code: 0, rows: ['r1', 'r2', 'r3', 'r4'] })
    })

    it('the log begins anew', async () => {
      const reset = `reset ${kind === 'MySQL' ? 'binary logs and gtids' : 'master'}`
      // the file has the same name before and afterwards; MySQL has more transactions before than afterwards
      await server.script(kind === 'MySQL' ? 'create database if not exists more; drop database more;'.repeat(50) : reset)
      const file = await stopped()
      await nextSecond()
      await server.script(`${reset}; ${'insert into t values (3, "c"); delete from t where id = 3;'.repeat(20)}`, DB)
      told(await failedRun(file), kind === 'MySQL' ? 'TR_MYSQL_GTID_DIVERGED' : 'TR_MYSQL_BINLOG_RESET', /take a new snapshot/)
    })
  })
})

withMysql('MySQL without GTIDs', () => {
  it('the log that is needed was purged', async () => {
    await using server = await startServer('MySQL', { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' })
    using folder = new CommandFolder('MySQL')
    await server.createDatabase(DB)
    await server.script('create table t (id int primary key); insert into t values (1)', DB)
    const file = folder.configuration(server, DB, { 'database.user': 'root', 'database.password': '' })
    expect(await runCommand('run', file, '--stop-after', '1')).toMatchObject({ code: 0 })
    await server.script('flush binary logs; flush binary logs', DB)
    await server.script("purge binary logs to 'binlog.000003'")
    const failure = await failedRun(file)
    expect(failure).toMatchObject({ exit: 4, code: 'TR_MYSQL_BINLOG_PURGED', remedy: expect.stringContaining('new snapshot') })
  })
})

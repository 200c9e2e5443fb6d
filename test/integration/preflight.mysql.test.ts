import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEngine } from '../../src/create-engine.ts'
import { memoryOffsets } from '../../src/offset/memory/memory-offsets.ts'
import { memorySchemaHistory } from '../../src/schema-history/memory/memory-history.ts'
import { mariadb } from '../../src/source/mariadb/index.ts'
import { mysql, type MysqlOptions } from '../../src/source/mysql/index.ts'
import type { Finding } from '../../src/source/source.ts'
import type { MysqlServer, MysqlSettings } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, SERVER_KINDS, startServer, type ServerKind } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const DB = 'shop'
const ACCOUNT = "'cdc'@'%'"

type Options = Partial<MysqlOptions>

function preflight(kind: ServerKind, server: MysqlServer, options: Options = {}): Promise<Finding[]> {
  const source = (kind === 'MySQL' ? mysql : mariadb)({
    connection: { host: '127.0.0.1', port: server.port, user: 'cdc', password: 'secret', sslMode: 'disabled' }, databases: [DB], history: memorySchemaHistory(), ...options,
  })
  return createEngine({ name: 'checked', source, offsets: memoryOffsets(), sink: () => {} }).preflight()
}

/** `level code`, and what says which one it is. */
function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ level, error: { code, where } }) => [level, code, where['variable'] ?? where['privilege'] ?? where['table'] ?? where['serverId'] ?? ''].join(' ').trimEnd())
}

eachSideBySide(withMysql, SERVER_KINDS)('preflight of %s', (kind) => {
  let server: MysqlServer
  const folder = offsetFolder()
  let made = 0

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script(`create user ${ACCOUNT} identified by 'secret'`)
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.script(`set global binlog_format = ROW; set global binlog_row_image = FULL; set global binlog_row_metadata = ${kind === 'MySQL' ? 'MINIMAL' : 'NO_LOG'}`)
    await server.script(`revoke all privileges, grant option from ${ACCOUNT}; drop database if exists ${DB}; create database ${DB}; use ${DB}; create table t (id int primary key, v text)`)
  })

  it('tables that are dropped while it looks are no finding, and do not end it', async () => {
    await grantAll()
    const statements = Array.from({ length: 50 }, (_, number) => `create table passing${number} (id int primary key); drop table passing${number}`)
    let dropping = true
    const dropped = server.script(statements.join(';'), DB).finally(() => (dropping = false))
    do expect(await check()).toEqual([])
    while (dropping)
    await dropped
  })

  /** All that the page of the documents grants. */
  async function grantAll(): Promise<void> {
    await server.script(`grant replication slave, replication client, select, reload on *.* to ${ACCOUNT}`)
  }

  const check = (options: Options = {}): Promise<Finding[]> => preflight(kind, server, options)

  function run(name: string, source: Options): EngineRun {
    return runMysql({ kind, port: server.port, database: DB, name, offsets: folder.file(name), source: { connection: { host: '127.0.0.1', port: server.port, user: 'cdc', password: 'secret', sslMode: 'disabled' }, ...source } })
  }

  /** What was found under these options says what has to be granted; then nothing is found, and an engine gets through. */
  async function grantWhatIsMissing(options: Options): Promise<string[]> {
    const missing = (await check(options)).filter(({ error }) => error.code === 'TR_MYSQL_PRIVILEGE')
    for (const { error } of missing) await server.query(error.remedy)
    expect(brief(await check(options))).toEqual([])
    await server.query('delete from t', DB)
    await using engine = run(`granted-${++made}`, options)
    await engine.streaming()
    await server.query('insert into t values (1, "a")', DB)
    await engine.delivered(1)
    await engine.stop()
    return missing.map(({ error }) => error.remedy)
  }

  const monitor = kind === 'MySQL' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR'

  describe('privileges', () => {
    it('an account without any is told of each, and what is said is enough', async () => {
      const lock = kind === 'MySQL' ? [`GRANT RELOAD ON *.* TO ${ACCOUNT}`] : []
      expect(await grantWhatIsMissing({})).toEqual([`GRANT REPLICATION SLAVE ON *.* TO ${ACCOUNT}`, `GRANT ${monitor} ON *.* TO ${ACCOUNT}`, `GRANT SELECT ON *.* TO ${ACCOUNT}`, ...lock])
    })

    it.each(['REPLICATION SLAVE', monitor, 'SELECT', ...(kind === 'MySQL' ? ['RELOAD'] : [])])('an account without %s', async (privilege) => {
      await grantAll()
      expect(brief(await check())).toEqual([])
      await server.script(`revoke ${privilege} on *.* from ${ACCOUNT}`)
      expect(await grantWhatIsMissing({})).toEqual([`GRANT ${privilege} ON *.* TO ${ACCOUNT}`])
    })

    it('what is granted on the captured database alone is enough, and on another one it is not', async () => {
      await server.script(`grant replication slave, replication client on *.* to ${ACCOUNT}; grant select, lock tables on \`sh_p\`.* to ${ACCOUNT}`)
      expect(await grantWhatIsMissing({})).toEqual([])
      await server.script(`revoke select, lock tables on \`sh_p\`.* from ${ACCOUNT}; grant select, lock tables on \`other db\`.* to ${ACCOUNT}; grant insert, select (id) on ${DB}.t to ${ACCOUNT}`)
      expect(brief(await check())).toEqual(['error TR_MYSQL_PRIVILEGE SELECT', ...(kind === 'MySQL' ? ['error TR_MYSQL_PRIVILEGE RELOAD'] : [])])
      expect((await grantWhatIsMissing({}))[0]).toBe(`GRANT SELECT ON \`${DB}\`.* TO ${ACCOUNT}`)
    })

    it('a lock is asked for where one is taken', async () => {
      await server.script(`grant replication slave, replication client, select on *.* to ${ACCOUNT}`)
      expect(await grantWhatIsMissing({ snapshot: { locking: 'none' } })).toEqual([])
      expect(await grantWhatIsMissing({ snapshot: { locking: 'extended' } })).toEqual([`GRANT RELOAD ON *.* TO ${ACCOUNT}`])
    })

    it('what a role has counts while it is active', async () => {
      const role = kind === 'MySQL' ? "'reader'@'%'" : 'reader'
      await server.script(`create role ${role}; grant replication slave, replication client, select, reload on *.* to ${role}; grant ${role} to ${ACCOUNT}; set default role ${role} ${kind === 'MySQL' ? 'to' : 'for'} ${ACCOUNT}`)
      expect(brief(await check())).toEqual([])
      await server.script(`drop role ${role}`)
    })

    it('names in double quotes are names', async () => {
      const before = await server.value<string>('select @@global.sql_mode')
      await grantAll()
      await server.script(`revoke select on *.* from ${ACCOUNT}; grant select on ${DB}.* to ${ACCOUNT}; set global sql_mode = 'ANSI_QUOTES'`)
      expect(brief(await check())).toEqual([])
      await server.query('set global sql_mode = ?', undefined, [before])
    })
  })

  describe('settings', () => {
    beforeEach(grantAll)

    it.each([
      ['binlog_format', 'STATEMENT', 'error TR_MYSQL_SETTING binlog_format'],
      ['binlog_format', 'MIXED', 'error TR_MYSQL_SETTING binlog_format'],
      ['binlog_row_image', 'MINIMAL', 'warning TR_MYSQL_SETTING binlog_row_image'],
      ['binlog_row_image', 'NOBLOB', 'warning TR_MYSQL_SETTING binlog_row_image'],
    ])('%s is %s', async (variable, value, found) => {
      await server.script(`set global ${variable} = ${value}`)
      const findings = await check()
      expect(brief(findings)).toEqual([found])
      await carryOut(server, findings[0]!)
      expect(brief(await check())).toEqual([])
    })

    it.runIf(kind === 'MariaDB 11.8')('rows of an update that has its old row in the log, without what did not change, are whole', async () => {
      await server.script('set global binlog_row_image = FULL_NODUP')
      expect(brief(await check())).toEqual([])
    })

    it('no schema history, and definitions that the server does not log', async () => {
      const source = { connection: { host: '127.0.0.1', port: server.port, user: 'cdc', password: 'secret', sslMode: 'disabled' }, databases: [DB] } as const
      const without = (): Promise<Finding[]> => createEngine({ name: 'checked', source: (kind === 'MySQL' ? mysql : mariadb)(source), offsets: memoryOffsets(), sink: () => {} }).preflight()
      const findings = await without()
      expect(brief(findings)).toEqual(['error TR_MYSQL_HISTORY_MISSING binlog_row_metadata'])
      await carryOut(server, findings[0]!)
      expect(brief(await without())).toEqual([])
    })

    it('a server of the other kind is said to be one', async () => {
      const other = kind === 'MySQL' ? 'MariaDB 11.8' : 'MySQL'
      await expect(preflight(other, server)).rejects.toMatchObject({ code: 'TR_MYSQL_KIND', remedy: `Use ${kind === 'MySQL' ? 'mysql' : 'mariadb'}() from tailrace/${kind === 'MySQL' ? 'mysql' : 'mariadb'}` })
    })
  })

  describe('tables', () => {
    beforeEach(grantAll)

    it('one that is named and does not exist, and a list that no table is on', async () => {
      expect(brief(await check({ tables: [`${DB}.t`, `${DB}.nowhere`] }))).toEqual([`error TR_MYSQL_TABLE_MISSING ${DB}.nowhere`])
      expect(brief(await check({ tables: [`${DB}.no*`] }))).toEqual(['warning TR_MYSQL_TABLE_MISSING'])
      await server.script(`create table ${DB}.nowhere (id int primary key)`)
      expect(brief(await check({ tables: [`${DB}.t`, `${DB}.nowhere`] }))).toEqual([])
    })

    it('one whose engine knows no transactions', async () => {
      await server.script(`create table ${DB}.old (id int primary key) engine = MyISAM; create table ${DB}.held (id int primary key) engine = MEMORY`)
      const findings = await check()
      expect(brief(findings)).toEqual([`warning TR_MYSQL_SNAPSHOT ${DB}.held`, `warning TR_MYSQL_SNAPSHOT ${DB}.old`])
      for (const { error } of findings) await server.query(error.remedy)
      expect(brief(await check())).toEqual([])
    })

    it('one that foreign keys change where the log does not say so', async () => {
      await server.script(`use ${DB}; create table child (id int primary key, t int, foreign key (t) references t (id) on delete cascade); create table plain (id int primary key, t int, foreign key (t) references t (id)); create table nulled (id int primary key, t int, foreign key (t) references t (id) on update set null)`)
      // MySQL 9.6 and later write what foreign keys do into the log
      expect(brief(await check())).toEqual(kind === 'MySQL' ? [] : [`warning TR_MYSQL_CASCADE ${DB}.child`, `warning TR_MYSQL_CASCADE ${DB}.nulled`])
      expect(brief(await check({ excludeTables: [`${DB}.child`, `${DB}.nulled`] }))).toEqual([])
    })
  })

  describe('the server id', () => {
    beforeEach(async () => {
      await grantAll()
      // MariaDB shows who is registered to nobody else
      if (kind !== 'MySQL') await server.script(`grant replication master admin on *.* to ${ACCOUNT}`)
    })

    it('is the server’s own, or another engine’s', async () => {
      expect(brief(await check({ serverId: 1 }))).toEqual(['error TR_MYSQL_SERVER_ID 1'])
      await using engine = run('holder', { serverId: 4711 })
      await engine.streaming()
      expect(brief(await check({ serverId: 4711, heartbeat: { intervalMs: 100 } }))).toEqual(['error TR_MYSQL_SERVER_ID 4711'])
      expect(brief(await check({ serverId: 4712 }))).toEqual([])
      await engine.stop()
    })

    it('is waited for while an engine that is gone still has it', async () => {
      const asked = kind === 'MySQL'
        ? "from performance_schema.events_statements_summary_global_by_event_name where event_name = 'statement/sql/show_replicas' and count_star"
        : "from information_schema.global_status where variable_name = 'Com_show_slave_hosts' and variable_value"
      await using engine = run('goer', { serverId: 4713 })
      await engine.streaming()
      const before = (await server.value<string | undefined>(`select ${asked.split(' ').at(-1)!} ${asked} > 0`)) ?? 0
      const checking = check({ serverId: 4713, heartbeat: { intervalMs: 5_000 } })
      await server.until(`select count(*) ${asked} > ${before}`)
      await engine.stop()
      expect(brief(await checking)).toEqual([])
    })
  })
})

eachSideBySide(withMysql, SERVER_KINDS)('preflight of %s that was started otherwise', (kind) => {
  async function found(settings: MysqlSettings, options: Options, sql: string): Promise<string[]> {
    await using server = await startServer(kind, settings)
    await server.script(`create user ${ACCOUNT} identified by 'secret'; grant replication slave, replication client, select, reload on *.* to ${ACCOUNT}; create database ${DB}; use ${DB}; create table t (id int primary key); ${sql}`)
    return brief(await preflight(kind, server, options))
  }

  it('without a log', async () => {
    const settings: MysqlSettings = kind === 'MySQL' ? { 'skip-log-bin': true, 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' } : { 'skip-log-bin': true }
    expect((await found(settings, {}, 'select 1'))[0]).toBe('error TR_MYSQL_SETTING log_bin')
  })

  it.runIf(kind === 'MySQL')('without GTIDs, no lock is no snapshot; with foreign keys of InnoDB’s own, their changes are missing; a replica that keeps no log', async () => {
    const settings = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF', 'innodb-native-foreign-keys': 'ON', 'log-replica-updates': 'OFF' }
    const sql = "create table child (id int primary key, t int, foreign key (t) references t (id) on delete cascade); change replication source to source_host = '127.0.0.1', source_port = 1, source_user = 'x'"
    expect(await found(settings, { snapshot: { locking: 'none' } }, sql)).toEqual(['warning TR_MYSQL_SETTING gtid_mode', 'warning TR_MYSQL_SETTING log_replica_updates', `warning TR_MYSQL_CASCADE ${DB}.child`])
  })

  it.runIf(kind !== 'MySQL')('a replica that keeps no log', async () => {
    expect(await found({}, {}, `grant replica monitor on *.* to ${ACCOUNT}; change master to master_host = '127.0.0.1', master_port = 1, master_user = 'x'`)).toEqual(['warning TR_MYSQL_SETTING log_replica_updates'])
  })
})

/** The statement that the remedy begins with. */
async function carryOut(server: MysqlServer, { error }: Finding): Promise<void> {
  await server.query(error.remedy.split(/[;,]/)[0]!)
}

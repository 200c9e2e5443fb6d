import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import type { ErrorCode } from '../../src/error/code.ts'
import { TailraceError } from '../../src/index.ts'
import { runCommand } from '../server/command.ts'
import type { MysqlServer, MysqlSettings } from '../server/mysql-server.ts'
import { freePort } from '../server/port.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { CANARY, CommandFolder, failedRun, type Properties } from './mysql-command.ts'
import { SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

const DB = 'bad'
const ACCOUNT = "'cdc'@'%'"

interface Mistake {
  readonly properties?: () => Properties | Promise<Properties>
  readonly prepare?: string
  readonly code: ErrorCode
  /** What the remedy, or the message, names. */
  readonly says: RegExp
}

eachSideBySide(withMysql, SERVER_KINDS)('a mistake is told with one code and what to do, before anything is left behind: %s', (kind) => {
  let server: MysqlServer
  let folder: CommandFolder
  const monitor = kind === 'MySQL' ? 'REPLICATION CLIENT' : 'BINLOG MONITOR'

  beforeAll(async () => {
    server = await startServer(kind)
    folder = new CommandFolder(kind)
    await server.script(`create user ${ACCOUNT} identified by '${CANARY}'`)
  }, 180_000)
  afterAll(async () => {
    folder[Symbol.dispose]()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    folder.next()
    await server.script(`set global binlog_format = ROW; revoke all privileges, grant option from ${ACCOUNT}; grant select, reload, lock tables, replication slave, replication client on *.* to ${ACCOUNT}`)
    await server.createDatabase(DB)
    await server.script(`create table t (id int primary key, v text); insert into t values (1, '${CANARY}')`, DB)
  })

  const otherKind = kind === 'MySQL' ? 'mariadb.MariaDbConnector' : 'mysql.MySqlConnector'
  const mistakes: Readonly<Record<string, Mistake>> = {
    'a wrong password': { code: 'TR_MYSQL_AUTH', properties: () => ({ 'database.password': `${CANARY}-wrong` }), says: /Check user, password/ },
    'an account that does not exist': { code: 'TR_MYSQL_AUTH', properties: () => ({ 'database.user': 'nobody' }), says: /Check user, password/ },
    'a port that nobody listens at': { code: 'TR_MYSQL_CONNECT', properties: async () => ({ 'database.port': await freePort() }), says: /Check host, port and network/ },
    'a host that does not exist': { code: 'TR_MYSQL_CONNECT', properties: () => ({ 'database.hostname': 'nowhere.invalid' }), says: /Check host, port and network/ },
    'an account that reads only': { code: 'TR_MYSQL_PRIVILEGE', prepare: `revoke reload, lock tables, replication slave, ${monitor} on *.* from ${ACCOUNT}`, says: /GRANT REPLICATION SLAVE ON \*\.\* TO 'cdc'@'%'/ },
    'an account without the right to the log': { code: 'TR_MYSQL_PRIVILEGE', prepare: `revoke replication slave on *.* from ${ACCOUNT}`, says: /GRANT REPLICATION SLAVE ON \*\.\* TO 'cdc'@'%'/ },
    'an account that may not ask where the log ends': { code: 'TR_MYSQL_PRIVILEGE', prepare: `revoke ${monitor} on *.* from ${ACCOUNT}`, says: new RegExp(`GRANT ${monitor} ON \\*\\.\\* TO 'cdc'@'%'`) },
    'an account that may not read the table': { code: 'TR_MYSQL_PRIVILEGE', prepare: `revoke select on *.* from ${ACCOUNT}`, says: /GRANT SELECT ON/ },
    ...(kind === 'MySQL' ? { 'an account without any right to lock': { code: 'TR_MYSQL_PRIVILEGE', prepare: `revoke reload, lock tables on *.* from ${ACCOUNT}`, says: /GRANT RELOAD ON \*\.\* TO 'cdc'@'%'/ } as const } : {}),
    'a server that logs statements': { code: 'TR_MYSQL_SETTING', prepare: 'set global binlog_format = STATEMENT', says: /SET (GLOBAL|PERSIST) binlog_format = ROW/ },
    'the server’s own id': { code: 'TR_MYSQL_SERVER_ID', properties: () => ({ 'database.server.id': 1 }), says: /Choose another serverId/ },
    'a server of the other kind': { code: 'TR_MYSQL_KIND', properties: () => ({ 'connector.class': `io.debezium.connector.${otherKind}` }), says: /from tailrace\/(mysql|mariadb)/ },
  }

  it.each(Object.keys(mistakes))('%s: run and check', async (what) => {
    const { properties, prepare, code, says } = mistakes[what]!
    if (prepare !== undefined) await server.script(prepare)
    const file = folder.configuration(server, DB, await properties?.())
    const exit = exitCodeOf(new TailraceError(code))
    const failure = await failedRun(file)
    expect(failure).toMatchObject({ exit, code })
    expect(`${failure.message}; ${failure.remedy}`).toMatch(says)
    const check = await runCommand('check', file)
    expect({ code: check.code, stderr: check.stderr, found: check.stdout.includes(`error ${code}: `) }).toEqual({ code: exit, stderr: '', found: true })
    expect(check.stdout).toMatch(says)
    expect(`${failure.stderr}${check.stdout}`).not.toContain(CANARY)
    expect(folder.left()).toEqual([])
  })

  it('an account that may flush tables, or on MariaDB not even that, is enough for a snapshot', async () => {
    await server.script(`revoke reload, lock tables on *.* from ${ACCOUNT}${kind === 'MySQL' ? `; grant flush_tables on *.* to ${ACCOUNT}` : ''}`)
    const run = await runCommand('run', folder.configuration(server, DB), '--stop-after', '1')
    expect({ code: run.code, stderr: run.stderr, rows: run.stdout.split('\n').length }).toMatchObject({ code: 0, stderr: '', rows: 2 })
  })

  it.each<[what: string, properties: Properties, code: ErrorCode, says: RegExp[]]>([
    ['several invalid values: all are told at once', { 'snapshot.mode': 'sometimes', 'max.batch.size': '-1', 'table.include.list': 'bad.[', 'decimal.handling.mode': 'exact', 'snapshot.locking.mode': 'all' }, 'TR_CONFIG_INVALID', [/snapshot\.mode/, /max\.batch\.size/, /table\.include\.list/, /decimal\.handling\.mode/, /snapshot\.locking\.mode/]],
    ['a list of what is in and one of what is not', { 'table.include.list': 'bad.t', 'table.exclude.list': 'bad.u' }, 'TR_CONFIG_INVALID', [/table\.(in|ex)clude\.list/]],
    ['what has to be there is not', { 'topic.prefix': undefined, 'database.server.id': undefined }, 'TR_CONFIG_INVALID', [/topic\.prefix/, /database\.server\.id/]],
    ['signals, of which there are none', { 'signal.data.collection': 'bad.nope' }, 'TR_CONFIG_UNSUPPORTED', [/signal\.data\.collection/]],
    ['a server id that is none', { 'database.server.id': 0 }, 'TR_CONFIG_INVALID', [/database\.server\.id/]],
    ['a property with two letters swapped: the nearest name is proposed', { 'databse.include.list': 'x' }, 'TR_CONFIG_UNKNOWN', [/did you mean database\.include\.list\?/]],
  ])('a configuration: %s', async (_, properties, code, says) => {
    const file = folder.configuration(server, DB, properties)
    const run = await runCommand('run', file)
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`tailrace: ${code}: `) })
    const check = await runCommand('check', file)
    expect(check).toMatchObject({ code: 2, stderr: '', stdout: expect.stringContaining(`error ${code}: `) })
    for (const one of says) expect([run.stderr, check.stdout]).toEqual([expect.stringMatching(one), expect.stringMatching(one)])
    expect(`${run.stderr}${check.stdout}`).not.toContain(CANARY)
    expect(folder.left()).toEqual([])
  })
})

eachSideBySide(withMysql, SERVER_KINDS)('%s without a log', (kind) => {
  it('is refused: run and check say which variable', async () => {
    const settings: MysqlSettings = kind === 'MySQL' ? { 'skip-log-bin': true, 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' } : { 'skip-log-bin': true }
    await using server = await startServer(kind, settings)
    using folder = new CommandFolder(kind)
    await server.createDatabase(DB)
    await server.script('create table t (id int primary key)', DB)
    const file = folder.configuration(server, DB, { 'database.user': 'root', 'database.password': '' })
    const failure = await failedRun(file)
    expect(failure).toMatchObject({ exit: 3, code: 'TR_MYSQL_SETTING' })
    expect(`${failure.message}; ${failure.remedy}`).toMatch(/log_bin/)
    expect(await runCommand('check', file)).toMatchObject({ code: 3, stdout: expect.stringMatching(/^error TR_MYSQL_SETTING: .*\n {2}fix: .*log_bin/) })
    expect(folder.left()).toEqual([])
  })
})

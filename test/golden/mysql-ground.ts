import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startMariadb } from '../server/mariadb.ts'
import { startMysql } from '../server/mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import type { Ground } from './ground.ts'
import { compareLeftBehind } from './left-behind.ts'
import type { OwnServer, Scenario } from './scenario.ts'

export type GroundKind = 'MySQL' | 'MariaDB 10.11' | 'MariaDB 11.8'

/** What the scenarios change; as the captures had it. */
const GLOBALS: Readonly<Record<string, string>> = { binlog_row_image: 'FULL', binlog_format: 'ROW', binlog_checksum: 'CRC32', time_zone: "'+00:00'" }
const MYSQL_GLOBALS = { binlog_row_value_options: "''", binlog_transaction_compression: 'OFF', binlog_rows_query_log_events: 'OFF' }
const MARIADB_GLOBALS = { binlog_annotate_row_events: 'ON', log_bin_compress: 'OFF' }

/** `server_uuid`, with the port of the captures at its end. */
const uuid = (port: string): string => `97979797-0000-11ee-8000-0000000${port}`

/** One server for the scenarios that ask for no other. */
export class MysqlGround implements Ground, AsyncDisposable {
  readonly #kind: GroundKind
  #shared: MysqlServer | undefined
  #own: MysqlServer | undefined
  #dir = ''

  constructor(kind: GroundKind) {
    this.#kind = kind
  }

  /** `run/mysql/<scenario>` below it is the scenario's folder, as the scripts have it. */
  get environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], LAB_DIR: this.#dir }
  }

  async prepare(scenario: Scenario, dir: string): Promise<string> {
    this.#dir = dir
    const out = this.#folderOf(scenario)
    await mkdir(out, { recursive: true })
    if (scenario.server === undefined) this.#shared ??= await this.#start()
    else this.#own = await this.#start(scenario.server)
    await this.#reset(/-metadata-full$/.test(scenario.name))
    await this.script(scenario.setup)
    const { host, port } = this.#server
    // often, so that the server soon sees that a run's connection is gone, whose id the next run has
    const more = { 'database.hostname': host, 'database.port': port, 'connect.keep.alive.interval.ms': 1000 }
    return `${scenario.config.replaceAll('${OUT}', out)}\n${Object.entries(more).map(([name, value]) => `${name}=${value}\n`).join('')}`
  }

  async inspect(scenario: Scenario, i: number): Promise<string[]> {
    return await compareLeftBehind(scenario, i, this.#folderOf(scenario), this.#server)
  }

  /** A log that is still being sent to somebody is not purged, and the next run has the same server id. */
  async settle(): Promise<void> {
    await this.#server.until("select count(*) = 0 from information_schema.processlist where command like 'Binlog Dump%'")
  }

  /** Through the server's own client, as the captures had it: it knows `DELIMITER`. The account's host stands in statements (`DEFINER`). */
  async script(sql: string): Promise<void> {
    if (sql.trim() === '') return
    const { dataDir, host, port } = this.#server
    const way = this.#isMysql ? [`--socket=${path.join(dataDir, 'mysqld.sock')}`] : [`--host=${host}`, `--port=${port}`]
    const { file, args } = this.#server.command(this.#isMysql ? 'mysql' : 'mariadb', ['--no-defaults', ...way, '-uroot', '--default-character-set=utf8mb4'])
    const client = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    client.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    client.stdin.on('error', () => undefined)
    client.stdin.end(sql)
    const [code] = (await once(client, 'close')) as [number | null]
    if (code !== 0) throw new Error(`a script ended with ${code}: ${said}`)
    const purged = /purge binary logs to '([^']+)'/i.exec(sql)?.[1]
    if (purged !== undefined) await this.#purge(purged)
  }

  /** A file that the storage engine may still need after a crash is left, with a warning. */
  async #purge(to: string): Promise<void> {
    for (const end = performance.now() + 20_000; ; await delay(50)) {
      const [first] = await this.#server.query<{ Log_name: string }>('show binary logs')
      if (first?.Log_name === to) return
      if (performance.now() > end) throw new Error(`the log is not purged to ${to}`)
      await this.#server.script(`purge binary logs to '${to}'`)
    }
  }

  async clear(): Promise<void> {
    await this.#own?.[Symbol.asyncDispose]()
    this.#own = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear()
    await this.#shared?.[Symbol.asyncDispose]()
  }

  #folderOf({ folder, name }: Scenario): string {
    return path.join(this.#dir, 'run', folder.split('/')[0]!, name)
  }

  get #server(): MysqlServer {
    const server = this.#own ?? this.#shared
    if (server === undefined) throw new Error('there is no server before a scenario')
    return server
  }

  get #isMysql(): boolean {
    return this.#kind === 'MySQL'
  }

  async #start(wish: OwnServer = { port: '33097', gtid: true, settings: {} }): Promise<MysqlServer> {
    const server = this.#isMysql ? await startMysql({ gtid: wish.gtid, uuid: uuid(wish.port), settings: wish.settings }) : await startMariadb({ version: this.#kind === 'MariaDB 11.8' ? '11.8' : '10.11' })
    await server.script("create user 'dbz'@'%' identified by 'dbz'; grant all on *.* to 'dbz'@'%' with grant option")
    if (!this.#isMysql) await server.script("create user 'root'@'127.0.0.1'; grant all on *.* to 'root'@'127.0.0.1' with grant option")
    return server
  }

  async #reset(metadata: boolean): Promise<void> {
    const databases = await this.#server.query<{ name: string }>("select schema_name as name from information_schema.schemata where schema_name not in ('mysql', 'sys', 'performance_schema', 'information_schema')")
    const plain = this.#isMysql ? 'MINIMAL' : 'NO_LOG'
    const globals = { ...GLOBALS, ...(this.#isMysql ? MYSQL_GLOBALS : MARIADB_GLOBALS), binlog_row_metadata: metadata ? 'FULL' : plain }
    const statements = [
      ...databases.map(({ name }) => `drop database \`${name.replaceAll('`', '``')}\``),
      ...Object.entries(globals).map(([name, value]) => `set global ${name} = ${value}`),
      this.#isMysql ? 'reset binary logs and gtids' : 'reset master',
    ]
    await this.#server.script(statements.join(';\n'))
  }
}

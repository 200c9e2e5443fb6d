import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createConnection, type Connection } from 'mysql2/promise'
import type { DebianTree } from './debian.ts'
import { freePort } from './port.ts'
import { makeCertificates, type Certificates } from './tls.ts'
import { unwatch, watch } from './watchdog.ts'

const run = promisify(execFile)

/** `--name=value`; true: a flag, `--name`. */
export type MysqlSettings = Readonly<Record<string, string | true>>

/** A server program with everything around it. */
export interface MysqlBuild {
  /** For people: `MySQL 9.7`. */
  readonly title: string
  readonly tree: DebianTree
  /** Below the tree. */
  readonly program: string
  /** An initialised data folder, to be copied. */
  readonly template: string
  /** Folders of the program, and what every server is started with. */
  readonly settings: MysqlSettings
}

export interface MysqlServerOptions {
  /** Over the defaults. */
  readonly settings?: MysqlSettings | undefined
  /** true: a certificate for localhost and 127.0.0.1; 'other-host': one for another name; 'name-only': not for 127.0.0.1. Connections without TLS stay allowed. */
  readonly tls?: boolean | 'other-host' | 'name-only' | undefined
}

/** The same for both kinds. `innodb_flush_log_at_trx_commit=2`: what is committed outlives the process, not the machine. */
const DEFAULT_SETTINGS: MysqlSettings = {
  'bind-address': '127.0.0.1', 'skip-name-resolve': true, 'secure-file-priv': '', 'server-id': '1', 'log-bin': 'binlog', 'default-time-zone': '+00:00',
  'innodb-buffer-pool-size': '64M', 'innodb-flush-log-at-trx-commit': '2', 'sync-binlog': '0', 'pid-file': 'mysqld.pid', socket: 'mysqld.sock',
}

/** Starts a server of this build on a free port of 127.0.0.1. */
export async function startBuild(build: MysqlBuild, options: MysqlServerOptions, prepare: (dataDir: string) => Promise<void> = async () => {}): Promise<MysqlServer> {
  // short: a socket's path may have 107 bytes
  const dir = await mkdtemp(path.join(os.tmpdir(), 'tailrace-my-'))
  watch(dir)
  const server = new MysqlServer(build, options, dir, await freePort())
  try {
    await run('cp', ['-a', build.template, server.dataDir])
    await prepare(server.dataDir)
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

/** A MySQL or MariaDB of a test; `root` has no password and every privilege. Ended by `await using`. */
export class MysqlServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  /** PEM files; there when the option `tls` was given. */
  readonly certificates: Certificates | undefined
  readonly #build: MysqlBuild
  readonly #dir: string
  #port: number
  #settings: MysqlSettings
  #child: ChildProcess | undefined
  #everUp = false

  constructor(build: MysqlBuild, options: MysqlServerOptions, dir: string, port: number) {
    this.#build = build
    this.#dir = dir
    this.#port = port
    const { tls = false } = options
    this.certificates = tls === false ? undefined : makeCertificates(path.join(dir, 'tls'))
    const shown = this.certificates?.[tls === 'other-host' ? 'otherHost' : tls === 'name-only' ? 'nameOnly' : 'server']
    const secure = this.certificates === undefined || shown === undefined ? {} : { 'ssl-ca': this.certificates.ca, 'ssl-cert': shown.cert, 'ssl-key': shown.key }
    this.#settings = { ...DEFAULT_SETTINGS, ...build.settings, ...secure, ...options.settings }
  }

  /** Kept over `stop`, `kill9` and `start`. */
  get port(): number {
    return this.#port
  }

  /** The log's files are in it as well: `binlog.000001` … */
  get dataDir(): string {
    return path.join(this.#dir, 'data')
  }

  /** Undefined while the server is down. */
  get pid(): number | undefined {
    return this.#running()?.pid
  }

  url(user = 'root', password?: string): string {
    const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
    return `mysql://${encodeURIComponent(user)}${secret}@${this.host}:${this.#port}`
  }

  /** What the server wrote to its error log. */
  log(): string {
    return readFileSync(path.join(this.#dir, 'server.log'), 'utf8')
  }

  /** Runs one statement on a connection of its own. Dates come as text, integers that are too large as text as well. */
  async query<Row = Record<string, unknown>>(sql: string, database?: string, values?: unknown[]): Promise<Row[]> {
    return await this.withClient(database, async (client) => (await client.query(sql, values))[0] as Row[])
  }

  /** The first column of the first row. */
  async value<T = unknown>(sql: string, database?: string, values?: unknown[]): Promise<T> {
    const [row] = await this.query(sql, database, values)
    return Object.values(row ?? {})[0] as T
  }

  /** Asks until the first column of the first row is 1. */
  async until(sql: string, database?: string, { timeoutMs = 60_000 } = {}): Promise<void> {
    await this.withClient(database, async (client) => {
      for (const end = performance.now() + timeoutMs; ; await delay(20)) {
        const [rows] = (await client.query({ sql, rowsAsArray: true })) as unknown as [unknown[][]]
        if (Number(rows[0]?.[0]) === 1) return
        if (performance.now() > end) throw new Error(`not true within ${timeoutMs} ms: ${sql}`)
      }
    })
  }

  /**
   * Runs statements on a connection that leaves prepared XA transactions behind; resolves when the server has seen it go, for until then nobody else may
   * end them.
   */
  async leave(sql: string, database?: string): Promise<void> {
    const id = await this.withClient(database, async (client) => {
      const [[row]] = (await client.query('select connection_id() as id')) as unknown as [[{ id: number }]]
      await client.query(sql)
      return row.id
    })
    await this.until(`select count(*) = 0 from information_schema.processlist where id = ${id}`)
  }

  /** Runs statements one after the other on one connection; `DELIMITER`, the client's own, is not understood. */
  async script(sql: string, database?: string): Promise<void> {
    await this.withClient(database, async (client) => void (await client.query(sql)))
  }

  /** A connection for as long as `use` runs. */
  async withClient<T>(database: string | undefined, use: (client: Connection) => Promise<T>): Promise<T> {
    const client = await createConnection({
      host: this.host, port: this.#port, user: 'root', charset: 'utf8mb4', multipleStatements: true, dateStrings: true, supportBigNumbers: true, ...(database === undefined ? {} : { database }),
    })
    // A server that goes away while a client is idle would be an unhandled 'error' event; a running query rejects anyway.
    client.on('error', () => undefined)
    try {
      return await use(client)
    } finally {
      await client.end().catch(() => client.destroy())
    }
  }

  /** Makes an empty database, in utf8mb4; one of that name is dropped first. */
  async createDatabase(name: string): Promise<void> {
    await this.dropDatabase(name)
    await this.query('create database ?? character set utf8mb4', undefined, [name])
  }

  async dropDatabase(name: string): Promise<void> {
    await this.query('drop database if exists ??', undefined, [name])
  }

  /** What to spawn to run another program of the build, such as `mysqlbinlog`. */
  command(program: string, args: readonly string[]): { readonly file: string; readonly args: string[] } {
    return this.#build.tree.command(path.join('usr/bin', program), args)
  }

  /** Runs `mysqlbinlog` (MariaDB: its own of that kind) in the data folder; what it prints. */
  async mysqlbinlog(...args: string[]): Promise<string> {
    const program = /MariaDB/.test(this.#build.title) ? 'mariadb-binlog' : 'mysqlbinlog'
    const { file, args: all } = this.command(program, ['--no-defaults', ...args])
    return (await run(file, all, { cwd: this.dataDir, maxBuffer: 512 * 1024 * 1024 })).stdout
  }

  /** Starts it (again). Resolves when it takes connections; `settings` change what it was started with before. */
  async start(settings: MysqlSettings = {}): Promise<void> {
    if (this.#running() !== undefined) throw new Error('the server is running')
    this.#settings = { ...this.#settings, ...settings }
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#spawn()
        return
      } catch (error) {
        // Another process was given the port between our probe and the server's bind; only before anybody knows it.
        if (attempt === 5 || this.#everUp || !/Address already in use/.test(String(error))) throw error
        this.#port = await freePort()
      }
    }
  }

  async #spawn(): Promise<void> {
    const log = openSync(path.join(this.#dir, 'server.log'), 'a')
    const from = this.log().length
    const account = process.getuid?.() === 0 ? ['--user=root'] : []
    // a server that starts removes temporary tables from its folder, those of others too
    const given: MysqlSettings = { datadir: this.dataDir, tmpdir: this.#dir, port: String(this.#port), ...this.#settings }
    const settings = Object.entries(given).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))
    const { file, args } = this.#build.tree.command(this.#build.program, ['--no-defaults', ...account, ...settings])
    // Detached: a Ctrl-C at the terminal is for the tests, the watchdog ends the server then; it looks for the pid and this folder.
    const child = spawn(file, args, { cwd: this.dataDir, stdio: ['ignore', log, log], detached: true, env: { PATH: process.env['PATH'], HOME: this.#dir, TZ: 'UTC', LC_ALL: 'C' } })
    closeSync(log)
    child.unref()
    await writeFile(path.join(this.#dir, 'server.pid'), `${child.pid ?? 0}\n`)
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      // the folder may be gone by then: a watchdog removes it together with its server
      child.once('exit', () => resolve(existsSync(path.join(this.#dir, 'server.log')) ? this.log().slice(from) : 'its folder was removed'))
    })
    while (!/ready for connections/.test(this.log().slice(from))) {
      const failure = await Promise.race([ended, delay(10)])
      if (failure !== undefined) throw new Error(`${this.#build.title} did not start: ${failure}`)
    }
    this.#everUp = true
    this.#child = child
  }

  async restart(settings: MysqlSettings = {}): Promise<void> {
    await this.stop()
    await this.start(settings)
  }

  /** In order: sessions are ended, the log is closed. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** SIGKILL: the next start recovers. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Stops the process without ending it (SIGSTOP), until {@link MysqlServer.thaw}. */
  freeze(): void {
    this.#running()?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#running()?.kill('SIGCONT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#running()
    if (child === undefined) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
    this.#child = undefined
  }

  #running(): ChildProcess | undefined {
    const child = this.#child
    return child?.exitCode === null && child.signalCode === null ? child : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9()
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 })
    unwatch(this.#dir)
  }
}

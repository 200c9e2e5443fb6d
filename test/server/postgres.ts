import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { appendFile, chown, copyFile, chmod, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { reachablePostgres, serverAccount, type Account } from './account.ts'
import { executable, type PostgresMajor } from './binary.ts'
import { newDataDir, processOptions } from './data-dir.ts'
import { freePort } from './port.ts'
import { descendants, isAlive } from './process.ts'
import { splitStatements } from './sql-script.ts'
import { makeCertificates, type Certificates } from './tls.ts'
import { unwatch, watch } from './watchdog.ts'

export { POSTGRES_MAJORS, type PostgresMajor } from './binary.ts'

export interface PostgresOptions {
  readonly major: PostgresMajor
  /** Server settings (`-c name=value`), over the defaults below. */
  readonly settings?: Readonly<Record<string, string>>
  /** First lines of pg_hba.conf; the default lines (trust for everybody on 127.0.0.1) stay after them. */
  readonly hba?: readonly string[]
  /** true: a certificate for localhost and 127.0.0.1; 'other-host': one for another name. TCP without TLS stays allowed. */
  readonly tls?: boolean | 'other-host'
  /** Default false. With true, every commit waits for the disk. */
  readonly fsync?: boolean
}

const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  wal_level: 'logical',
  max_replication_slots: '50',
  max_wal_senders: '50',
  max_connections: '150',
  shared_buffers: '32MB',
  max_wal_size: '4GB',
  unix_socket_directories: '',
  log_min_messages: 'warning',
  lc_messages: 'C',
  timezone: 'UTC',
  wal_sender_timeout: '60s',
}

/** Starts a PostgreSQL of its own on a free port of 127.0.0.1, superuser `postgres`. Ended by `await using`. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const account = serverAccount()
  const home = await reachablePostgres(options.major, account)
  const dir = await newDataDir(home, account)
  watch(dir)
  const server = new PostgresServer(options, { account, home, dir, port: await freePort() })
  try {
    await server.configure()
    await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return server
}

interface Place {
  readonly account: Account | undefined
  readonly home: string
  readonly dir: string
  readonly port: number
}

export class PostgresServer {
  readonly host = '127.0.0.1'
  readonly major: PostgresMajor
  /** PEM files; there when the option `tls` was given. */
  readonly certificates: Certificates | undefined
  readonly #options: PostgresOptions
  readonly #place: Place
  #port: number
  #settings: Record<string, string>
  #child: ChildProcess | undefined

  constructor(options: PostgresOptions, place: Place) {
    this.major = options.major
    this.#options = options
    this.#place = place
    this.#port = place.port
    const fsync = options.fsync === true ? 'on' : 'off'
    this.#settings = { ...DEFAULT_SETTINGS, fsync, full_page_writes: fsync, ...options.settings }
    if (options.tls !== undefined && options.tls !== false) this.certificates = makeCertificates(path.join(place.dir, 'tls'))
  }

  /** Kept over `stop`, `kill9` and `start`. */
  get port(): number {
    return this.#port
  }

  get dataDir(): string {
    return path.join(this.#place.dir, 'data')
  }

  /** The postmaster's; undefined while the server is down. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  url(db = 'postgres', user = 'postgres'): string {
    return `postgresql://${encodeURIComponent(user)}@${this.host}:${this.#port}/${encodeURIComponent(db)}`
  }

  /** What the server wrote to its log. */
  log(): string {
    return readFileSync(path.join(this.#place.dir, 'server.log'), 'utf8')
  }

  /** Runs one statement (several without values: one implicit transaction) on a connection of its own. */
  async query<Row = Record<string, unknown>>(sql: string, db?: string, values?: unknown[]): Promise<Row[]> {
    return await this.withClient(db, async (client) => (await client.query(sql, values)).rows as Row[])
  }

  /** The first column of the first row. */
  async value<T = unknown>(sql: string, db?: string, values?: unknown[]): Promise<T> {
    const [row] = await this.query(sql, db, values)
    return Object.values(row ?? {})[0] as T
  }

  /** Asks until the first column of the first row is true. */
  async until(sql: string, db?: string, { timeoutMs = 60_000 } = {}): Promise<void> {
    await this.withClient(db, async (client) => {
      for (const end = performance.now() + timeoutMs; ; await delay(20)) {
        const { rows } = await client.query<[unknown]>({ text: sql, rowMode: 'array' })
        if (rows[0]?.[0] === true) return
        if (performance.now() > end) throw new Error(`not true within ${timeoutMs} ms: ${sql}`)
      }
    })
  }

  /** Runs a script as psql would: each top-level statement is its own transaction, unless the script says `begin`. */
  async script(db: string, sql: string): Promise<void> {
    await this.withClient(db, async (client) => {
      for (const statement of splitStatements(sql)) {
        await client.query(statement).catch((error: unknown) => {
          throw new Error(`${String(error)} in: ${statement.slice(0, 300)}`, { cause: error })
        })
      }
    })
  }

  /** A connection for as long as `use` runs. */
  async withClient<T>(db: string | undefined, use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url(db) })
    // A server that goes away while a client is idle would be an unhandled 'error' event; a running query rejects anyway.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await use(client)
    } finally {
      await client.end()
    }
  }

  /** Makes an empty database; one of that name is dropped first. */
  async createDatabase(name: string): Promise<void> {
    await this.dropDatabase(name)
    await this.query(`create database ${pg.escapeIdentifier(name)}`)
  }

  /** Drops a database with its replication slots and sessions, if it is there. */
  async dropDatabase(name: string): Promise<void> {
    await this.dropSlots(name)
    await this.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
  }

  /** Drops a database's slots; those in use lose their walsender first. */
  async dropSlots(db: string): Promise<void> {
    const mine = `from pg_replication_slots where database = ${pg.escapeLiteral(db)}`
    await this.query(`select pg_terminate_backend(active_pid) ${mine} and active`)
    await this.until(`select count(*) = 0 ${mine} and active`)
    await this.query(`select pg_drop_replication_slot(slot_name) ${mine}`)
  }

  /** Writes what start() reads; part of startPostgres. */
  async configure(): Promise<void> {
    const { account, dir } = this.#place
    const hba = path.join(this.dataDir, 'pg_hba.conf')
    if (this.#options.hba) await writeFile(hba, [...this.#options.hba, await readFile(hba, 'utf8')].join('\n'))
    const certificates = this.certificates
    if (certificates === undefined) return
    const used = this.#options.tls === 'other-host' ? certificates.otherHost : certificates.server
    for (const [name, from] of [['server.crt', used.cert], ['server.key', used.key], ['ca.crt', certificates.ca]] as const) {
      const to = path.join(this.dataDir, name)
      await copyFile(from, to)
      await chmod(to, 0o600)
      if (account !== undefined) await chown(to, account.uid, account.gid)
    }
    await appendFile(path.join(dir, 'data', 'postgresql.conf'), "\nssl = on\nssl_cert_file = 'server.crt'\nssl_key_file = 'server.key'\nssl_ca_file = 'ca.crt'\n")
  }

  /** Starts it (again). Resolves when it takes connections; `settings` change what it was started with before. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#child !== undefined) throw new Error('the server is running')
    this.#settings = { ...this.#settings, ...settings }
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#spawn()
        return
      } catch (error) {
        // Another process was given the port between our probe and the server's bind; only before anybody knows it.
        if (attempt === 5 || this.#everUp || !/Address already in use|could not bind/.test(String(error))) throw error
        this.#port = await freePort()
      }
    }
  }
  #everUp = false

  async #spawn(): Promise<void> {
    const { account, home, dir } = this.#place
    const log = openSync(path.join(dir, 'server.log'), 'a')
    const from = this.log().length
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(
      path.join(home, 'bin', executable('postgres')),
      ['-D', this.dataDir, '-h', this.host, '-p', String(this.#port), ...settings],
      // Detached: a Ctrl-C at the terminal is for the tests, the watchdog ends the server then.
      { cwd: dir, stdio: ['ignore', log, log], detached: true, ...processOptions(account, dir) },
    )
    closeSync(log)
    child.unref()
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', () => resolve(this.log().slice(from)))
    })
    for (;;) {
      // What pg_ctl -w looks at: the first line is the pid, the eighth the state; `standby` takes connections as well.
      const lines = (await readFile(path.join(this.dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
      if (lines[0] === String(child.pid) && /^(ready|standby) *$/.test(lines[7] ?? '')) break
      const failure = await Promise.race([ended, delay(10)])
      if (failure !== undefined) throw new Error(`PostgreSQL ${this.major} did not start: ${failure}`)
    }
    this.#everUp = true
    this.#child = child
    void ended.then(() => {
      if (this.#child === child) this.#child = undefined
    })
  }

  /** fast: sessions are ended, a checkpoint is written. immediate: as a crash, recovery at the next start. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const child = this.#running()
    if (child === undefined) return
    const exit = once(child, 'exit')
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await exit
    this.#child = undefined
  }

  /** SIGKILL to every process of the server at once, as when the machine's memory ran out; all are gone when it resolves. */
  async kill9(): Promise<void> {
    const child = this.#running()
    if (child === undefined) return
    const exit = once(child, 'exit')
    const family = child.pid === undefined ? [] : descendants(child.pid)
    child.kill('SIGKILL')
    for (const pid of family) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    await exit
    // A child that lives still holds the shared memory, and the next start would be refused.
    while (family.some(isAlive)) await delay(5)
    this.#child = undefined
  }

  #running(): ChildProcess | undefined {
    const child = this.#child
    return child?.exitCode === null && child.signalCode === null ? child : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate')
    await rm(this.#place.dir, { recursive: true, force: true, maxRetries: 5 })
    unwatch(this.#place.dir)
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { Random } from '../random.ts'
import { alteration } from './alteration.ts'
import type { Kind } from './order.ts'
import { DATABASE } from './schema.ts'
import { Script, type Transaction } from './script.ts'

/**
 * What belongs to the workload: a table that has another name or other columns by now, a lock that was waited for, a deadlock, a key that
 * is taken, XA transactions that somebody else has or has ended (https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html),
 * MariaDB's "record has changed since last read", and its "can't find record" where an ALTER TABLE cannot follow the changes that came meanwhile.
 */
const EXPECTED = new Set([1020, 1032, 1054, 1062, 1091, 1146, 1205, 1213, 1397, 1399, 1400, 1401, 1402, 1440, 1613, 1614])
/** The server was killed. */
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST', 'ER_SERVER_SHUTDOWN', 'ETIMEDOUT', 'ER_NORMAL_SHUTDOWN', 'ER_CON_COUNT_ERROR'])

/** Connections that write at the same time, and one that alters the tables. */
export class MysqlWriters implements AsyncDisposable {
  readonly #server: MysqlServer
  readonly #kind: Kind
  readonly #running: Promise<void>[] = []
  readonly #count: number
  #paused: { readonly released: Promise<void>; readonly release: () => void } | undefined
  #idle = 0
  #stopped = false
  /** A snapshot is taken: no XA transactions, which it refuses, and no table loses its name. */
  calm = false
  committed = 0
  altered = 0
  refused = 0
  /** XA transactions that were prepared and left. */
  left = 0

  constructor(server: MysqlServer, kind: Kind, count: number, seed: number) {
    this.#server = server
    this.#kind = kind
    this.#count = count + 1
    const pool = Array.from({ length: 40 }, (_, at) => at + 1)
    for (let writer = 0; writer < count; writer++) {
      const script = new Script(kind, new Random(seed * 31 + writer), writer, pool)
      this.#running.push(this.#work((client) => this.#write(client, script)))
    }
    const random = new Random(seed * 31 + count)
    this.#running.push(this.#work((client) => this.#alter(client, random)))
    // whoever pauses is told
    for (const writer of this.#running) writer.catch(() => undefined)
  }

  /** Resolves when every writer has ended its transaction; none begins another one. XA transactions stay prepared. */
  async pause(): Promise<void> {
    if (this.#paused === undefined) {
      let release = (): void => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      this.#paused = { released, release }
    }
    // a writer that has failed is told of here
    while (this.#idle < this.#count) await Promise.race([delay(5), ...this.#running])
  }

  resume(): void {
    this.#paused?.release()
    this.#paused = undefined
  }

  /**
   * Kills the server amid transactions, and starts it again; XA transactions may be prepared, but none is being prepared or ended, and what was ended is in
   * InnoDB's log: MariaDB 11.8 was seen to keep one whose XA PREPARE its log does not have, and, in 17 of 40 kills, ones whose XA ROLLBACK its log has, for a
   * rollback waits for no write. What becomes of them later is in no log that makes sense.
   */
  async killServer(): Promise<void> {
    const { calm } = this
    await this.pause()
    this.calm = true
    await this.#server.query('flush no_write_to_binlog engine logs')
    this.resume()
    await delay(50)
    await this.#server.kill9()
    await this.#server.start()
    this.calm = calm
  }

  /** Ends every XA transaction that was left. */
  async endPrepared(): Promise<void> {
    await this.#server.withClient(DATABASE, async (client) => {
      for (;;) {
        const [rows] = (await client.query('xa recover')) as unknown as [{ data: string }[]]
        if (rows.length === 0) return
        // those of living sessions are refused, and will be ended by them
        for (const { data } of rows) await client.query(`xa ${this.committed % 2 === 0 ? 'commit' : 'rollback'} '${String(data)}'`).catch(() => delay(5))
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.resume()
    await Promise.allSettled(this.#running)
  }

  /** `step` returns false where its connection must not be used again. */
  async #work(step: (client: Connection) => Promise<boolean>): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#server.withClient(DATABASE, async (client) => {
          await client.query('set session innodb_lock_wait_timeout = 1, lock_wait_timeout = 1; set session transaction isolation level read committed')
          while (!this.#stopped && (await this.#attempt(client, step))) await this.#rest()
        })
      } catch (error) {
        if (!GONE.has((error as { code?: string }).code ?? '') && !/closed state|Can't add new command/.test(String(error))) throw error
        await delay(50)
      }
      await this.#rest()
    }
  }

  async #attempt(client: Connection, step: (client: Connection) => Promise<boolean>): Promise<boolean> {
    try {
      return await step(client)
    } catch (error) {
      if (!EXPECTED.has((error as { errno?: number }).errno ?? 0)) throw error
      this.refused++
      // whatever state it is in: another connection is in none
      await client.query('rollback').catch(() => undefined)
      return false
    }
  }

  async #rest(): Promise<void> {
    while (this.#paused !== undefined && !this.#stopped) {
      this.#idle++
      await this.#paused.released
      this.#idle--
    }
  }

  async #write(client: Connection, script: Script): Promise<boolean> {
    const { statements, end, restMs, leaves }: Transaction = script.next(this.calm)
    // asked in any case: what the script says later hangs on it
    if (script.endsAnother() && !this.calm) await this.#endPrepared(client, script)
    for (const sql of statements) await client.query(sql)
    for (const sql of end) await client.query(sql)
    this.committed++
    if (leaves) this.left++
    await delay(restMs)
    return !leaves
  }

  /** One of those that were left, whoever did; the ones of living sessions are refused. */
  async #endPrepared(client: Connection, script: Script): Promise<void> {
    const [rows] = (await client.query('xa recover')) as unknown as [{ data: string }[]]
    if (rows.length > 0) await client.query(script.ending(rows.map(({ data }) => String(data))))
  }

  async #alter(client: Connection, random: Random): Promise<boolean> {
    await delay(this.calm ? random.between(300, 1500) : random.between(80, 500))
    const [rows] = (await client.query('select table_name as name, column_name as col, lower(column_type) as type from information_schema.columns where table_schema = ? order by table_name, ordinal_position', [DATABASE])) as unknown as [{ name: string; col: string; type: string }[]]
    for (const sql of alteration(this.#kind, rows, random, !this.calm)) await client.query(sql)
    this.altered++
    return true
  }
}

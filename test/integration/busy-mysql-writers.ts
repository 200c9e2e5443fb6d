import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from 'mysql2/promise'
import { Random } from '../chaos/random.ts'
import type { MysqlServer } from '../server/mysql-server.ts'

export const BUSY_DATABASE = 'busy'
const WRITERS = 3
/** Another writer's rows were in the way: ER_LOCK_DEADLOCK; MariaDB's ER_CHECKREAD, with innodb_snapshot_isolation. */
const IN_THE_WAY = [1213, 1020]

/** The tables that {@link BusyMysqlWriters} write to; each writer alters its own. */
export const BUSY_MYSQL_TABLES: string = [
  ...Array.from({ length: WRITERS }, (_, writer) => `create table own${writer} (id bigint primary key, a varchar(80))`),
  'create table shared (id bigint primary key, a varchar(80))', 'create table trash (id bigint primary key, a varchar(80))', 'create table mark (id bigint primary key)',
].join(';')

/**
 * Several connections with transactions of all kinds, between which one of them alters its tables: of one row, of many rows in one
 * statement, which the log cuts into several events, of several statements and tables, rolled back. A value begins with the name of its
 * column and ends with a number of its own. Ended by disposing.
 */
export class BusyMysqlWriters implements AsyncDisposable {
  readonly #server: MysqlServer
  readonly #pauseMs: number
  readonly #running: readonly Promise<void>[]
  #stopped = false
  #altering = 0
  /** Nobody alters a table: somebody reads what they are. */
  calm: boolean

  /** `pauseMs`: about so long each writer rests between two transactions. */
  constructor(server: MysqlServer, seed: number, { pauseMs = 150, calm = false } = {}) {
    this.calm = calm
    this.#server = server
    this.#pauseMs = pauseMs
    this.#running = Array.from({ length: WRITERS }, (_, writer) => this.#write(writer, new Random(seed + writer)))
    // whoever stops them is told
    for (const writer of this.#running) writer.catch(() => undefined)
  }

  async #write(number: number, random: Random): Promise<void> {
    await this.#server.withClient(BUSY_DATABASE, async (client) => {
      const writer = new Writer(client, number, random)
      for (let done = 0; !this.#stopped; done++) {
        if (!this.calm && random.chance(0.2)) {
          this.#altering++
          await writer.alter().finally(() => this.#altering--)
        } else await writer.next()
        // slower and slower: on a busy machine the turns take longer, and everything has to be delivered in the end
        await delay(random.between(0, 2 * this.#pauseMs) * (1 + done / 60))
      }
    })
  }

  /** Nobody alters a table any more when it resolves. */
  async calmDown(): Promise<void> {
    this.calm = true
    while (this.#altering > 0) await delay(5)
  }

  /** Resolves when the open transactions have ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** A table, its columns behind `id`, and the rows that it has. */
interface Written {
  readonly name: string
  readonly columns: string[]
  ids: number[]
}

class Writer {
  readonly #client: Connection
  readonly #random: Random
  readonly #number: number
  readonly #own: Written
  readonly #shared: Written = { name: 'shared', columns: ['a'], ids: [] }
  /** One that comes and goes. */
  #passing: Written | undefined
  #next: number

  constructor(client: Connection, number: number, random: Random) {
    this.#client = client
    this.#random = random
    this.#number = number
    this.#own = { name: `own${number}`, columns: ['a'], ids: [] }
    this.#next = (number + 1) * 1_000_000_000
  }

  async next(): Promise<void> {
    const tables = [this.#own, this.#shared, ...(this.#passing === undefined ? [] : [this.#passing])]
    const ids = tables.map((table) => [...table.ids])
    const committed = await this.#transaction().catch(async (error: unknown) => {
      if (!IN_THE_WAY.includes((error as { errno?: number }).errno ?? 0)) throw error
      await this.#client.query('rollback')
      return false
    })
    if (!committed) tables.forEach((table, index) => (table.ids = ids[index]!))
  }

  async #transaction(): Promise<boolean> {
    if (this.#random.chance(0.3)) {
      await this.#step()
      return true
    }
    await this.#client.query('begin')
    for (let left = this.#random.between(1, 6); left > 0; left--) await this.#step()
    const commits = !this.#random.chance(0.1)
    await this.#client.query(commits ? 'commit' : 'rollback')
    return commits
  }

  async #step(): Promise<void> {
    const table = this.#random.pick([this.#own, this.#own, this.#shared, this.#passing ?? this.#shared])
    const known = table.ids
    const some = known.slice(0, this.#random.between(1, 8))
    switch (this.#random.between(0, 5)) {
      case 0:
        if (some.length === 0) return
        known.splice(0, some.length)
        return await this.#run(`delete from ${table.name} where id in (${some.join()})`)
      case 1:
      case 2: {
        const column = this.#random.pick(table.columns)
        if (some.length > 0) await this.#run(`update ${table.name} set ${column} = '${this.#value(column)}' where id in (${some.join()})`)
        return
      }
      default:
        return await this.#insert(table, this.#random.chance(0.03) ? this.#random.between(200, 400) : this.#random.chance(0.4) ? this.#random.between(2, 12) : 1)
    }
  }

  async #insert({ name, columns, ids }: Written, count: number): Promise<void> {
    const rows = Array.from({ length: count }, () => {
      const values = columns.map((column) => (this.#random.chance(0.1) ? 'null' : `'${this.#value(column)}'`))
      ids.push(this.#next)
      return `(${this.#next++}, ${values.join(', ')})`
    })
    await this.#run(`insert into ${name} (id, ${columns.join(', ')}) values ${rows.join(', ')}`)
  }

  async alter(): Promise<void> {
    const { name, columns } = this.#own
    const column = `c${this.#next++}`
    const place = this.#random.pick(['', ' first', ' after id'])
    switch (this.#random.between(0, 4)) {
      case 0:
        if (this.#number !== 0) return await this.#run('flush binary logs')
        await this.#run(`insert into trash values (${this.#next++}, null)`)
        return await this.#run('truncate table trash')
      case 1:
        if (this.#passing !== undefined) await this.#run(`drop table ${this.#passing.name}`)
        this.#passing = { name: `passing${column}`, columns: ['a'], ids: [] }
        return await this.#run(`create table ${this.#passing.name} (id bigint primary key, a varchar(80))`)
      case 2: {
        const gone = columns.length < 3 ? undefined : columns.splice(1, 1)[0]!
        if (gone !== undefined) await this.#run(`alter table ${name} drop column ${gone}`)
        return
      }
      default:
        if (columns.length > 6) return
        columns.push(column)
        return await this.#run(`alter table ${name} add column ${column} varchar(80)${place}`)
    }
  }

  #value(column: string): string {
    return `${column}:${'.'.repeat(this.#random.between(0, 40))}${this.#next++}`
  }

  async #run(sql: string): Promise<void> {
    await this.#client.query(sql)
  }
}

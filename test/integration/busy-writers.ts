import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { Random } from '../chaos/random.ts'

/** The tables that {@link BusyWriters} write to. */
export const BUSY_TABLES = `
create table item (id bigint primary key, v bigint not null);
create table whole (id bigint primary key, v bigint not null); alter table whole replica identity full;
create table pile (id bigint primary key);
create table dust (id bigint primary key); create table ash (id bigint primary key);`

/**
 * Several connections with transactions of all kinds that overlap: rows of one COPY share a place in the WAL, key updates are two
 * events, messages stand inside and outside of transactions, what begins first commits last. Every change but a TRUNCATE can be told
 * from every other. Ended by disposing.
 */
export class BusyWriters implements AsyncDisposable {
  #stopped = false
  readonly #url: string
  readonly #pauseMs: number
  readonly #running: readonly Promise<void>[]

  /** `pauseMs`: about so long each writer rests between two transactions. */
  constructor(url: string, seed: number, { writers = 3, pauseMs = 4 } = {}) {
    this.#url = url
    this.#pauseMs = pauseMs
    this.#running = Array.from({ length: writers }, (_, writer) => this.#write(writer, new Random(seed + writer)))
  }

  async #write(number: number, random: Random): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url })
    await client.connect()
    try {
      const writer = new Writer(client, number, random)
      while (!this.#stopped) {
        await writer.transaction()
        await delay(random.between(0, 2 * this.#pauseMs))
      }
    } finally {
      await client.end()
    }
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

class Writer {
  readonly #client: pg.Client
  readonly #random: Random
  readonly #first: boolean
  #next: number
  /** What it has made and not deleted. */
  #items: number[] = []
  #wholes: number[] = []

  constructor(client: pg.Client, number: number, random: Random) {
    this.#client = client
    this.#random = random
    this.#first = number === 0
    this.#next = (number + 1) * 1_000_000_000
  }

  async transaction(): Promise<void> {
    if (this.#random.chance(0.3)) return this.#step()
    const [items, wholes] = [[...this.#items], [...this.#wholes]]
    await this.#client.query('begin')
    for (let left = this.#random.between(1, 6); left > 0; left--) await this.#step()
    if (!this.#random.chance(0.1)) return void (await this.#client.query('commit'))
    await this.#client.query('rollback')
    ;[this.#items, this.#wholes] = [items, wholes]
  }

  async #step(): Promise<void> {
    const number = this.#next++
    const [table, known] = this.#random.chance(0.7) ? ['item', this.#items] as const : ['whole', this.#wholes] as const
    const old = known.length === 0 ? undefined : known[this.#random.between(0, known.length - 1)]
    switch (this.#random.between(0, 8)) {
      case 0:
        return this.#run(`copy pile from program 'seq ${number} ${(this.#next += 60) - this.#random.between(1, 58)}'`)
      case 1:
        return this.#run(`select pg_logical_emit_message(${this.#random.chance(0.5)}, 'busy', '${number}')`)
      case 2:
        // the others would wait for its lock
        if (!this.#first) return
        return this.#run(`insert into dust values (${number}); insert into ash values (${number}); truncate dust, ash`)
      case 3:
        if (old === undefined) return
        known.splice(known.indexOf(old), 1)
        return this.#run(`delete from ${table} where id = ${old}`)
      case 4:
        if (old === undefined) return
        known.splice(known.indexOf(old), 1, number)
        return this.#run(`update ${table} set id = ${number}, v = ${number} where id = ${old}`)
      case 5:
      case 6:
        if (old === undefined) return
        return this.#run(`update ${table} set v = ${number} where id = ${old}`)
      default:
        known.push(number)
        return this.#run(`insert into ${table} values (${number}, ${number})`)
    }
  }

  async #run(sql: string): Promise<void> {
    await this.#client.query(sql)
  }
}

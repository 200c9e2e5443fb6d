import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { startMariadb } from '../server/mariadb.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireDebezium, requireMariadb, requireMysql } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_DATABASE as DB, BUSY_MYSQL_TABLES, BusyMysqlWriters } from './busy-mysql-writers.ts'
import { checkBinlogRelay, logged, loggedEvents, type BinlogLeg } from './mysql-relay.ts'
import { checkRelay } from './relay.ts'
import type { SharedConfiguration } from './shared-configuration.ts'
import { binlogConfiguration, byCommand, byDebezium, type BinlogConnector } from './take-over-binlog.ts'
import type { Ending } from './turn.ts'

/*
  Debezium's own engine and the command take turns: one configuration, one offset file, one file with the history of the tables. What they
  delivered together is compared with what the server's own program lists of its log, and where each goes on with what the offset before it says.
*/

/** So many rounds of turns under load. */
const ROUNDS = Number(process.env['TAKE_OVER_ROUNDS'] ?? 1)

interface Kind {
  readonly name: string
  readonly connector: BinlogConnector
  readonly start: () => Promise<MysqlServer>
  /** Who makes the history. */
  readonly first: 'Debezium' | 'tailrace'
  /** The log has transactions in one piece (binlog_transaction_compression). */
  readonly compressed: boolean
  /**
   * Without GTIDs Debezium takes every statement that it has itself written to the history for an early one (BinlogHistoryRecordComparator,
   * until dbz#1541), and cannot go on where it was if it had read ahead over one: then there are none before it.
   */
  readonly readsAhead: boolean
}

const KINDS: readonly Kind[] = [
  { name: 'MySQL with GTIDs', connector: 'mysql', first: 'Debezium', readsAhead: true, compressed: true, start: () => startMysql() },
  { name: 'MySQL without GTIDs', connector: 'mysql', first: 'tailrace', readsAhead: false, compressed: false, start: () => startMysql({ gtid: false }) },
  { name: 'MariaDB 10.11', connector: 'mariadb', first: 'Debezium', readsAhead: true, compressed: false, start: () => startMariadb({ version: '10.11' }) },
]

/** Everything that follows is in the files of the log from the second on. */
async function prepared(server: MysqlServer): Promise<void> {
  await server.createDatabase(DB)
  await server.script(BUSY_MYSQL_TABLES, DB)
  await server.query('flush binary logs')
}

/** Of 2,600 changes and 2,200; a statement's rows are in several events. */
const LARGE_TRANSACTIONS = (() => {
  const rows = (first: number, count: number): string => Array.from({ length: count }, (_, at) => `(${first + at}, 'a:${first + at}')`).join()
  const change = (value: string): string => `set a = concat('a:${value}', id)`
  return [
    `begin; insert into own0 values ${rows(1, 900)}; insert into shared values ${rows(1, 400)}; update own0 ${change('x')}; update shared ${change('x')}; commit`,
    `begin; insert into own1 values ${rows(1, 200)}; update own0 ${change('y')} where id <= 700; insert into own2 values ${rows(1, 900)}; update shared ${change('y')}; commit`,
  ].join(';')
})()

async function filesOf(server: MysqlServer): Promise<string[]> {
  return (await server.query<{ Log_name: string }>('show binary logs')).map(({ Log_name }) => Log_name).slice(1)
}

async function check(server: MysqlServer, name: string, legs: readonly BinlogLeg[]): Promise<readonly { readonly again: number }[]> {
  const files = await filesOf(server)
  const truth = await logged(server, files)
  const relay = checkBinlogRelay(legs, truth, await loggedEvents(server, files))
  expect(legs.at(-1)?.delivered.at(-1)).toBe(truth.at(-1))
  const statements = truth.filter((what) => /^[st] /.test(what)).length
  console.log(`${name}: ${truth.length} changes, ${statements} of them of the schema; ${relay.map(({ name: who, from, to, again }) => `${who} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`)
  return relay
}

/** Both, in turn, with endings of every kind. */
class Turns {
  readonly legs: BinlogLeg[] = []
  readonly #server: MysqlServer
  readonly #configuration: SharedConfiguration
  readonly #kind: Kind
  readonly #random: Random
  #marks = 0

  constructor(server: MysqlServer, configuration: SharedConfiguration, kind: Kind, random: Random) {
    this.#server = server
    this.#configuration = configuration
    this.#kind = kind
    this.#random = random
  }

  async round(writers: BusyMysqlWriters): Promise<void> {
    const first = this.legs.length === 0 ? this.#kind.first : 'tailrace'
    // nobody alters a table while the first of all reads what they are
    if (first === 'Debezium') await this.debezium({ stop: this.#some() })
    await this.command({ stop: this.#some() })
    if (first === 'tailrace') await this.debezium({ stop: this.#some() })
    writers.calm = false
    await this.command({ kill: this.#some() })
    if (!this.#kind.readsAhead) {
      await writers.calmDown()
      await this.command({ stop: await this.mark() })
    }
    await this.debezium({ kill: 300 + this.#some() })
    await this.command({ after: this.#some() })
    await this.debezium({ hold: this.#some() })
    await this.command({ after: this.#some() })
  }

  /** Writes a change by which the end of everything before is known. */
  async mark(): Promise<string> {
    await this.#server.query(`insert into mark values (${++this.#marks})`, DB)
    return `c mark ${this.#marks}`
  }

  /** The first turn: ends with the first change that comes after it has begun. */
  async first(): Promise<void> {
    let begun = false
    const turn = (this.#kind.first === 'Debezium' ? this.debezium({ stop: /^c mark/ }) : this.command({ stop: /^c mark/ })).finally(() => (begun = true))
    while (!begun) await Promise.all([this.mark(), delay(100)])
    await turn
  }

  async debezium(ending: Ending): Promise<void> {
    this.legs.push(await byDebezium(this.#configuration, this.#kind.connector, ending))
  }

  async command(ending: Exclude<Ending, { readonly hold: number }>): Promise<void> {
    this.legs.push(await byCommand(this.#configuration, ending))
  }

  #some(): number {
    return this.#random.between(20, 300)
  }
}

const withMysql = await requireMysql()
const withMariadb = await requireMariadb('10.11')
const withDebezium = await requireDebezium('mysql')
const withDebeziumOfMariadb = await requireDebezium('mariadb')

const suites = { mysql: [withMysql, withDebezium], mariadb: [withMariadb, withDebeziumOfMariadb] } as const

describe.each(KINDS)('Debezium and the command take turns on $name', (kind) => {
  const [withServer, withPeer] = suites[kind.connector]
  withServer('with one configuration', () => {
    withPeer('and one history of the tables', () => {
      it('under load, stopped, killed and cut off after any row, they deliver every change in order, and go on where the offset says', { timeout: 180_000 + ROUNDS * 60_000 }, async () => {
        const seed = seedOf(`take-over on ${kind.name}`)
        const random = new Random(seed)
        await using server = await kind.start()
        await prepared(server)
        await using configuration = await binlogConfiguration(server, kind.connector, { 'database.include.list': DB, 'snapshot.mode': 'no_data' })
        const turns = new Turns(server, configuration, kind, random)
        {
          await using writers = new BusyMysqlWriters(server, seed, { calm: true })
          for (let left = ROUNDS; left > 0; left--) await turns.round(writers)
          await writers.stop()
        }
        await turns.debezium({ stop: await turns.mark() })
        await check(server, kind.name, turns.legs)
      })

      it('cut off in the middle of large transactions, they go on at the next row', { timeout: 180_000 }, async () => {
        const seed = seedOf(`large transactions on ${kind.name}`)
        const random = new Random(seed)
        await using server = await kind.start()
        await prepared(server)
        await using configuration = await binlogConfiguration(server, kind.connector, { 'database.include.list': DB, 'snapshot.mode': 'no_data' })
        const turns = new Turns(server, configuration, kind, random)
        await turns.first()
        await server.script(`${kind.compressed ? 'set session binlog_transaction_compression = on;' : ''} ${LARGE_TRANSACTIONS}`, DB)
        const end = await turns.mark()
        const part = (): number => random.between(300, 900)
        await turns.debezium({ hold: part() })
        await turns.command({ after: part() })
        await turns.debezium({ after: part() })
        await turns.command({ after: part() })
        await turns.debezium({ stop: end })
        const truth = await logged(server, await filesOf(server))
        const relay = checkRelay(turns.legs, truth.slice(truth.indexOf(turns.legs[0]!.delivered[0]!)).map((what) => ({ what, lsn: '' })))
        console.log(`${kind.name}: ${relay.map(({ name, from, to, again }) => `${name} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`)
        expect(relay.slice(2).map(({ again }) => again)).toEqual([0, 0, 0, 0])
        expect(turns.legs.at(-1)?.delivered.at(-1)).toBe(truth.at(-1))
      })
    })
  })
})

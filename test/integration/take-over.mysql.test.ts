import { describe, expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { startMariadb } from '../server/mariadb.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireDebezium, requireMariadb, requireMysql } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_DATABASE as DB, BUSY_MYSQL_TABLES, BusyMysqlWriters } from './busy-mysql-writers.ts'
import { checkBinlogRelay, logged, loggedEvents, type BinlogLeg } from './mysql-relay.ts'
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
  /**
   * Without GTIDs Debezium takes every statement that it has itself written to the history for an early one (BinlogHistoryRecordComparator,
   * until dbz#1541), and cannot go on where it was if it had read ahead over one: then there are none before it.
   */
  readonly readsAhead: boolean
}

const KINDS: readonly Kind[] = [
  { name: 'MySQL with GTIDs', connector: 'mysql', first: 'Debezium', readsAhead: true, start: () => startMysql() },
  { name: 'MySQL without GTIDs', connector: 'mysql', first: 'tailrace', readsAhead: false, start: () => startMysql({ gtid: false }) },
  { name: 'MariaDB 10.11', connector: 'mariadb', first: 'Debezium', readsAhead: true, start: () => startMariadb({ version: '10.11' }) },
]

/** Everything that follows is in the files of the log from the second on. */
async function prepared(server: MysqlServer): Promise<void> {
  await server.createDatabase(DB)
  await server.script(BUSY_MYSQL_TABLES, DB)
  await server.query('flush binary logs')
}

async function check(server: MysqlServer, name: string, legs: readonly BinlogLeg[]): Promise<readonly { readonly again: number }[]> {
  const files = (await server.query<{ Log_name: string }>('show binary logs')).map(({ Log_name }) => Log_name).slice(1)
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
    })
  })
})

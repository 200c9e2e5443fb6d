import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Random } from '../chaos/random.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { BUSY_DATABASE as DB, BUSY_MYSQL_TABLES, type BusyMysqlWriters } from './busy-mysql-writers.ts'
import { binlogWordOf, checkBinlogRelay, deliveredOf, logged, loggedEvents, type BinlogFields, type BinlogLeg } from './mysql-relay.ts'
import { SharedConfiguration, type OffsetPlace, type Properties } from './shared-configuration.ts'
import { commandTurn, debeziumTurn, type Ending } from './turn.ts'

export type BinlogConnector = 'mysql' | 'mariadb'

const CLASS: Readonly<Record<BinlogConnector, string>> = { mysql: 'io.debezium.connector.mysql.MySqlConnector', mariadb: 'io.debezium.connector.mariadb.MariaDbConnector' }

/** For Debezium and the command, with one file for the schema history. */
export async function binlogConfiguration(server: MysqlServer, connector: BinlogConnector, more: Properties = {}, place?: OffsetPlace): Promise<SharedConfiguration> {
  return await SharedConfiguration.write(({ history }) => ({
    'connector.class': CLASS[connector], 'database.hostname': server.host, 'database.port': server.port, 'database.user': 'root',
    // one id for both: the server soon sees that the one before is gone
    'database.server.id': 5401, 'connect.keep.alive.interval.ms': 2000,
    'schema.history.internal': 'io.debezium.storage.file.history.FileSchemaHistory', 'schema.history.internal.file.filename': history, ...more,
  }), place)
}

/** Debezium delivers until the ending. */
export async function byDebezium(configuration: SharedConfiguration, { connector, unplaced = false }: TurnKind, ending: Ending): Promise<BinlogLeg> {
  const values = await debeziumTurn(configuration, ending, connector, binlogWordOf)
  // closed while its consumer has a batch, it may leave an older offset than what it delivered
  const done = await leg('Debezium', configuration, values, 'kill' in ending || 'stop' in ending)
  return unplaced ? { ...done, places: done.places.map(() => undefined) } : done
}

/** The command delivers until the ending. */
export async function byCommand(configuration: SharedConfiguration, ending: Exclude<Ending, { readonly hold: number }>): Promise<BinlogLeg> {
  return await leg('tailrace', configuration, await commandTurn(configuration, ending, binlogWordOf), 'kill' in ending)
}

async function leg(name: string, configuration: SharedConfiguration, values: readonly unknown[], killed: boolean): Promise<BinlogLeg> {
  const delivered = deliveredOf(values)
  const stored = await configuration.stored<BinlogFields>()
  return { name, delivered: delivered.map(({ what }) => what), places: delivered.map(({ place }) => place), last: undefined, killed, stored, offset: JSON.stringify(stored) }
}

/** Who takes turns. */
export interface TurnKind {
  readonly connector: BinlogConnector
  /** Who makes the history. */
  readonly first: 'Debezium' | 'tailrace'
  /**
   * Without GTIDs Debezium takes every statement that it has itself written to the history for an early one (BinlogHistoryRecordComparator,
   * until dbz#1541), and cannot go on where it was if it had read ahead over one: then there are none before it.
   */
  readonly readsAhead: boolean
  /** Debezium's records do not say where their event stands: MariaDB 11.4 and later log no ends of events, and it takes an earlier one's. */
  readonly unplaced?: boolean
}

/** Everything that follows is in the files of the log from the second on. */
export async function prepared(server: MysqlServer): Promise<void> {
  await server.createDatabase(DB)
  await server.script(BUSY_MYSQL_TABLES, DB)
  await server.query('flush binary logs')
}

export async function logFiles(server: MysqlServer): Promise<string[]> {
  return (await server.query<{ Log_name: string }>('show binary logs')).map(({ Log_name }) => Log_name).slice(1)
}

export async function checkTurns(server: MysqlServer, name: string, legs: readonly BinlogLeg[]): Promise<readonly { readonly again: number }[]> {
  const files = await logFiles(server)
  const truth = await logged(server, files)
  const relay = checkBinlogRelay(legs, truth, await loggedEvents(server, files))
  expect(legs.at(-1)?.delivered.at(-1)).toBe(truth.at(-1))
  const statements = truth.filter((what) => /^[st] /.test(what)).length
  console.log(`${name}: ${truth.length} changes, ${statements} of them of the schema; ${relay.map(({ name: who, from, to, again }) => `${who} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`)
  return relay
}

/** Both, in turn, with endings of every kind. */
export class Turns {
  readonly legs: BinlogLeg[] = []
  readonly #server: MysqlServer
  readonly #configuration: SharedConfiguration
  readonly #kind: TurnKind
  readonly #random: Random
  #marks = 0

  constructor(server: MysqlServer, configuration: SharedConfiguration, kind: TurnKind, random: Random) {
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
    this.legs.push(await byDebezium(this.#configuration, this.#kind, ending))
  }

  async command(ending: Exclude<Ending, { readonly hold: number }>): Promise<void> {
    this.legs.push(await byCommand(this.#configuration, ending))
  }

  #some(): number {
    return this.#random.between(20, 300)
  }
}

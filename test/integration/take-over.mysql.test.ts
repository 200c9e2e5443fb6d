import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Random } from '../chaos/random.ts'
import { startMariadb } from '../server/mariadb.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startMysql } from '../server/mysql.ts'
import { requireDebezium, requireMariadb, requireMysql } from '../server/require.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_DATABASE as DB, BusyMysqlWriters } from './busy-mysql-writers.ts'
import { logged } from './mysql-relay.ts'
import { checkRelay } from './relay.ts'
import { binlogConfiguration, checkTurns, logFiles, prepared, Turns, type TurnKind } from './take-over-binlog.ts'

/*
  Debezium's own engine and the command take turns: one configuration, one offset file, one file with the history of the tables. What they
  delivered together is compared with what the server's own program lists of its log, and where each goes on with what the offset before it says.
*/

/** So many rounds of turns under load. */
const ROUNDS = Number(process.env['TAKE_OVER_ROUNDS'] ?? 1)

interface Kind extends TurnKind {
  readonly name: string
  readonly start: () => Promise<MysqlServer>
  /** The log has transactions in one piece (binlog_transaction_compression). */
  readonly compressed: boolean
}

const KINDS: readonly Kind[] = [
  { name: 'MySQL with GTIDs', connector: 'mysql', first: 'Debezium', readsAhead: true, compressed: true, start: () => startMysql() },
  { name: 'MySQL without GTIDs', connector: 'mysql', first: 'tailrace', readsAhead: false, compressed: false, start: () => startMysql({ gtid: false }) },
  { name: 'MariaDB 10.11', connector: 'mariadb', first: 'Debezium', readsAhead: true, compressed: false, start: () => startMariadb({ version: '10.11' }) },
  { name: 'MariaDB 11.8', connector: 'mariadb', first: 'tailrace', readsAhead: true, unplaced: true, compressed: false, start: () => startMariadb({ version: '11.8' }) },
]

/** Of 2,600 changes and 2,200; a statement's rows are in several events. */
const LARGE_TRANSACTIONS = (() => {
  const rows = (first: number, count: number): string => Array.from({ length: count }, (_, at) => `(${first + at}, 'a:${first + at}')`).join()
  const change = (value: string): string => `set a = concat('a:${value}', id)`
  return [
    `begin; insert into own0 values ${rows(1, 900)}; insert into shared values ${rows(1, 400)}; update own0 ${change('x')}; update shared ${change('x')}; commit`,
    `begin; insert into own1 values ${rows(1, 200)}; update own0 ${change('y')} where id <= 700; insert into own2 values ${rows(1, 900)}; update shared ${change('y')}; commit`,
  ].join(';')
})()

const withMysql = await requireMysql()
const withMariadb = await requireMariadb('10.11', '11.8')
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
        await checkTurns(server, kind.name, turns.legs)
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
        const truth = await logged(server, await logFiles(server))
        const relay = checkRelay(turns.legs, truth.slice(truth.indexOf(turns.legs[0]!.delivered[0]!)).map((what) => ({ what, lsn: '' })))
        console.log(`${kind.name}: ${relay.map(({ name, from, to, again }) => `${name} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`)
        expect(relay.slice(2).map(({ again }) => again)).toEqual([0, 0, 0, 0])
        expect(turns.legs.at(-1)?.delivered.at(-1)).toBe(truth.at(-1))
      })

      // by places the offset is behind it
      it.runIf(kind.readsAhead)('a change of the schema that the command had kept, and Debezium was cut off behind, is made once', { timeout: 180_000 }, async () => {
        await using server = await kind.start()
        await prepared(server)
        await using configuration = await binlogConfiguration(server, kind.connector, { 'database.include.list': DB, 'snapshot.mode': 'no_data' })
        const turns = new Turns(server, configuration, kind, new Random(seedOf(`a change of the schema on ${kind.name}`)))
        await turns.first()
        await turns.command({ stop: await turns.mark() })
        const before = await readFile(configuration.offsets)
        await server.script("alter table own0 add column b varchar(80) first; insert into own0 (id, a) values (1, 'a:1')", DB)
        // as one that was killed before it stored its offset
        const kept = await turns.mark()
        await turns.command({ stop: kept })
        await writeFile(configuration.offsets, before)
        await turns.debezium({ after: 1 })
        const end = await turns.mark()
        await turns.command({ stop: end })
        const [, , , cut, rest] = turns.legs
        expect(cut!.delivered).toEqual([expect.stringMatching(/^s .*alter table own0/i)])
        // the statement comes once more, as to Debezium itself
        expect(rest!.delivered.slice(-3)).toEqual(['c own0 null|1|a:1', kept, end])
      })

      it('a changed key that the command is cut off in comes again whole', { timeout: 180_000 }, async () => {
        await using server = await kind.start()
        await prepared(server)
        await using configuration = await binlogConfiguration(server, kind.connector, { 'database.include.list': DB, 'snapshot.mode': 'no_data' })
        const turns = new Turns(server, configuration, kind, new Random(seedOf(`a changed key on ${kind.name}`)))
        await turns.first()
        await turns.command({ stop: await turns.mark() })
        await server.script("insert into own0 values (1, 'a:1'), (2, 'a:2'); update own0 set id = id + 10 order by id desc", DB)
        const end = await turns.mark()
        // both rows, the delete of the first key and its tombstone
        await turns.command({ after: 4 })
        await turns.debezium({ stop: end })
        const [, , cut, rest] = turns.legs
        expect(cut!.delivered).toEqual(['c own0 1|a:1', 'c own0 2|a:2', 'd own0 2|a:2'])
        expect(rest!.delivered).toEqual(['d own0 2|a:2', 'c own0 12|a:2', 'd own0 1|a:1', 'c own0 11|a:1', end])
      })
    })
  })
})

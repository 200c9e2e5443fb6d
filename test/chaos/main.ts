// npm run chaos -- postgres --kills 200 [--seed S] [--major 17]
// npm run chaos -- kafka --kills 100 [--seed S] [--from postgres] [--major 17]
// npm run chaos -- kafka --kills 100 [--seed S] --from mysql|mariadb [--avro] [--without-gtid] [--snapshot-kills 5]
// npm run chaos -- mysql|mariadb --kills 100 [--seed S] [--without-gtid]
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { POSTGRES_MAJORS, startPostgres, type PostgresMajor } from '../server/postgres.ts'
import { runChaos } from './chaos-run.ts'
import { CompiledChild } from './compiled-child.ts'
import { KafkaSurroundings } from './kafka-surroundings.ts'
import { mysqlChaos } from './mysql/main.ts'
import { kafkaReport, report } from './report.ts'

const USAGE = `usage: npm run chaos -- postgres|kafka|mysql|mariadb [--kills 200] [--seed S] [--major ${POSTGRES_MAJORS.join('|')}] [--without-gtid] [--from postgres|mysql|mariadb] [--avro] [--snapshot-kills 5]`

/** Returns the exit code: 0 nothing wrong, 1 a violation, 2 wrong arguments. */
export async function main(args: string[]): Promise<number> {
  const order = readArguments(args)
  if (order === undefined) {
    console.error(USAGE)
    return 2
  }
  // the server's process is no reason for this one to go on (it is unref'd), but its end is waited for
  const alive = setInterval(() => {}, 1_000)
  try {
    if (order.target === 'mysql' || order.target === 'mariadb') return await mysqlChaos(order.target, order)
    return await (order.target === 'kafka' ? kafkaChaos(order) : chaos(order))
  } finally {
    clearInterval(alive)
  }
}

const TARGETS = ['postgres', 'kafka', 'mysql', 'mariadb'] as const
const SOURCES = ['postgres', 'mysql', 'mariadb'] as const

interface Order {
  readonly target: (typeof TARGETS)[number]
  readonly kills: number
  readonly seed: number
  /** Of MySQL and MariaDB. */
  readonly withoutGtid: boolean
  readonly major: PostgresMajor
  /** Of Kafka: the database, and whether records are Avro. */
  readonly from: (typeof SOURCES)[number]
  readonly avro: boolean
  /** Of Kafka, from MySQL and MariaDB: an initial snapshot, whose engine is killed so many times before one comes to its end. */
  readonly snapshotKills: number | undefined
}

async function chaos({ kills, seed, major }: Order): Promise<number> {
  console.log(`seed ${seed}`)
  await using server = await startPostgres({ major })
  console.log(String(await server.value('select version()')))
  using child = CompiledChild.compile()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
  let kept = true
  try {
    const result = await runChaos({ server, child, folder, kills, seed, say: (line) => console.log(line) })
    console.log([`seed ${seed}, PostgreSQL ${String(await server.value('show server_version'))}`, ...report(result)].join('\n'))
    kept = result.verdicts.some(({ violations }) => violations.length > 0)
    return kept ? 1 : 0
  } finally {
    if (kept) console.error(`logs and offset file are kept in ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

/** Faults of every kind, of which kills are some. */
async function kafkaChaos({ kills, seed, major, from, avro, withoutGtid, snapshotKills }: Order): Promise<number> {
  console.log(`seed ${seed}`)
  await using surroundings = new KafkaSurroundings({ from, major, avro, withoutGtid })
  await surroundings.start()
  const result = await surroundings.run({ faults: kills, seed, ...(snapshotKills === undefined ? {} : { snapshotKills }), say: (line) => console.log(line) })
  console.log([`seed ${seed}, ${await surroundings.version()}, ${avro ? 'Avro' : 'JSON'}`, ...kafkaReport(result)].join('\n'))
  return result.violations.length > 0 ? 1 : 0
}

function readArguments(args: string[]): Order | undefined {
  try {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' }, major: { type: 'string', default: '17' }, 'without-gtid': { type: 'boolean', default: false }, from: { type: 'string', default: 'postgres' }, avro: { type: 'boolean', default: false }, 'snapshot-kills': { type: 'string' } } })
    const kills = Number(values.kills)
    const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
    const major = POSTGRES_MAJORS.find((known) => String(known) === values.major)
    const target = TARGETS.find((known) => known === positionals[0])
    const from = SOURCES.find((known) => known === values.from)
    if (positionals.length !== 1 || target === undefined || from === undefined || ((values.avro || values['snapshot-kills'] !== undefined) && from === 'postgres')) return undefined
    const snapshotKills = values['snapshot-kills'] === undefined ? undefined : Number(values['snapshot-kills'])
    if (snapshotKills !== undefined && !(Number.isInteger(snapshotKills) && snapshotKills >= 1)) return undefined
    return Number.isInteger(kills) && kills > 0 && Number.isInteger(seed) && major !== undefined ? { target, kills, seed, major, from, avro: values.avro, withoutGtid: values['without-gtid'], snapshotKills } : undefined
  } catch {
    return undefined
  }
}

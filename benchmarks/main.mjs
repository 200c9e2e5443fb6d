// node benchmarks/main.mjs postgres | latency | kafka | mysql [options]      (benchmarks/README.md)
import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureKafka } from './kafka.mjs'
import { kafkaLosses, kafkaTable, kafkaTargets } from './kafka-report.mjs'
import { latencyTable, latencyTargets, measureLatency } from './latency.mjs'
import { describeMachine, load } from './machine.mjs'
import { mysqlLosses, mysqlTable, mysqlTargets } from './mysql-report.mjs'
import { startMysqlServer } from './mysql-server.mjs'
import { measureMysql } from './mysql.mjs'
import { measureThroughput, WORKLOAD_NAMES } from './postgres.mjs'
import { losses, printTargets, summarise, throughputTable, throughputTargets } from './report.mjs'
import { startPostgres } from './server.mjs'
import { dropSlots, SLOT_PREFIX } from './workload.mjs'

const USAGE = `node benchmarks/main.mjs postgres [--rows 1000000] [--transactions 100000] [--repeat 3] [--workload bulk|single|snapshot]...
node benchmarks/main.mjs latency [--seconds 20] [--rate 50]
node benchmarks/main.mjs kafka [--rows 1000000] [--repeat 3]
node benchmarks/main.mjs mysql [--rows 1000000] [--transactions 200000] [--repeat 3] [--workload bulk|single|snapshot]... [--mariadb 11.8]
all: [--peer PART_OF_A_NAME]... [--no-save]
on PostgreSQL: [--major 17 | --url postgresql://superuser@host/database]`

const { kind, values, number } = readArguments()
process.exitCode = await (kind === 'mysql' ? onMysql() : onPostgres())

async function onPostgres() {
  const server = await startPostgres({ major: number.major, url: values.url })
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      // A server of our own goes with us. On somebody else's, slots left behind would keep its WAL for ever.
      const slots = values.url === undefined ? Promise.resolve() : dropSlots(values.url, SLOT_PREFIX)
      void slots.finally(() => process.exit(130))
    })
  }
  try {
    const about = await describe(server)
    title(`PostgreSQL ${about.server.server_version}`, about)
    return conclude(about, await { postgres: throughput, latency, kafka: intoKafka }[kind](server.url))
  } finally {
    await server.stop()
  }
}

async function onMysql() {
  const server = await startMysqlServer({ mariadb: values.mariadb })
  // the tests' watchdog ends the server
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  try {
    const about = await describe(server)
    title(`${server.flavor === 'mysql' ? 'MySQL' : 'MariaDB'} ${about.server.version}`, about)
    return conclude(about, await fromMysql(server))
  } finally {
    await server.stop()
  }
}

async function describe(server) {
  return { kind, date: new Date().toISOString(), machine: describeMachine(), load: load(), server: await server.describe(), options: values }
}

function title(server, { machine, load: busy }) {
  console.log(`${server}, Node ${process.version}, ${machine.cpu}, ${machine.cores} cores, load ${busy.join(' ')}`)
}

/** Keeps the result; the exit code. */
function conclude(about, result) {
  if (!values['no-save']) save({ ...about, ...result })
  return result.runs.some((run) => run.failed !== undefined) ? 1 : 0
}

async function throughput(url) {
  const measured = await measureThroughput({
    url,
    rows: number.rows,
    transactions: number.transactions ?? 100_000,
    repeat: number.repeat,
    workloads: values.workload.length > 0 ? values.workload : WORKLOAD_NAMES,
    only: values.peer,
  })
  const medians = summarise(measured.runs)
  return report(measured, { medians, table: throughputTable(medians), targets: throughputTargets(medians), lost: losses(medians) })
}

async function fromMysql(server) {
  const measured = await measureMysql({
    server,
    rows: number.rows,
    transactions: number.transactions ?? 200_000,
    repeat: number.repeat,
    workloads: values.workload.length > 0 ? values.workload : WORKLOAD_NAMES,
    only: values.peer,
  })
  const medians = summarise(measured.runs)
  return report(measured, { medians, table: mysqlTable(medians), targets: mysqlTargets(medians), lost: mysqlLosses(medians) })
}

async function latency(url) {
  const measured = await measureLatency({ url, seconds: number.seconds, rate: number.rate, only: values.peer })
  const targets = latencyTargets(measured.runs)
  console.log(latencyTable(measured.runs))
  printTargets(targets)
  printAbsent(measured)
  return { ...measured, targets }
}

async function intoKafka(url) {
  const measured = await measureKafka({ url, rows: number.rows, repeat: number.repeat, only: values.peer })
  const medians = summarise(measured.runs)
  return report(measured, { medians, table: kafkaTable(medians, measured.runs), targets: kafkaTargets(medians), lost: kafkaLosses(medians) })
}

/** Prints what was measured; all of it as it is kept. */
function report(measured, { medians, table, targets, lost }) {
  console.log(table)
  printTargets(targets)
  printLosses(lost, targets.some((target) => target.verdict !== 'not measured'))
  printAbsent(measured)
  return { ...measured, medians, targets, lost }
}

function printLosses(lost, measured) {
  const none = measured ? 'nowhere in these runs' : 'not measured'
  console.log(`\nWhere tailrace loses: ${lost.length === 0 ? none : ''}`)
  for (const line of lost) console.log(`  ${line}`)
}

/** What is not in the table is said again at its end, where it is read. */
function printAbsent({ skipped, runs }) {
  for (const { peer, reason } of skipped) console.log(`*** SKIPPED: ${peer}: ${reason}`)
  for (const run of runs) if (run.failed !== undefined) console.log(`*** FAILED: ${run.peer}: ${run.failed.split('\n')[0]}`)
}

function save(result) {
  const folder = fileURLToPath(new URL('results', import.meta.url))
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${kind}-${result.date.slice(0, 16).replace(':', '-')}.json`
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  console.log(`\nraw figures: ${relative(process.cwd(), file)}`)
}

function readArguments() {
  try {
    const read = parseArgs({
      allowPositionals: true,
      options: {
        'rows': { type: 'string', default: '1000000' },
        'transactions': { type: 'string' },
        'repeat': { type: 'string', default: '3' },
        'workload': { type: 'string', multiple: true, default: [] },
        'peer': { type: 'string', multiple: true, default: [] },
        'seconds': { type: 'string', default: '20' },
        'rate': { type: 'string', default: '50' },
        'major': { type: 'string', default: '17' },
        'url': { type: 'string' },
        'mariadb': { type: 'string' },
        'no-save': { type: 'boolean', default: false },
      },
    })
    const unknown = read.values.workload.find((name) => !WORKLOAD_NAMES.includes(name))
    if (unknown !== undefined) throw new Error(`no workload ${unknown}`)
    const [kind, ...rest] = read.positionals
    if (rest.length > 0 || !['postgres', 'latency', 'kafka', 'mysql'].includes(kind)) throw new Error('say postgres, latency, kafka or mysql')
    if (read.values.mariadb !== undefined && !['10.11', '11.8'].includes(read.values.mariadb)) throw new Error(`no MariaDB ${read.values.mariadb} here, only 10.11 and 11.8`)
    const number = Object.fromEntries(['rows', 'transactions', 'repeat', 'seconds', 'rate', 'major'].flatMap((name) => (read.values[name] === undefined ? [] : [[name, Number(read.values[name])]])))
    const wrong = Object.keys(number).find((name) => !Number.isInteger(number[name]) || number[name] <= 0)
    if (wrong !== undefined) throw new Error(`--${wrong} is to be a whole number above 0, not ${read.values[wrong]}`)
    return { kind, values: read.values, number }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    process.exit(2)
  }
}

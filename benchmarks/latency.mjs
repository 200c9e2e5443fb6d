// Latency: from the moment a COMMIT returned to the moment the change arrived. The writer and the place of arrival are in
// this one process, so that there is one clock.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import * as debezium from './peer/debezium.mjs'
import * as tailrace from './peer/tailrace.mjs'
import { load, onAbruptEnd, temporaryFolder } from './machine.mjs'
import { choosePeers } from './round.mjs'
import { limit, table } from './report.mjs'
import { query } from './server.mjs'
import { dropSlot, makeSlot, prepareTable, SLOT_PREFIX, VALUES } from './workload.mjs'

const TABLE = 'latency'
const WARM_ROWS = 150 // not counted: compilers and caches warm up
const INSERT = `insert into ${TABLE} select ${VALUES} from (values ($1::bigint)) v (i)`

/** @typedef {(id: number) => void} Arrived */

const command = (name, ask) => ({
  name,
  workloads: ['latency'],
  ...ask,
  /** Starts a program that prints one line of JSON a change; ends it by its process id. */
  open: async (job, /** @type {Arrived} */ arrived) => {
    const { command: program, args } = ask.command(job)
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const forget = onAbruptEnd(() => child.kill('SIGKILL'))
    let said = ''
    child.stderr.on('data', (chunk) => { said = (said + chunk).slice(-5000) })
    const ended = new Promise((resolve) => child.once('close', resolve))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"after":\{"id":(\d+)/.exec(line)
      if (found !== null) arrived(Number(found[1]))
    })
    return {
      alive: () => child.exitCode === null && child.signalCode === null,
      problem: () => `${program} ended with ${child.exitCode ?? child.signalCode}: ${said.slice(-1000)}`,
      close: async () => {
        child.kill('SIGKILL')
        await ended
        forget()
      },
    }
  },
})

const debeziumReader = (name, more) => command(name, {
  missing: debezium.missing,
  version: async () => debezium.VERSION,
  command: (job) => debezium.command({ ...job, rows: Number.MAX_SAFE_INTEGER }, 'print', more),
})

/** Reads with the library in this very process. */
const callback = {
  name: 'tailrace, callback',
  workloads: ['latency'],
  missing: tailrace.missing,
  version: tailrace.tailraceCallback.version,
  open: async (job, /** @type {Arrived} */ arrived) => {
    const { createEngine, memoryOffsets } = await import('../dist/index.js')
    const { postgres } = await import('../dist/source/postgres/index.js')
    const engine = createEngine({
      name: 'bench',
      source: postgres({
        connection: job.url, tables: [`public.${job.table}`], snapshot: { mode: 'no_data' },
        slot: { name: job.slot, create: false }, publication: { name: job.publication, create: 'disabled' },
      }),
      offsets: memoryOffsets(),
      sink: async (events) => { for (const event of events) arrived(Number(event.after.id)) },
    })
    let problem
    const running = engine.run().catch((error) => { problem = error })
    return {
      alive: () => problem === undefined,
      problem: () => String(problem?.stack ?? problem),
      close: async () => {
        await engine.stop()
        await running
      },
    }
  },
}

const READERS = [
  callback,
  command('tailrace run', {
    missing: tailrace.missing,
    version: tailrace.tailraceCommand.version,
    command: (job) => ({ command: process.execPath, args: tailrace.commandArguments(job, {}, []) }),
  }),
  debeziumReader('Debezium', {}),
  debeziumReader('Debezium, poll 5 ms', { 'poll.interval.ms': '5' }),
]

/** @param {{url: string, seconds: number, rate: number, only: string[]}} options */
export async function measureLatency({ url, seconds, rate, only }) {
  const { peers, versions, skipped } = await choosePeers(only, ['latency'], READERS)
  const { path: folder, remove } = temporaryFolder('tailrace-bench-run-')
  const runs = []
  try {
    for (const [number, reader] of peers.entries()) {
      process.stdout.write(`  ${reader.name.padEnd(24)} `)
      const about = { peer: reader.name, load: load()[0] }
      try {
        // A slot's name of its own: files of stored offsets are named after it.
        const job = { url, slot: `${SLOT_PREFIX}latency_${number}`, table: TABLE, publication: `${TABLE}_publication`, folder }
        const milliseconds = await observe(reader, job, seconds, rate)
        runs.push({ ...about, rows: milliseconds.length, ...percentiles(milliseconds), milliseconds })
        console.log('done')
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        console.log(`FAILED: ${message}`)
        runs.push({ ...about, failed: message })
      }
    }
  } finally {
    remove()
  }
  return { versions, skipped, runs }
}

/** Milliseconds from each COMMIT to its arrival; below zero where the change was faster than the writer's answer. */
async function observe(reader, job, seconds, rate) {
  await dropSlot(job.url, job.slot)
  await prepareTable(job.url, job.table)
  await makeSlot(job.url, job.slot)
  const committed = new Map()
  const arrivals = new Map()
  const writer = new pg.Client({ connectionString: job.url })
  await writer.connect()
  const opened = await reader.open(job, (id) => { if (!arrivals.has(id)) arrivals.set(id, performance.now()) })
  let next = 1
  const write = async () => {
    const id = next++
    await writer.query({ name: 'insert', text: INSERT, values: [id] })
    committed.set(id, performance.now())
  }
  const until = async (what, holds) => {
    for (const deadline = performance.now() + 120_000; !holds();) {
      if (!opened.alive()) throw new Error(opened.problem())
      if (performance.now() > deadline) throw new Error(`${what} after 120 s`)
      await sleep(5)
    }
  }
  const writeRows = async (count) => {
    const writes = []
    const started = performance.now()
    for (let at = 0; at < count; at++) {
      await sleep(Math.max(0, started + at * 1000 / rate - performance.now()))
      writes.push(write())
    }
    await Promise.all(writes)
  }
  try {
    await write()
    await until('nothing arrived', () => arrivals.size > 0)
    await writeRows(WARM_ROWS)
    const from = next
    await writeRows(seconds * rate)
    await until('not all rows arrived', () => arrivals.size >= committed.size)
    return [...committed].filter(([id]) => id >= from).map(([id, at]) => arrivals.get(id) - at)
  } finally {
    await opened.close()
    await writer.end()
    await dropSlot(job.url, job.slot)
    await query(job.url, `drop table ${TABLE} cascade`)
  }
}

function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

export function latencyTable(runs) {
  const rows = runs.filter((run) => run.failed === undefined)
    .map((run) => [run.peer, String(run.rows), ...[run.p50, run.p99, run.max].map((value) => value.toFixed(2))])
  return `\nmilliseconds from COMMIT to arrival\n${table(['', 'rows', 'p50', 'p99', 'max'], rows)}`
}

export function latencyTargets(runs) {
  return ['tailrace, callback', 'tailrace run'].flatMap((name) => {
    const found = runs.find((run) => run.peer === name)
    return [
      limit(`${name}: p50 below 2 ms`, found?.p50, 2, ' ms'),
      limit(`${name}: p99 below 10 ms`, found?.p99, 10, ' ms'),
    ]
  })
}

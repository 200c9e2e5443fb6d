// Follows the database `large` of a MySQL or MariaDB until so many rows of its table have come, with a sink that takes its time; prints what it
// saw and needed. argv[2]: JSON { kind, port, rows, limits }.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const { kind, port, rows, limits } = JSON.parse(process.argv[2])
const dist = process.env.TAILRACE_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url))
const { createEngine, memoryOffsets, memorySchemaHistory } = await import(`${dist}/index.js`)
const make = (await import(`${dist}/source/${kind}/index.js`))[kind]
const transactions = new Set()
let count = 0
let inOrder = true
let largestBatch = 0

const engine = createEngine({
  name: 'large',
  source: make({
    connection: { host: '127.0.0.1', port, user: 'root', sslMode: 'disabled' }, tables: ['large.t'], history: memorySchemaHistory(), snapshot: { mode: 'no_data' },
    heartbeat: { intervalMs: 1_000 }, ...(limits === undefined ? {} : { limits }),
  }),
  offsets: memoryOffsets(),
  stopAfter: rows,
  sink: async (events) => {
    largestBatch = Math.max(largestBatch, events.length)
    for (const event of events) {
      count++
      if (event.after.id !== count || event.ordinal !== count - 1) inOrder = false
    }
    transactions.add(events[0].transaction.id)
    await delay(1)
  },
})
engine.on('state', ({ state }) => console.log(JSON.stringify({ state })))
engine.on('retry', ({ error }) => console.log(JSON.stringify({ retry: error.code })))
const ended = await engine.run().then(() => undefined, (error) => error)
console.log(JSON.stringify({ error: ended?.code ?? null, count, inOrder, largestBatch, transactions: transactions.size, peakMiB: peak() / 1024 }))

/** The most that was ever resident, in KiB: not what getrusage says, which counts what was there before the program was started. */
function peak() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))[1])
}

// Reads a slot of the server at argv[2] until argv[3] rows have come, with a sink that takes its time; prints what it saw and needed.
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine, memoryOffsets } from '../../dist/index.js'
import { postgres } from '../../dist/source/postgres/index.js'

const [, , connection, rows] = process.argv
const transactions = new Set()
let count = 0
let inOrder = true
let batches = 0

const engine = createEngine({
  name: 'large',
  source: postgres({ connection, tables: ['public.large'], slot: { name: 'large' }, publication: { name: 'large' }, snapshot: { mode: 'no_data' }, status: { intervalMs: 500 } }),
  offsets: memoryOffsets(),
  stopAfter: Number(rows),
  sink: async (events) => {
    for (const event of events) {
      count++
      if (event.after.id !== count || event.ordinal !== count - 1) inOrder = false
    }
    transactions.add(events[0].transaction.id)
    // now and then for as long as the server waits for a reply at most
    await delay(++batches % 1000 === 0 ? 2_500 : 1)
  },
})
engine.on('state', ({ state }) => console.log(JSON.stringify({ state })))
engine.on('retry', ({ error }) => console.log(JSON.stringify({ retry: error.code })))
await engine.run()
const peakMiB = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ count, inOrder, transactions: transactions.size, peakMiB }))

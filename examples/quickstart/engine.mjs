// @ts-check
// The application: a process of its own, so that it can be killed without ceremony. It keeps every event it is given
// in a file, which is its "effect"; an event counts as handled when its line is written.
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine, fileOffsets } from 'tailrace'
import { sourceOf } from './engine-source.mjs'

const { DATABASE_URL = '', OFFSET_FILE = '', HISTORY_FILE = '', RECEIVED_FILE = '', RUN = '' } = process.env
const received = await open(RECEIVED_FILE, 'a')
let count = 0
let haltAt = Infinity

const engine = createEngine({
  name: 'shop',
  source: sourceOf(DATABASE_URL, HISTORY_FILE),
  offsets: fileOffsets(OFFSET_FILE),
  offsetFlush: { intervalMs: 0 }, // stored after every batch, so that little is repeated after a crash
  limits: { maxBatchEvents: 1_000 },
  sink: async (events) => {
    const room = haltAt - count
    await keep(events.slice(0, room))
    if (events.length > room) await halt(events.length)
  },
})

/** @param {readonly import('tailrace').ChangeEvent[]} events */
async function keep(events) {
  const kept = events.map(({ id, op, table, key, after }) => ({ run: Number(RUN), id, op, table: table.name, row: after ?? key }))
  await received.write(kept.map((event) => `${JSON.stringify(event)}\n`).join(''))
  count += events.length
  tell({ count, ...(events.length <= 10 ? { changes: kept } : {}) })
}

/**
 * The stop point of the show: half of a batch is written, its promise never resolves. The batches before it are given
 * the time to be stored; then the other process may strike.
 * @param {number} inFlight
 */
async function halt(inFlight) {
  for (let at = engine.stats().positions; at.stored !== at.durable; at = engine.stats().positions) await delay(5)
  tell({ halted: true, inFlight, stored: engine.stats().positions.stored })
  await new Promise(() => {})
}

/** @param {object} message */
function tell(message) {
  if (process.connected) process.send?.(message)
}

process.on('message', (/** @type {{ haltAfter?: number, stop?: boolean }} */ message) => {
  if (message.haltAfter !== undefined) haltAt = count + message.haltAfter
  if (message.stop === true) void engine.stop()
})
process.once('disconnect', () => void engine.stop())

engine.on('state', ({ state }) => tell({ state }))
engine.on('retry', ({ error }) => tell({ retry: error.message }))
await engine.run()
await received.close()
if (process.connected) process.disconnect()

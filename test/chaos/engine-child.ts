// Runs in a process of its own, which is killed: an engine with a real offset file whose sink appends each event to a log.
// What write(2) has taken, a process that is killed leaves behind (write(2), kill(2)).
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine, fileOffsets, isTailraceError, type ChangeEvent, type OffsetStore } from '../../src/index.ts'
import { postgres } from '../../src/source/postgres/index.ts'
import { FAILPOINT_VARIABLE, type EngineOrder, type KillPoint, type LogLine, type StoredPosition } from './engine-order.ts'
import { eventLine } from './event-line.ts'

const order = JSON.parse(process.argv[2] ?? '') as EngineOrder
const log = openSync(order.log, 'a')
const killAt = /^(.+):(\d+)$/.exec(process.env[FAILPOINT_VARIABLE] ?? '')
let reached = 0
let handled = 0
let settled = 0

function say(line: LogLine): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
}

function reach(point: KillPoint): void {
  if (point === 'ledger.settled') settled = handled
  if (point !== killAt?.[1] || ++reached < Number(killAt[2])) return
  process.kill(process.pid, 'SIGKILL')
  for (;;); // The signal is delivered before anything else is done.
}

async function handle(events: readonly ChangeEvent[]): Promise<void> {
  if (order.sinkDelayMs !== undefined) await delay(order.sinkDelayMs)
  for (const [index, event] of events.entries()) {
    // a real sink waits in the middle of a batch
    if (index === events.length >> 1) await new Promise(setImmediate)
    if (handled + 1 === order.rejectAt) throw new Error('the sink does not want this event')
    say(eventLine(event))
    handled++
    reach('chaos.event')
  }
}

/** The offset file, with a line in the log for what is asked of it. */
function watched(store: OffsetStore): OffsetStore {
  return {
    async load(engine) {
      const offset = await store.load(engine)
      say({ loaded: (offset?.position as StoredPosition | undefined) ?? null })
      return offset
    },
    async save(offset) {
      say({ saving: offset.position as unknown as StoredPosition, settled })
      if (order.saveDelayMs !== undefined) await delay(order.saveDelayMs)
      reach('chaos.save')
      await store.save(offset)
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const { name } = order
const engine = createEngine({
  name,
  source: postgres({
    connection: { host: '127.0.0.1', port: order.port, database: order.database, user: 'postgres', sslmode: 'disable' },
    tables: order.tables, slot: { name, activeTimeoutMs: 20_000, createTimeoutMs: 30_000 }, publication: { name }, status: { intervalMs: order.statusIntervalMs ?? 20 },
  }),
  offsets: watched(fileOffsets(order.offsets, { reach })),
  sink: handle,
  limits: { maxBatchEvents: order.maxBatchEvents },
  offsetFlush: { intervalMs: order.offsetIntervalMs, failAfterMs: 0 },
  retry: { initialDelayMs: 20, maxDelayMs: 200, maxAttempts: 20 },
  runtime: { reach },
})
engine.on('state', ({ state }) => say({ state }))
engine.on('retry', ({ error }) => say({ retry: error.code }))
process.once('SIGTERM', () => void engine.stop())
try {
  await engine.run()
  say({ stopped: true })
} catch (error) {
  say({ failed: isTailraceError(error) ? error.code : 'unknown', message: String((error as Error).message) })
  process.exitCode = 3
}

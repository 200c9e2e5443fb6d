// Runs in a process of its own, which is killed: an engine with a real offset file and a real schema history whose sink appends
// each event to a log. What write(2) has taken, a process that is killed leaves behind (write(2), kill(2)).
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine, fileOffsets, isTailraceError, UNAVAILABLE, type ChangeEvent, type OffsetStore } from '../../../src/index.ts'
import { fileSchemaHistory } from '../../../src/schema-history/file/file-history.ts'
import { mariadb } from '../../../src/source/mariadb/index.ts'
import { mysql } from '../../../src/source/mysql/index.ts'
import { FAILPOINT_VARIABLE } from '../engine-order.ts'
import { cellText, toRow, type Cell, type Row } from '../row.ts'
import { canonical } from './document.ts'
import type { KillPoint, MysqlOrder } from './order.ts'

const order = JSON.parse(process.argv[2] ?? '') as MysqlOrder
const log = openSync(order.log, 'a')
const killAt = /^(.+):(\d+)$/.exec(process.env[FAILPOINT_VARIABLE] ?? '')
let reached = 0
let handled = 0
let settled = 0

function say(line: object): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
}

function reach(point: KillPoint): void {
  if (point === 'ledger.settled') settled = handled
  if (point !== killAt?.[1] || ++reached < Number(killAt[2])) return
  process.kill(process.pid, 'SIGKILL')
  for (;;); // The signal is delivered before anything else is done.
}

function row(object: Record<string, unknown> | null): Row | null {
  return object === null ? null : toRow(Object.entries(object).map(([column, value]): [string, Cell] => [column, cell(column, value)]))
}

/** Documents are texts in MariaDB. */
function cell(column: string, value: unknown): Cell {
  if (value === null) return null
  if (value === UNAVAILABLE) return false
  return cellText(column === 'doc' ? canonical(typeof value === 'string' ? JSON.parse(value) : value) : `${value as string}`)
}

async function handle(events: readonly ChangeEvent[]): Promise<void> {
  if (order.sinkDelayMs !== undefined) await delay(order.sinkDelayMs)
  for (const [index, event] of events.entries()) {
    // a real sink waits in the middle of a batch
    if (index === events.length >> 1) await new Promise(setImmediate)
    say({ e: event.id, t: event.table.name, o: event.op, s: event.snapshot, x: event.transaction.id, b: row(event.before), a: row(event.after) })
    handled++
    reach('chaos.event')
  }
}

/** The offset file, with a line in the log for what is asked of it. */
function watched(store: OffsetStore): OffsetStore {
  return {
    async load(engine) {
      const offset = await store.load(engine)
      say({ loaded: offset?.position ?? null })
      return offset
    },
    async save(offset) {
      say({ saving: offset.position, settled })
      reach('chaos.save')
      await store.save(offset)
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const make = order.kind === 'mysql' ? mysql : mariadb
const engine = createEngine({
  name: order.name,
  source: make({
    connection: { host: '127.0.0.1', port: order.port, user: 'root', sslMode: 'disabled' }, databases: [order.database], ignoreGtids: order.ignoreGtids,
    heartbeat: { intervalMs: 1_000 }, history: fileSchemaHistory(order.history, { reach }),
  }),
  offsets: watched(fileOffsets(order.offsets, { reach })),
  sink: handle,
  limits: { maxBatchEvents: order.maxBatchEvents },
  offsetFlush: { intervalMs: order.offsetIntervalMs, failAfterMs: 0 },
  retry: { initialDelayMs: 20, maxDelayMs: 200, maxAttempts: 500, maxStartAttempts: 500 },
  runtime: { reach },
})
engine.on('state', ({ state }) => say({ state }))
engine.on('retry', ({ error }) => say({ retry: error.code, message: error.message }))
process.once('SIGTERM', () => void engine.stop())
try {
  await engine.run()
  say({ stopped: true })
} catch (error) {
  say({ failed: isTailraceError(error) ? error.code : 'unknown', message: String((error as Error).message) })
  process.exitCode = 3
}

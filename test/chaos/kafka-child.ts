// Runs in a process of its own, which is killed, stopped and woken: an engine that puts each change and its offset into Kafka, exactly once.
import { openSync, writeSync } from 'node:fs'
import { createEngine, isTailraceError, type ChangeEvent, type Format } from '../../src/index.ts'
import { kafkaOffsets, kafkaSink } from '../../src/kafka.ts'
import { postgres } from '../../src/source/postgres/index.ts'
import { FAILPOINT_VARIABLE, type KillPoint, type LogLine } from './engine-order.ts'
import { eventLine } from './event-line.ts'
import type { PostgresKafkaOrder } from './kafka-order.ts'

const order = JSON.parse(process.argv[2] ?? '') as PostgresKafkaOrder
const log = openSync(order.log, 'a')
const killAt = /^(.+):(\d+)$/.exec(process.env[FAILPOINT_VARIABLE] ?? '')
let reached = 0

function say(line: LogLine): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
}

function reach(point: KillPoint): void {
  if (point !== killAt?.[1] || ++reached < Number(killAt[2])) return
  process.kill(process.pid, 'SIGKILL')
  for (;;); // The signal is delivered before anything else is done.
}

/** One topic, and in it the evidence: its order is the order of everything. */
const evidence: Format = {
  encode(event: ChangeEvent, into) {
    const value = Buffer.from(JSON.stringify(eventLine(event)))
    const start = into.length
    value.copy(into.reserve(value.length), start)
    into.length = start + value.length
    into.append(into.events, order.topic, -1, -1, start, into.length, [])
    into.events++
  },
}

const { name, brokers } = order
const engine = createEngine({
  name,
  source: postgres({
    connection: { host: '127.0.0.1', port: order.port, database: order.database, user: 'postgres', sslmode: 'disable' }, snapshot: { mode: 'no_data' },
    tables: order.tables, slot: { name, activeTimeoutMs: 20_000, createTimeoutMs: 30_000 }, publication: { name }, status: { intervalMs: 50 },
  }),
  offsets: kafkaOffsets({ brokers, topic: order.offsetsTopic }),
  sink: kafkaSink({ brokers, exactlyOnce: true, topicCreation: [{ partitions: 1 }], requestTimeoutMs: 5_000, connectTimeoutMs: 2_000, ...(order.maxBufferedBytes === undefined ? {} : { maxBufferedBytes: order.maxBufferedBytes }) }),
  format: evidence,
  limits: { maxBatchEvents: order.maxBatchEvents },
  offsetFlush: { intervalMs: order.offsetIntervalMs },
  retry: { initialDelayMs: 20, maxDelayMs: 200 },
  runtime: { reach },
})
engine.on('state', ({ state }) => say({ state }))
engine.on('retry', ({ error }) => say({ retry: error.code }))
process.once('SIGTERM', () => void engine.stop())
try {
  await engine.run()
  say({ stopped: true })
} catch (error) {
  const { message, cause } = error as Error
  say({ failed: isTailraceError(error) ? error.code : 'unknown', message: cause === undefined ? message : `${message} (${(cause as Error).message})` })
  process.exitCode = 3
}

// Runs in a process of its own, which is killed, stopped and woken: an engine that puts each change of MySQL or MariaDB and its offset
// into Kafka, exactly once, with the tables' definitions in a topic beside them.
import { openSync, writeSync } from 'node:fs'
import { createEngine, debeziumJson, isTailraceError, type Format } from '../../../src/index.ts'
import { debeziumAvro } from '../../../src/format/avro/index.ts'
import { kafkaOffsets, kafkaSchemaHistory, kafkaSink } from '../../../src/kafka.ts'
import { mariadb } from '../../../src/source/mariadb/index.ts'
import { mysql } from '../../../src/source/mysql/index.ts'
import { FAILPOINT_VARIABLE } from '../engine-order.ts'
import { evident } from './kafka-format.ts'
import type { MysqlKafkaOrder } from './kafka-order.ts'
import type { KillPoint } from './order.ts'

const order = JSON.parse(process.argv[2] ?? '') as MysqlKafkaOrder
const log = openSync(order.log, 'a')
const killAt = /^(.+):(\d+)$/.exec(process.env[FAILPOINT_VARIABLE] ?? '')
let reached = 0

function say(line: object): void {
  writeSync(log, `${JSON.stringify(line)}\n`)
}

function reach(point: KillPoint): void {
  if (point !== killAt?.[1] || ++reached < Number(killAt[2])) return
  process.kill(process.pid, 'SIGKILL')
  for (;;); // The signal is delivered before anything else is done.
}

function format(): Format {
  const { name: logicalName, registry } = order
  // NULL stays NULL, whatever the column's default
  if (registry !== undefined) return debeziumAvro({ logicalName, registry: { urls: registry }, ignoreDefaultForNullables: true })
  return debeziumJson({ logicalName, schemasEnable: { key: false, value: false, header: false }, replaceNullWithDefault: { key: false, value: false } })
}

const { name, brokers } = order
const make = order.kind === 'mysql' ? mysql : mariadb
const engine = createEngine({
  name,
  source: make({
    connection: { host: '127.0.0.1', port: order.port, user: 'root', sslMode: 'disabled' }, databases: [order.database], snapshot: { mode: order.snapshot === true ? 'initial' : 'no_data' },
    heartbeat: { intervalMs: 1_000 }, history: kafkaSchemaHistory({ brokers, topic: order.historyTopic, requestTimeoutMs: 5_000, connectTimeoutMs: 2_000 }),
  }),
  offsets: kafkaOffsets({ brokers, topic: order.offsetsTopic, server: name }),
  sink: kafkaSink({ brokers, exactlyOnce: true, topicCreation: [{ partitions: 1 }], requestTimeoutMs: 5_000, connectTimeoutMs: 2_000, ...(order.maxBufferedBytes === undefined ? {} : { maxBufferedBytes: order.maxBufferedBytes }) }),
  format: evident(format(), order.topic),
  limits: { maxBatchEvents: order.maxBatchEvents },
  offsetFlush: { intervalMs: order.offsetIntervalMs },
  retry: { initialDelayMs: 20, maxDelayMs: 200, maxAttempts: 500, maxStartAttempts: 500 },
  runtime: { reach },
})
engine.on('state', ({ state }) => say({ state }))
engine.on('offset', ({ position }) => say({ stored: position }))
engine.on('retry', ({ error }) => say({ retry: error.code, message: error.message }))
process.once('SIGTERM', () => void engine.stop())
try {
  await engine.run()
  say({ stopped: true })
} catch (error) {
  const { message, cause } = error as Error
  say({ failed: isTailraceError(error) ? error.code : 'unknown', message: cause === undefined ? message : `${message} (${(cause as Error).message})` })
  process.exitCode = 3
}

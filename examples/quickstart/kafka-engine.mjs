// @ts-check
// The application: PostgreSQL to Kafka, records and offset in one transaction. A process of its own, so that it can be killed
// without ceremony.
import { createEngine, debeziumJson } from 'tailrace'
import { kafkaOffsets, kafkaSink } from 'tailrace/kafka'
import { postgres } from 'tailrace/postgres'

const { DATABASE_URL = '', BROKERS = '', NAME = '' } = process.env
const brokers = BROKERS.split(',')
let haltAt = Infinity

const engine = createEngine({
  name: NAME,
  source: postgres({ connection: DATABASE_URL, tables: ['public.*'] }),
  format: debeziumJson({ logicalName: NAME, schemasEnable: { key: false, value: false, header: false }, modes: { decimal: 'string' } }),
  offsets: kafkaOffsets({ brokers, topic: `${NAME}.offsets`, replicationFactor: 1 }),
  // small transactions, so that the show has many of them
  sink: kafkaSink({ brokers, exactlyOnce: true, maxBufferedBytes: 500_000 }),
  // where a crash hurts most: Kafka has the records, and has not been asked to commit them
  runtime: { reach: (point) => (point === 'kafka.transaction-sent' && engine.stats().delivered >= haltAt ? halt() : undefined) },
})

/** Stands still until it is killed, or a minute is over. */
function halt() {
  tell({ count: engine.stats().delivered, halted: true })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  process.exit(1)
}

/** @param {object} message */
function tell(message) {
  if (process.connected) process.send?.(message)
}

process.on('message', (/** @type {{ haltAfter?: number, stop?: boolean }} */ message) => {
  if (message.haltAfter !== undefined) haltAt = engine.stats().delivered + message.haltAfter
  if (message.stop === true) void engine.stop()
})
process.once('disconnect', () => void engine.stop())

engine.on('state', ({ state }) => tell({ state }))
engine.on('retry', ({ error }) => tell({ retry: error.message }))
await engine.run()
tell({ count: engine.stats().delivered })
if (process.connected) process.disconnect()

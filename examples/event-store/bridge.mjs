// @ts-check
// The bridge: what the application writes to its outbox, within its own transactions, becomes events in Kafka. Each once, in
// Avro, without a second write that could fail between the two.
import { createEngine } from 'tailrace'
import { debeziumAvro } from 'tailrace/avro'
import { kafkaOffsets, kafkaSink } from 'tailrace/kafka'
import { postgres } from 'tailrace/postgres'

const { DATABASE_URL = '', KAFKA_BROKERS = '', REGISTRY_URL = '' } = process.env
const brokers = KAFKA_BROKERS.split(',')
const avro = debeziumAvro({ logicalName: 'shop', registry: { urls: REGISTRY_URL } })

const engine = createEngine({
  name: 'order-events',
  source: postgres({ connection: DATABASE_URL, tables: ['public.outbox'], snapshot: { mode: 'no_data' } }),
  format: created(avro),
  offsets: kafkaOffsets({ brokers, topic: 'order-events-offsets' }),
  sink: kafkaSink({ brokers, exactlyOnce: true, topicName: () => 'order-events', topicCreation: [{ partitions: 3 }] }),
})

/**
 * Only what was created: rows that leave the outbox are no events.
 * @param {import('tailrace').Format} format
 * @returns {import('tailrace').Format}
 */
function created(format) {
  return {
    prepare: (table) => format.prepare?.(table),
    ready: (events, signal) => format.ready?.(events, signal),
    encode(event, into, nowMicros) {
      if (event.op === 'c') format.encode(event, into, nowMicros)
    },
  }
}

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
engine.on('state', ({ state }) => process.send?.(state))
await engine.run({ signal: stop.signal })
process.disconnect?.()

// Throughput into Kafka: a real broker, a topic for each run, and the end of the topic as the clock.
import { startBroker } from './broker.mjs'
import { KAFKA_PEERS } from './peer/kafka-all.mjs'
import { measureThroughput } from './postgres.mjs'

/** @param {{url: string, rows: number, repeat: number, only: string[]}} options */
export async function measureKafka({ url, rows, repeat, only }) {
  const broker = await startBroker()
  try {
    const measured = await measureThroughput({ url, rows, transactions: 0, repeat, workloads: ['bulk'], only, all: KAFKA_PEERS, broker })
    return { broker: `Kafka ${broker.version}`, ...measured }
  } finally {
    await broker.stop()
  }
}

// Sends records with kafkajs's producer as fast as it can. Acknowledged by all replicas; not idempotent, so that requests may overlap.
import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

const BATCH = 1000
const IN_FLIGHT = 4

const { broker, topic, rows, file } = JSON.parse(process.argv[2])
const records = deserialize(readFileSync(file))
const kafka = new Kafka({ clientId: 'bench-kafkajs', brokers: [broker], logLevel: logLevel.NOTHING })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false })
await producer.connect()
const sending = new Set()
for (let sent = 0; sent < rows;) {
  const from = sent % records.length
  const messages = records.slice(from, from + Math.min(BATCH, rows - sent))
  const send = producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] }).finally(() => sending.delete(send))
  sending.add(send)
  sent += messages.length
  if (sending.size >= IN_FLIGHT) await Promise.race(sending)
}
await Promise.all(sending)
// Its connection keeps the process alive, until it is ended from outside.

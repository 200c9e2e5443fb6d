// tailrace into Kafka: the command with Debezium Server's properties, and the library with Avro.
import avsc from 'avsc'
import { fileURLToPath } from 'node:url'
import { missingRegistry, registryVersion } from '../broker.mjs'
import { measureTopic, readTopic } from '../topic.mjs'
import { prefixOf, topicOf, withTopic } from './own-topic.mjs'
import { commandArguments, missing, tailraceCommand } from './tailrace.mjs'

const child = fileURLToPath(new URL('tailrace-kafka-child.mjs', import.meta.url))

// Nanoseconds since 1970 are beyond 2^53, where avsc gives up by default.
const BIG_LONG = avsc.types.LongType.__with({
  fromBuffer: (buffer) => buffer.readBigInt64LE(),
  toBuffer: (value) => { const buffer = Buffer.alloc(8); buffer.writeBigInt64LE(value); return buffer },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value) => typeof value === 'bigint',
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
})

/**
 * @param {string} name
 * @param {{missing: () => Promise<string | undefined>, version: () => Promise<string>, args: (job: any) => Promise<string[]>, idsOf: (job: any) => Promise<(value: Buffer) => number>}} kind
 * @returns {import('./all.mjs').Peer}
 */
const writer = (name, { missing, version, args, idsOf }) => {
  const write = async (job, wanted) => await measureTopic({ command: process.execPath, args: await args(job) }, wanted)
  return {
    name,
    workloads: ['bulk'],
    missing,
    version,
    read: (job) => withTopic(job, (wanted) => write(job, wanted)),
    // The end of a topic says nothing about what is in it: so it is read once, before the clock runs. The ids are 1 to `rows`.
    check: (job) => withTopic(job, async (wanted) => {
      await write(job, wanted)
      const idOf = await idsOf(job)
      let [records, sum] = [0, 0]
      await readTopic(wanted.broker, wanted.topic, ({ value }) => {
        records++
        sum += value === null ? NaN : idOf(value)
      })
      const expected = job.rows * (job.rows + 1) / 2
      if (records !== job.rows || sum !== expected) throw new Error(`the topic has ${records} records, ids' sum ${sum}; expected ${job.rows} and ${expected}`)
    }),
  }
}

/** The command's arguments for writing `job` to its topic. */
export const sinkArguments = (job, more) => commandArguments(job, {
  'name': job.slot,
  'topic.prefix': prefixOf(job),
  'debezium.sink.type': 'kafka',
  'debezium.sink.kafka.producer.bootstrap.servers': job.broker.url,
  // Connect's header converter writes no schemas either, so that all write about the same bytes.
  'header.converter.schemas.enable': 'false',
  ...more,
}, [])

const command = (name, more) => writer(name, {
  missing,
  version: tailraceCommand.version,
  args: async (job) => sinkArguments(job, more(job)),
  idsOf: async () => (value) => Number(/"after":\{"id":(\d+)/.exec(value.toString())?.[1]),
})

/** JSON without schemas, offsets in a file. */
export const tailraceJson = command('tailrace run', () => ({}))

/** The same with the offset in Kafka, in the transaction of the records before it. */
export const tailraceExactlyOnce = command('tailrace run, exactly once', (job) => ({
  'exactly.once.support': 'required',
  'offset.storage': 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore',
  'offset.storage.topic': `${prefixOf(job)}-offsets`,
  'offset.storage.partitions': '1',
  'bootstrap.servers': job.broker.url,
}))

/** The library: Avro with a schema registry, in a young generation of 4 MiB (docs/architecture.md), as the command has by itself. */
export const tailraceAvro = writer('tailrace, Avro', {
  missing: async () => (await missing()) ?? (await missingRegistry()),
  version: async () => `${await tailraceCommand.version()}, ${await registryVersion()}`,
  args: async ({ broker, ...job }) => {
    const more = { prefix: prefixOf(job), broker: broker.url, registry: await broker.registry() }
    return ['--max-semi-space-size=4', child, JSON.stringify({ ...job, ...more })]
  },
  // Confluent's framing: a zero byte, the schema's id in four, the value.
  idsOf: async (job) => {
    const registered = await fetch(`${await job.broker.registry()}/subjects/${topicOf(job)}-value/versions/latest`)
    const { id, schema } = await registered.json()
    const type = avsc.Type.forSchema(JSON.parse(schema), { registry: { long: BIG_LONG } })
    return (value) => (value[0] === 0 && value.readUInt32BE(1) === id ? Number(type.fromBuffer(value.subarray(5)).after.id) : NaN)
  },
})

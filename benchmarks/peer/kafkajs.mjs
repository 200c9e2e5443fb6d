// kafkajs alone: it is handed the records that tailrace has written, and sends as many.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { measureTopic, readTopic } from '../topic.mjs'
import { topicOf, withTopic } from './own-topic.mjs'
import { missing } from './tailrace.mjs'
import { sinkArguments } from './tailrace-kafka.mjs'

const child = fileURLToPath(new URL('kafkajs-child.mjs', import.meta.url))
// Sent again and again: a million would be a gigabyte of memory, which is not what is compared.
const RECORDS = 10_000
const recordsFile = (job) => join(job.folder, 'records')

/** @type {import('./all.mjs').Peer} */
export const kafkajs = {
  name: 'kafkajs sendBatch',
  workloads: ['bulk'],
  missing,
  version: async () => JSON.parse(readFileSync(createRequire(import.meta.url).resolve('kafkajs/package.json'), 'utf8')).version,
  // Before the clock: what `tailrace run` writes is read back and kept for the child.
  check: (job) => withTopic(job, async ({ broker, topic }) => {
    const rows = Math.min(job.rows, RECORDS)
    await measureTopic({ command: process.execPath, args: sinkArguments(job, {}) }, { broker, topic, rows: job.rows })
    /** @type {{key: Buffer | null, value: Buffer | null, headers: any}[]} */
    const records = []
    await readTopic(broker, topic, ({ key, value, headers }) => records.push({ key, value, headers }) < rows)
    writeFileSync(recordsFile(job), serialize(records))
    return `has ${records.length} records of tailrace to send`
  }),
  read: (job) => withTopic(job, (wanted) => {
    const task = { broker: wanted.broker.url, topic: topicOf(job), rows: job.rows, file: recordsFile(job) }
    return measureTopic({ command: process.execPath, args: [child, JSON.stringify(task)] }, wanted)
  }),
}

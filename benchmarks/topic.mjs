// Measures a program by what it has made durable in Kafka: the end of its topic is asked for from outside, the same way for all.
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { onAbruptEnd } from './machine.mjs'
import { collect, look } from './process.mjs'

const POLL_MS = 20
// All rows are there, and the end has not moved for so long: markers of transactions count as offsets, so that the number
// alone does not say that nothing more comes.
const QUIET_SECONDS = 0.5
const STALL_SECONDS = 180

/**
 * Starts a program that writes to a topic, and ends it (SIGKILL) when the topic has its rows.
 * @param {{command: string, args: string[]}} program
 * @param {{broker: import('./broker.mjs').Broker, topic: string, rows: number}} wanted
 * @returns {Promise<import('./process.mjs').Reading>} from the first record that can be read to the last one
 */
export async function measureTopic({ command, args }, { broker, topic, rows }) {
  const started = now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const forget = onAbruptEnd(() => child.kill('SIGKILL'))
  const said = [collect(child.stdout), collect(child.stderr)]
  let problem
  child.once('error', (error) => { problem = error })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const fail = (what) => new Error(`${command} ${what}: ${said.map((text) => text().slice(-2000)).join('\n').trim()}`, { cause: problem })
  let first
  let last = { end: 0, at: started, cpuSeconds: 0, peakRssKiB: 0 }
  try {
    while (last.end < rows || now() - last.at < QUIET_SECONDS) {
      await sleep(POLL_MS)
      const end = await broker.endOffset(topic)
      const at = now()
      const sample = child.pid === undefined ? undefined : look(child.pid)
      if (sample === undefined || child.exitCode !== null) throw fail(`ended with ${child.exitCode ?? child.signalCode} when the topic had ${end} of ${rows} rows`)
      if (end !== last.end) last = { end, at, ...sample }
      if (end > 0) first ??= last
      if (at - last.at > STALL_SECONDS) throw fail(`has written nothing for ${STALL_SECONDS} s, and the topic has ${end} of ${rows} rows`)
    }
  } finally {
    child.kill('SIGKILL')
    if (child.pid !== undefined) await ended
    forget()
  }
  if (first === undefined || first === last || first.end >= rows) throw new Error('all rows came at once: too few to measure')
  return {
    rows: rows - first.end,
    seconds: last.at - first.at,
    cpuSeconds: last.cpuSeconds - first.cpuSeconds,
    wholeSeconds: last.at - started,
    wholeCpuSeconds: last.cpuSeconds,
    peakRssKiB: last.peakRssKiB,
    bytes: broker.topicBytes(topic),
    writtenRows: rows,
  }
}

/**
 * Reads a topic from its beginning to its end, or until `visit` returns false; committed records only.
 * @param {import('./broker.mjs').Broker} broker
 * @param {string} topic
 * @param {(record: import('kafkajs').KafkaMessage) => boolean | void} visit
 */
export async function readTopic(broker, topic, visit) {
  const end = await broker.endOffset(topic)
  const consumer = broker.client.consumer({ groupId: `bench-${topic}`, maxBytesPerPartition: 4 * 1024 * 1024, maxWaitTimeInMs: 100 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    let at = now()
    await new Promise((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => { if (!payload.restart) reject(payload.error) })
      // The markers of transactions at the end are not handed to us.
      consumer.on(consumer.events.FETCH, ({ payload }) => {
        if (payload.numberOfBatches > 0) at = now()
        else if (now() - at > 5) resolve(undefined)
      })
      consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          try {
            for (const message of batch.messages) if (visit(message) === false) return resolve(undefined)
          } catch (error) {
            return reject(error) // kafkajs would try again
          }
          at = now()
          if (Number(batch.lastOffset()) >= end - 1) resolve(undefined)
        },
      }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}

const now = () => performance.now() / 1000

// @ts-check
// Whoever consumes the topics: kafkajs's own consumer, which knows nothing of tailrace.
import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

/** Partitions of each topic. */
const PARTITIONS = 3
/** What is written behind the last record of every partition, to know where it ends. */
const END = 'end'

/**
 * A change as Debezium writes it; for a delete, `row` is the key.
 * @typedef {{ op: string, table: string, row: Record<string, unknown>, place: string, lsn: number }} Consumed
 */

export class Topics {
  #kafka
  #names

  /**
   * @param {string[]} brokers
   * @param {string[]} names
   */
  constructor(brokers, names) {
    this.#kafka = new Kafka({ clientId: 'quickstart', brokers, logLevel: logLevel.NOTHING })
    this.#names = names
  }

  async make() {
    await this.#administer((admin) => admin.createTopics({ waitForLeaders: true, topics: this.#names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })) }))
  }

  /** @param {string[]} others */
  async remove(others) {
    await this.#administer((admin) => admin.deleteTopics({ topics: [...this.#names, ...others] }))
  }

  /** The last record of every partition: nothing of an engine comes behind it any more. */
  async end() {
    const producer = this.#kafka.producer()
    await producer.connect()
    const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, value: END }))
    for (const topic of this.#names) await producer.send({ topic, acks: -1, messages })
    await producer.disconnect()
  }

  /** @param {boolean} readUncommitted */
  async read(readUncommitted = false) {
    const consumer = this.#kafka.consumer({ groupId: `quickstart-${randomBytes(4).toString('hex')}`, readUncommitted, maxWaitTimeInMs: 100 })
    const reader = new Reader(consumer, this.#names.length * PARTITIONS)
    await consumer.connect()
    await consumer.subscribe({ topics: this.#names, fromBeginning: true })
    await consumer.run({ eachMessage: async ({ topic, partition, message }) => reader.take(topic, partition, message) })
    return reader
  }

  /** @param {(admin: import('kafkajs').Admin) => Promise<unknown>} work */
  async #administer(work) {
    const admin = this.#kafka.admin()
    await admin.connect()
    await work(admin)
    await admin.disconnect()
  }
}

class Reader {
  #consumer
  #partitions
  #ended = 0
  #heard = () => {}
  /** @type {Consumed[]} In the order of arrival. Tombstones are left out. */
  changes = []

  /**
   * @param {import('kafkajs').Consumer} consumer
   * @param {number} partitions
   */
  constructor(consumer, partitions) {
    this.#consumer = consumer
    this.#partitions = partitions
  }

  /**
   * @param {string} topic
   * @param {number} partition
   * @param {import('kafkajs').KafkaMessage} message
   */
  take(topic, partition, { key, value }) {
    if (value?.toString() === END) this.#ended++
    else if (value !== null && key !== null) {
      const { op, after, source } = JSON.parse(value.toString())
      this.changes.push({ op, table: source.table, row: after ?? JSON.parse(key.toString()), place: `${topic}:${partition}`, lsn: source.lsn })
    }
    this.#heard()
  }

  /** Waits for so many changes. */
  async until(/** @type {number} */ count) {
    while (this.changes.length < count) await this.#more()
  }

  /** Everything up to the end of every partition; then it is closed. */
  async toEnd() {
    while (this.#ended < this.#partitions) await this.#more()
    await this.close()
    return this.changes
  }

  async close() {
    await this.#consumer.disconnect()
  }

  async #more() {
    await new Promise((resolve) => (this.#heard = () => resolve(undefined)))
  }
}

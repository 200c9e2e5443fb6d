import { TailraceError } from '../../error/tailrace-error.ts'
import { Accumulator } from '../../kafka/accumulator.ts'
import type { ClientContext, KafkaClient, KafkaProducer } from '../../kafka/client.ts'
import { OFFSET_RECORDS, type OffsetRecords } from '../../kafka/offset-records.ts'
import { openClient } from '../../kafka/open-client.ts'
import { unsupportedClient } from '../../kafka/serial-producer.ts'
import { reachNothing } from '../../observe/failpoint.ts'
import { silentLogger } from '../../observe/logger.ts'
import { systemClock } from '../../time/clock.ts'
import type { OffsetStore, StoredOffset } from '../offset-store.ts'
import { copyOffset } from '../offset-value.ts'
import { OffsetTopic } from './offset-topic.ts'
import type { KafkaOffsetsOptions } from './options.ts'

/** Brokers that take no offset for so long: the engine decides how long it goes on without. */
const DELIVERY_MS = 5_000
const TRANSACTION_MS = 60_000

/**
 * Keeps the offset in a compacted Kafka topic, in the form in which Kafka Connect keeps Debezium's: `["name",{"server":"prefix"}]` and
 * Debezium's fields, with everything of ours in the field `tailrace`. The topic is made where it is missing. Two engines of one name
 * fence each other: the older one stops with TR_OFFSET_LOCKED at its next save.
 *
 *     kafkaOffsets({ brokers: ['localhost:9092'], topic: 'tailrace-offsets' })
 *
 * Errors: TR_CONFIG_INVALID, TR_CONFIG_UNSUPPORTED at once; TR_KAFKA_CONNECT, TR_KAFKA_TLS, TR_KAFKA_AUTH, TR_KAFKA_AUTHORIZATION, TR_OFFSET_TOPIC, TR_OFFSET_CORRUPT,
 * TR_OFFSET_READ when it is opened; TR_OFFSET_WRITE, TR_OFFSET_LOCKED when it is written.
 */
export function kafkaOffsets(options: KafkaOffsetsOptions): OffsetStore {
  if (!Array.isArray(options.brokers) || options.brokers.length === 0) throw new TailraceError('TR_CONFIG_INVALID', { message: 'kafkaOffsets needs at least one broker', where: { option: 'brokers' } })
  if (typeof options.topic !== 'string' || options.topic === '') throw new TailraceError('TR_CONFIG_INVALID', { message: 'kafkaOffsets needs a topic', where: { option: 'topic' } })
  if ((options.client ?? 'kafkajs') !== 'kafkajs') throw unsupportedClient('offsets in Kafka')
  return new KafkaOffsets(options)
}

class KafkaOffsets implements OffsetStore {
  readonly #topic: OffsetTopic
  readonly #context: ClientContext = { clock: systemClock, random: Math.random, logger: silentLogger, reach: reachNothing, warn: () => {} }
  #closing = new AbortController()
  #engine: string | undefined
  #client: KafkaClient | undefined
  #producer: KafkaProducer | undefined
  #newest: StoredOffset | undefined
  #saving: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined

  constructor(options: KafkaOffsetsOptions) {
    this.#topic = new OffsetTopic(options, () => systemClock.nowMicros())
  }

  [OFFSET_RECORDS](): OffsetRecords {
    return this.#topic
  }

  async load(engine: string): Promise<StoredOffset | undefined> {
    const { connection } = this.#topic
    if (this.#engine !== undefined) throw new TailraceError('TR_OFFSET_LOCKED', { message: 'This store is already open', where: { topic: connection.topic } })
    this.#engine = engine
    this.#closing = new AbortController()
    const { signal } = this.#closing
    const client = (this.#client = openClient(connection, this.#context))
    await client.connect(signal)
    await this.#topic.prepare(client, signal)
    // a transactional id of its own, only so that the store has one owner: the newest
    const transactionalId = `tailrace-offsets-${engine}-${connection.server ?? engine}`
    this.#producer = await client.producer({ transactionalId, transactionTimeoutMs: TRANSACTION_MS, deliveryTimeoutMs: DELIVERY_MS }, signal)
    return (await this.#topic.read(client, engine, signal))?.offset
  }

  /** What waits behind a save under way is written together: the newest of it. */
  async save(offset: StoredOffset): Promise<void> {
    if (this.#producer === undefined) throw new TailraceError('TR_OFFSET_WRITE', { message: 'The offsets topic is not open' })
    if (offset.engine !== this.#engine) throw new TailraceError('TR_OFFSET_FOREIGN', { message: `The store is open for the engine ${JSON.stringify(this.#engine)}, not for ${JSON.stringify(offset.engine)}` })
    this.#newest = storable(offset)
    if (this.#queued === undefined) {
      this.#queued = this.#saving.then(async () => {
        this.#queued = undefined
        await this.#write(this.#producer, this.#newest!)
      })
      this.#saving = this.#queued.catch(() => {})
    }
    await this.#queued
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving
    this.#closing.abort()
    const client = this.#client
    this.#client = this.#producer = this.#engine = undefined
    await client?.[Symbol.asyncDispose]()
  }

  async #write(producer: KafkaProducer | undefined, offset: StoredOffset): Promise<void> {
    if (producer === undefined) throw new TailraceError('TR_OFFSET_WRITE', { message: 'The offsets topic is not open' })
    const record = new Accumulator(0)
    this.#topic.append(record, offset, Number(systemClock.nowMicros() / 1000n))
    try {
      await producer.transact(record.take())
    } catch (error) {
      await this.#recover(producer, error as TailraceError)
    }
  }

  /** Ends the transaction whose outcome is open; either way the next save, which comes soon, stores a later offset or the same again. */
  async #recover(producer: KafkaProducer, failure: TailraceError): Promise<never> {
    const { topic } = this.#topic.connection
    const fenced = failure.code === 'TR_KAFKA_FENCED' ? failure : await producer.reset(this.#closing.signal).then(() => undefined, (error: TailraceError) => (error.code === 'TR_KAFKA_FENCED' ? error : undefined))
    if (fenced !== undefined) throw new TailraceError('TR_OFFSET_LOCKED', { message: `Another engine of this name writes its offset to ${topic}`, where: { topic }, cause: fenced })
    throw new TailraceError('TR_OFFSET_WRITE', { message: `The offset could not be written to ${topic}`, where: { topic }, cause: failure })
  }
}

/** A copy, so that nobody changes what waits to be written. Errors: TR_OFFSET_WRITE. */
function storable(offset: StoredOffset): StoredOffset {
  try {
    return copyOffset(offset)
  } catch (cause) {
    throw new TailraceError('TR_OFFSET_WRITE', { message: `The offset cannot be written as JSON: ${cause instanceof Error ? cause.message : 'it is no offset'}`, remedy: 'Report this: a source made a position that cannot be stored' })
  }
}

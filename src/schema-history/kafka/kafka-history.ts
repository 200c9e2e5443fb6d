import { TailraceError } from '../../error/tailrace-error.ts'
import type { ClientContext, KafkaClient, KafkaProducer } from '../../kafka/client.ts'
import { openClient } from '../../kafka/open-client.ts'
import type { PartitionBatch } from '../../kafka/partition-batch.ts'
import { unsupportedClient } from '../../kafka/serial-producer.ts'
import { reachNothing } from '../../observe/failpoint.ts'
import type { Clock } from '../../time/clock.ts'
import type { HistoryContext, SchemaHistory } from '../history.ts'
import type { HistoryRecord } from '../record.ts'
import { HistoryTopic } from './history-topic.ts'
import type { KafkaSchemaHistoryOptions } from './options.ts'

/** Brokers that take no record for so long: the engine decides how long it goes on without. */
const LIMITS = { deliveryTimeoutMs: 5_000, transactionTimeoutMs: 60_000 }

/**
 * Keeps the schema history in a Kafka topic as Debezium's KafkaSchemaHistory does: one partition, records without a key, kept for ever. The
 * topic is made where it is missing; it belongs to one engine. Records are sent idempotently, with `acks=all`. Two engines with one topic fence
 * each other: the older one stops with TR_HISTORY_LOCKED at its next record. Debezium itself, which knows no such fence, must not write to it
 * at the same time.
 *
 *     kafkaSchemaHistory({ brokers: ['localhost:9092'], topic: 'schema-history.shop' })
 *
 * Errors: TR_CONFIG_INVALID, TR_CONFIG_UNSUPPORTED at once; TR_KAFKA_CONNECT, TR_KAFKA_TLS, TR_KAFKA_AUTH, TR_KAFKA_AUTHORIZATION, TR_HISTORY_TOPIC when it is
 * opened; TR_HISTORY_CORRUPT, TR_HISTORY_READ when it is read; TR_KAFKA_CONNECT, TR_HISTORY_WRITE, TR_HISTORY_LOCKED when it is written.
 */
export function kafkaSchemaHistory(options: KafkaSchemaHistoryOptions): SchemaHistory {
  if (!Array.isArray(options.brokers) || options.brokers.length === 0) throw new TailraceError('TR_CONFIG_INVALID', { message: 'kafkaSchemaHistory needs at least one broker', where: { option: 'brokers' } })
  if (typeof options.topic !== 'string' || options.topic === '') throw new TailraceError('TR_CONFIG_INVALID', { message: 'kafkaSchemaHistory needs a topic', where: { option: 'topic' } })
  if ((options.client ?? 'kafkajs') !== 'kafkajs') throw unsupportedClient('a schema history in Kafka')
  return new KafkaHistory(new HistoryTopic(options))
}

interface Open {
  readonly client: KafkaClient
  readonly clock: Clock
  /**
   * Has the topic's transactional id, only so that the topic has one owner: the newest. It writes nothing: KafkaSchemaHistory.recoverRecords
   * reads until it has the record before the end of the topic, and would wait in vain for the marker that ends a transaction.
   */
  readonly owner: KafkaProducer
  /** Undefined after a failure, which is final to it. */
  writer: KafkaProducer | undefined
}

class KafkaHistory implements SchemaHistory {
  readonly #topic: HistoryTopic
  #closing = new AbortController()
  #opening: Promise<Open> | undefined
  #open: Open | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(topic: HistoryTopic) {
    this.#topic = topic
  }

  async open(context: HistoryContext, signal: AbortSignal): Promise<void> {
    const { topic } = this.#topic.options
    if (this.#opening !== undefined) throw new TailraceError('TR_HISTORY_LOCKED', { message: `The schema history ${topic} is in use already`, where: { topic }, remedy: 'Give each engine a schema history of its own' })
    this.#closing = new AbortController()
    const opening = this.#connect(context, AbortSignal.any([signal, this.#closing.signal]))
    this.#opening = opening
    try {
      this.#open = await opening
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  async *records(signal: AbortSignal): AsyncGenerator<HistoryRecord> {
    const { client } = this.#opened('TR_HISTORY_READ')
    yield* await this.#topic.read(client, AbortSignal.any([signal, this.#closing.signal]))
  }

  async append(records: readonly HistoryRecord[]): Promise<void> {
    const open = this.#opened('TR_HISTORY_WRITE')
    if (records.length === 0) return
    // now: whoever gave them may change them
    const batches = this.#topic.batches(records, Number(open.clock.nowMicros() / 1000n))
    const written = this.#turn.then(() => this.#send(open, batches))
    this.#turn = written.catch(() => {})
    await written
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opening = this.#opening
    const open = this.#open
    this.#open = undefined
    await this.#turn
    this.#closing.abort()
    await opening?.catch(() => {})
    await open?.client[Symbol.asyncDispose]()
    if (this.#opening === opening) this.#opening = undefined
  }

  async #connect({ clock, logger }: HistoryContext, signal: AbortSignal): Promise<Open> {
    const context: ClientContext = { clock, logger, random: Math.random, reach: reachNothing, warn: (error) => logger.warn(error.message, error.toJSON()) }
    const { options } = this.#topic
    const client = openClient(options, context)
    try {
      await client.connect(signal)
      await this.#topic.prepare(client, signal)
      const owner = await client.producer({ ...LIMITS, transactionalId: `tailrace-schema-history-${options.topic}` }, signal)
      return { client, clock, owner, writer: await client.producer(LIMITS, signal) }
    } catch (error) {
      await client[Symbol.asyncDispose]()
      throw error
    }
  }

  async #send(open: Open, batches: readonly PartitionBatch[]): Promise<void> {
    const { signal } = this.#closing
    try {
      // the next epoch of the transactional id, which only its owner gets
      await open.owner.reset(signal)
      open.writer ??= await open.client.producer(LIMITS, signal)
      await open.writer.send(batches)
    } catch (error) {
      await open.writer?.[Symbol.asyncDispose]()
      open.writer = undefined
      throw this.#failure(error as TailraceError)
    }
  }

  #failure(error: TailraceError): TailraceError {
    const { topic } = this.#topic.options
    if (error.code === 'TR_KAFKA_FENCED') return new TailraceError('TR_HISTORY_LOCKED', { message: `Another engine has taken over the schema history ${topic}`, where: { topic }, cause: error })
    // brokers that are away come back: whoever waits long enough is to be the engine
    const reason = error.code === 'TR_KAFKA_UNAVAILABLE' && error.cause instanceof TailraceError ? error.cause : error
    return reason.kind === 'transient' ? reason : new TailraceError('TR_HISTORY_WRITE', { message: `The schema history ${topic} could not be written`, where: { topic }, cause: error })
  }

  #opened(code: 'TR_HISTORY_READ' | 'TR_HISTORY_WRITE'): Open {
    if (this.#open === undefined) throw new TailraceError(code, { message: `The schema history ${this.#topic.options.topic} is not open`, where: { topic: this.#topic.options.topic }, remedy: 'Open the schema history before, and use it no more once it is disposed' })
    return this.#open
  }
}

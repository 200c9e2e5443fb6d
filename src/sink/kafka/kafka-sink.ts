import { TailraceError } from '../../error/tailrace-error.ts'
import type { RecordBatch } from '../../format/record-batch.ts'
import { codecOf, type Compression } from '../../kafka/compression.ts'
import type { KafkaClient } from '../../kafka/client.ts'
import { openClient } from '../../kafka/open-client.ts'
import { encodedHeaders } from '../../kafka/partition-batch.ts'
import { unsupportedClient } from '../../kafka/serial-producer.ts'
import type { OffsetStore, StoredOffset } from '../../offset/offset-store.ts'
import type { Batch, Sink, SinkContext } from '../sink.ts'
import { AtLeastOnce } from './at-least-once.ts'
import { deadLetter } from './dead-letter.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { JoinedOffsets, offsetRecordsOf } from './joined-offsets.ts'
import type { KafkaSinkOptions } from './options.ts'
import type { Outbox } from './outbox.ts'
import { Topics } from './topics.ts'

/** Of a batch of one record beside the record (RecordBatch.RECORD_BATCH_OVERHEAD and the record's own lengths). */
const RECORD_OVERHEAD = 100

/**
 * Sends records to Kafka: acks=all, idempotent, in order within a partition, keys placed as Kafka's Java client does.
 * At least once by default; with `exactlyOnce`, records and offset in one transaction.
 *
 *     kafkaSink({ brokers: ['localhost:9092'] })
 *
 * Errors: TR_CONFIG_INVALID, TR_CONFIG_UNSUPPORTED, TR_KAFKA_COMPRESSION at once. When the engine starts: TR_KAFKA_CONNECT, TR_KAFKA_TLS, TR_KAFKA_AUTH, TR_KAFKA_CLIENT.
 * Later: TR_KAFKA_TOPIC_MISSING, TR_KAFKA_TOPIC_INVALID, TR_KAFKA_AUTHORIZATION, TR_KAFKA_RECORD_TOO_LARGE, TR_KAFKA_REJECTED, TR_KAFKA_UNAVAILABLE, TR_KAFKA_FENCED.
 */
export function kafkaSink(options: KafkaSinkOptions): Sink {
  if (!Array.isArray(options.brokers) || options.brokers.length === 0) throw new TailraceError('TR_CONFIG_INVALID', { message: 'kafkaSink needs at least one broker', where: { option: 'brokers' } })
  checkClient(options)
  return new KafkaSink(options)
}

function checkClient({ client = 'kafkajs', exactlyOnce, compression = 'none' }: KafkaSinkOptions): void {
  if (client === 'kafkajs') return
  if (exactlyOnce === true) throw unsupportedClient('exactlyOnce')
  if (compression !== 'none') throw unsupportedClient('compression')
}

class KafkaSink implements Sink {
  readonly accepts = 'records'
  readonly joinOffsets?: (offsets: OffsetStore) => OffsetStore
  readonly #options: KafkaSinkOptions
  readonly #compression: Compression
  #joined: JoinedOffsets | undefined
  #context: SinkContext | undefined
  #client: KafkaClient | undefined
  #topics: Topics | undefined
  #outbox: Outbox | undefined

  constructor(options: KafkaSinkOptions) {
    this.#options = options
    this.#compression = options.compression ?? 'none'
    codecOf(this.#compression)
    if (options.exactlyOnce === true) {
      this.joinOffsets = (offsets) => {
        this.#joined = new JoinedOffsets(offsetRecordsOf(offsets, options))
        return this.#joined
      }
    }
  }

  readonly open = async (context: SinkContext, signal: AbortSignal): Promise<void> => {
    this.#context = context
    const client = (this.#client = openClient(this.#options, context))
    await client.connect(signal)
    const { batchBytes = 524_288, maxBufferedBytes = 8_388_608, lingerMs = 0, deliveryTimeoutMs = Infinity, transactionTimeoutMs = 60_000 } = this.#options
    this.#topics = new Topics(client, this.#options.topicCreation, context, deliveryTimeoutMs)
    const codec = codecOf(this.#compression)
    const joined = this.#joined
    if (joined === undefined) {
      const producer = await client.producer({ transactionTimeoutMs, deliveryTimeoutMs }, signal)
      this.#outbox = new AtLeastOnce(producer, { batchBytes, maxBufferedBytes, lingerMs, codec, clock: context.clock })
      return
    }
    await joined.records.prepare(client, signal)
    const transactionalId = this.#options.transactionalId ?? `tailrace-${context.engine}`
    // first fence, then read: what an older instance commits until then counts, and nothing afterwards
    const producer = await client.producer({ transactionalId, transactionTimeoutMs, deliveryTimeoutMs }, signal)
    const stored = await joined.records.read(client, context.engine, signal)
    const outbox = (this.#outbox = new ExactlyOnce(client, producer, joined.records, stored, context, { batchBytes, maxBufferedBytes, deliveryTimeoutMs, codec }))
    joined.attach(stored?.offset, outbox)
  }

  async write({ records, offset }: Batch, signal: AbortSignal): Promise<'accepted'> {
    const outbox = this.#opened()
    if (records !== undefined) {
      await this.#learnTopics(records, signal)
      await outbox.room(signal)
      this.#collect(records, outbox, offset)
      this.#context!.reach('kafka.collected')
    }
    outbox.dispatch(offset)
    await outbox.room(signal)
    return 'accepted'
  }

  async flush(signal: AbortSignal): Promise<void> {
    await this.#outbox?.flush(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#outbox?.close()
    await this.#client?.[Symbol.asyncDispose]()
  }

  #topicName(destination: string): string {
    return this.#options.topicName?.(destination) ?? destination
  }

  #opened(): Outbox {
    if (this.#outbox === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kafka sink is not open' })
    return this.#outbox
  }

  async #learnTopics(records: RecordBatch, signal: AbortSignal): Promise<void> {
    const topics = this.#topics!
    const nowMs = this.#context!.clock.monotonicMs()
    for (let index = records.first; index < records.end; index++) {
      const topic = this.#topicName(records.destination[index]!)
      if (!topics.knows(topic, nowMs)) await topics.learn(topic, nowMs, signal)
    }
    const { deadLetterTopic } = this.#options
    if (deadLetterTopic !== undefined && !topics.knows(deadLetterTopic, nowMs)) await topics.learn(deadLetterTopic, nowMs, signal)
  }

  #collect(records: RecordBatch, outbox: Outbox, offset: StoredOffset | undefined): void {
    const topics = this.#topics!
    const { maxRecordBytes = 1_048_000, deadLetterTopic } = this.#options
    const timestampMs = Math.floor(Number(this.#context!.clock.nowMicros()) / 1000)
    const { bytes } = records
    for (let index = records.first; index < records.end; index++) {
      const topic = this.#topicName(records.destination[index]!)
      const keyStart = records.keyStart[index]!
      const keyEnd = records.keyEnd[index]!
      const valueStart = records.valueStart[index]!
      const valueEnd = records.valueEnd[index]!
      const headers = records.headers[index]!
      const size = keyEnd - keyStart + valueEnd - valueStart + encodedHeaders(headers).length + RECORD_OVERHEAD
      const partition = records.placed.get(index) ?? topics.partition(topic, bytes, keyStart, keyEnd)
      if (size <= maxRecordBytes) {
        outbox.records.append(topic, partition, { bytes, keyStart, keyEnd, valueStart, valueEnd }, headers, timestampMs)
        continue
      }
      const failure = new TailraceError('TR_KAFKA_RECORD_TOO_LARGE', { message: `A record for ${topic} has ${size} bytes, ${maxRecordBytes} are allowed`, where: { topic, partition, bytes: size, limit: maxRecordBytes } })
      if (deadLetterTopic === undefined) throw failure
      const letter = deadLetter(records, index, failure, maxRecordBytes, offset)
      outbox.records.append(deadLetterTopic, topics.partition(deadLetterTopic, letter.bytes, letter.keyStart, letter.keyEnd), letter, letter.headers, timestampMs)
      this.#context!.warn(failure)
    }
  }
}


import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { batchRecords } from '../batch-records.ts'
import type { ClientContext, KafkaClient, KafkaProducer, ProducerOptions, TopicSpec } from '../client.ts'
import { withEnoughBrokers } from '../enough-brokers.ts'
import type { KafkaConnection } from '../options.ts'
import type { PartitionBatch } from '../partition-batch.ts'
import { SerialProducer, unsupportedClient, type RecordSender } from '../serial-producer.ts'
import { failureOf } from './library-error.ts'
import { loadLibrary, type Library, type LibraryError, type LibraryProducer, type Metadata } from './library.ts'
import { librdkafkaSettings } from './settings.ts'

const WAIT_MS = 50
const WAITS = 100
/** A topic that was just made is not known everywhere at once. */
const UNKNOWN_WAITS = 10
const EXISTS = 36
const POLL_MS = 5
/** librdkafka refuses longer records before it asks a broker. */
const LARGEST_RECORD = 1_000_000_000
const LONGEST_MS = 2_147_483_647

/** Answers delivery reports by their record's `opaque`. */
type Report = (error: LibraryError | null | undefined) => void

/** `@confluentinc/kafka-javascript`, for sinks that deliver at least once. */
export class ConfluentClient implements KafkaClient {
  readonly #connection: KafkaConnection
  readonly #context: ClientContext
  readonly #settings: Readonly<Record<string, unknown>>
  readonly #producers: KafkaProducer[] = []
  #library: Library | undefined
  /** Asks for topics. */
  #asking: LibraryProducer | undefined

  constructor(connection: KafkaConnection, context: ClientContext) {
    this.#connection = connection
    this.#context = context
    this.#settings = librdkafkaSettings(connection)
  }

  async connect(): Promise<void> {
    this.#library = await loadLibrary()
    this.#asking = await this.#connected({})
  }

  async partitionsOf(topic: string, create: boolean, signal: AbortSignal): Promise<number | undefined> {
    if (!create && (await this.#metadata()).topics.every(({ name }) => name !== topic)) return undefined
    for (let waits = 0; waits < WAITS && !signal.aborted; waits++) {
      const { topics } = await this.#metadata(topic)
      const partitions = topics.find(({ name }) => name === topic)?.partitions ?? []
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return partitions.length
      if (partitions.length === 0 && waits >= UNKNOWN_WAITS) return undefined
      await pause(WAIT_MS, this.#context.clock, signal)
    }
    throw new TailraceError('TR_KAFKA_CONNECT', { message: `The topic ${topic} has no leader`, where: { topic } })
  }

  async createTopic(topic: string, spec: TopicSpec, signal: AbortSignal): Promise<void> {
    await withEnoughBrokers(() => this.#create(topic, spec), this.#context.clock, signal)
  }

  async topicConfig(): Promise<never> {
    throw unsupportedClient('offsets in Kafka')
  }

  async readToEnd(): Promise<never> {
    throw unsupportedClient('offsets in Kafka')
  }

  async producer(options: ProducerOptions, signal: AbortSignal): Promise<KafkaProducer> {
    this.#opened()
    const open = async (): Promise<RecordSender> => {
      // librdkafka repeats by itself, by the same sequence numbers, for as long as records may wait
      const insist = Math.min(LONGEST_MS, Math.max(1, options.deliveryTimeoutMs))
      const producer = await this.#connected({ 'enable.idempotence': true, 'linger.ms': 0, 'dr_cb': true, 'message.max.bytes': LARGEST_RECORD, 'queue.buffering.max.messages': 10_000_000, 'delivery.timeout.ms': insist })
      producer.setPollInterval(POLL_MS)
      producer.on('delivery-report', (error, { opaque }) => (opaque as Report)(error))
      return { send: (batches) => send(producer, batches), close: () => closed(producer) }
    }
    const producer = new SerialProducer({ open, failureOf }, options, this.#context)
    this.#producers.push(producer)
    await producer.reset(signal)
    return producer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const producer of this.#producers) await producer[Symbol.asyncDispose]()
    if (this.#asking !== undefined) await closed(this.#asking)
  }

  async #create(topic: string, { partitions, replicationFactor, config }: TopicSpec): Promise<void> {
    const admin = this.#opened().AdminClient.create(this.#settings)
    try {
      await new Promise<void>((resolve, reject) => {
        admin.createTopic({ topic, num_partitions: partitions ?? -1, replication_factor: replicationFactor ?? -1, config: config ?? {} }, this.#timeoutMs, (error) => {
          if (error === undefined || error === null || error.code === EXISTS) resolve()
          else reject(failureOf(error, `making the topic ${topic}`).error)
        })
      })
    } finally {
      admin.disconnect()
    }
  }

  /** What went wrong with a connection is told as an event; the call itself only times out. */
  async #connected(settings: Readonly<Record<string, unknown>>): Promise<LibraryProducer> {
    const producer = new (this.#opened().Producer)({ ...this.#settings, ...settings }, { 'request.required.acks': -1 })
    let told: LibraryError | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        producer.on('event.error', (error) => {
          told = error
          if (failureOf(error, 'connecting').error.kind !== 'transient') reject(error)
        })
        producer.connect({ timeout: this.#connection.connectTimeoutMs ?? 10_000 }, (error) => (error ? reject((told ?? error)) : resolve()))
      })
    } catch (error) {
      await closed(producer)
      const failure = failureOf(error, 'connecting').error
      // librdkafka tells a reason only to who is connected
      if (failure.code !== 'TR_KAFKA_CONNECT') throw failure
      throw new TailraceError('TR_KAFKA_CONNECT', { message: failure.message, remedy: 'Check the brokers’ addresses, the network, the login, and certificates', cause: error })
    }
    return producer
  }

  async #metadata(topic?: string): Promise<Metadata> {
    this.#opened()
    return await new Promise((resolve, reject) => {
      const doing = topic === undefined ? 'listing topics' : `asking for the topic ${topic}`
      this.#asking!.getMetadata({ timeout: this.#timeoutMs, ...(topic === undefined ? {} : { topic }) }, (error, metadata) => (error ? reject(failureOf(error, doing).error) : resolve(metadata)))
    })
  }

  get #timeoutMs(): number {
    return this.#connection.requestTimeoutMs ?? 30_000
  }

  #opened(): Library {
    if (this.#library === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kafka client is not connected' })
    return this.#library
  }
}

/** Once every record is reported, so that nothing is under way when some are sent again. */
async function send(producer: LibraryProducer, batches: readonly PartitionBatch[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let left = batches.reduce((sum, { count }) => sum + count, 0)
    let failure: LibraryError | undefined
    const report: Report = (error) => {
      if (error) failure ??= error
      if (--left > 0) return
      if (failure === undefined) resolve()
      else reject(failure)
    }
    for (const batch of batches) {
      for (const { key, value, headers, timestampMs } of batchRecords(batch)) {
        try {
          producer.produce(batch.topic, batch.partition, value, key, timestampMs, report, headers.map(({ name, value: bytes }) => ({ [name]: bytes })))
        } catch (error) {
          report(error as LibraryError)
        }
      }
    }
  })
}

/** Without waiting for what cannot be sent. */
function closed(producer: LibraryProducer): Promise<void> {
  return new Promise((resolve) => {
    try {
      producer.disconnect(1, () => resolve())
    } catch {
      resolve()
    }
  })
}

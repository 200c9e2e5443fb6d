import type { Admin, BaseOptions, Producer } from '@platformatic/kafka'
import type * as platformatic from '@platformatic/kafka'
import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { batchRecords } from '../batch-records.ts'
import type { ClientContext, KafkaClient, KafkaProducer, ProducerOptions, TopicSpec } from '../client.ts'
import { withEnoughBrokers } from '../enough-brokers.ts'
import type { KafkaConnection } from '../options.ts'
import type { PartitionBatch } from '../partition-batch.ts'
import { SerialProducer, unsupportedClient, type RecordSender } from '../serial-producer.ts'
import { failureOf } from './library-error.ts'

const ALL_IN_SYNC_REPLICAS = -1
/** A topic that was just made has no leader for a moment, and is not known everywhere at once. */
const WAIT_MS = 50
const WAITS = 100
const UNKNOWN_WAITS = 10
const UNKNOWN_TOPIC = 3
const EXISTS = 36

/** `@platformatic/kafka`, for sinks that deliver at least once. */
export class PlatformaticClient implements KafkaClient {
  readonly #connection: KafkaConnection
  readonly #context: ClientContext
  readonly #producers: KafkaProducer[] = []
  #library: typeof platformatic | undefined
  #admin: Admin | undefined

  constructor(connection: KafkaConnection, context: ClientContext) {
    this.#connection = connection
    this.#context = context
  }

  async connect(): Promise<void> {
    this.#library = await import('@platformatic/kafka').catch((error: unknown) => {
      throw new TailraceError('TR_KAFKA_CLIENT', { message: 'The package @platformatic/kafka is not installed, or not for this version of Node', remedy: 'npm install @platformatic/kafka (1.35 with Node 20)', cause: error })
    })
    this.#admin = new this.#library.Admin(options(this.#connection))
    await this.#ask('connecting', (admin) => admin.metadata({ topics: [] }))
  }

  async partitionsOf(topic: string, create: boolean, signal: AbortSignal): Promise<number | undefined> {
    const there = await this.#ask(`asking for the topic ${topic}`, async (admin) => (await admin.listTopics({ includeInternals: true })).includes(topic))
    if (!there && !create) return undefined
    for (let waits = 0; waits < WAITS && !signal.aborted; waits++) {
      try {
        const { topics } = await this.#opened().metadata({ topics: [topic], autocreateTopics: !there, forceUpdate: true })
        const count = topics.get(topic)?.partitionsCount ?? 0
        if (count > 0) return count
        if (waits >= UNKNOWN_WAITS) return undefined
      } catch (error) {
        const { error: failure } = failureOf(error, `asking for the topic ${topic}`)
        if (isUnknownTopic(error) && waits >= UNKNOWN_WAITS) return undefined
        if (failure.kind !== 'transient') throw failure
      }
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

  async producer(producerOptions: ProducerOptions, signal: AbortSignal): Promise<KafkaProducer> {
    this.#opened()
    const open = async (): Promise<RecordSender> => {
      const producer = new this.#library!.Producer({ ...options(this.#connection), idempotent: true, acks: ALL_IN_SYNC_REPLICAS, autocreateTopics: false })
      try {
        await producer.initIdempotentProducer({})
      } catch (error) {
        await closed(producer)
        throw error
      }
      return { send: (batches) => send(producer, batches), close: () => closed(producer) }
    }
    const producer = new SerialProducer({ open, failureOf }, producerOptions, this.#context)
    this.#producers.push(producer)
    await producer.reset(signal)
    return producer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const producer of this.#producers) await producer[Symbol.asyncDispose]()
    await this.#admin?.close().catch(() => {})
  }

  async #create(topic: string, { partitions, replicationFactor, config }: TopicSpec): Promise<void> {
    const configs = Object.entries(config ?? {}).map(([name, value]) => ({ name, value }))
    await this.#ask(`making the topic ${topic}`, async (admin) => {
      try {
        await admin.createTopics({ topics: [topic], partitions: partitions ?? -1, replicas: replicationFactor ?? -1, configs })
      } catch (error) {
        if (!isAnswer(error, EXISTS)) throw error
      }
    })
  }

  async #ask<Result>(doing: string, work: (admin: Admin) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#opened())
    } catch (error) {
      throw failureOf(error, doing).error
    }
  }

  #opened(): Admin {
    if (this.#admin === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kafka client is not connected' })
    return this.#admin
  }
}

/** With what is under way: it fails. */
function closed(producer: Producer): Promise<void> {
  return new Promise((resolve) => producer.close(true, () => resolve()))
}

async function send(producer: Producer, batches: readonly PartitionBatch[]): Promise<void> {
  const messages = batches.flatMap((batch) => batchRecords(batch).map(({ key, value, headers, timestampMs }) => ({
    topic: batch.topic, partition: batch.partition, timestamp: BigInt(timestampMs), headers: new Map(headers.map((header) => [Buffer.from(header.name), header.value] as const)),
    ...(key === null ? {} : { key }), ...(value === null ? {} : { value }),
  })))
  await producer.send({ messages, acks: ALL_IN_SYNC_REPLICAS, idempotent: true })
}

/** The library finds out by itself that metadata names no such topic, and calls it a mistake of its user. */
function isUnknownTopic(error: unknown): boolean {
  return isAnswer(error, UNKNOWN_TOPIC) || (error as { readonly code?: string }).code === 'PLT_KFK_USER'
}

function isAnswer(error: unknown, code: number): boolean {
  const { apiCode, errors = [], cause } = (error ?? {}) as { readonly apiCode?: number; readonly errors?: readonly unknown[]; readonly cause?: unknown }
  return apiCode === code || errors.some((each) => isAnswer(each, code)) || (cause !== undefined && isAnswer(cause, code))
}

/** Retries are the sender's, so that the same request is sent again before anything else. */
function options(connection: KafkaConnection): BaseOptions {
  const { brokers, clientId = 'tailrace', tls, sasl, connectTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = connection
  return {
    clientId, bootstrapBrokers: [...brokers], connectTimeout: connectTimeoutMs, timeout: requestTimeoutMs, requestTimeout: requestTimeoutMs, retries: 0, autocreateTopics: false,
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : tls, tlsServerName: typeof tls === 'object' && tls.servername !== undefined ? tls.servername : true }),
    ...(sasl === undefined ? {} : { sasl: sasl.mechanism === 'oauthbearer' ? { mechanism: 'OAUTHBEARER', token: sasl.token } : { mechanism: sasl.mechanism.toUpperCase() as 'PLAIN', username: sasl.username, password: sasl.password } }),
  }
}

import type { Admin, Kafka, Producer } from 'kafkajs'
import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { ClientContext, KafkaClient, KafkaProducer, ProducerOptions, TopicSpec } from '../client.ts'
import { withEnoughBrokers } from '../enough-brokers.ts'
import type { KafkaConnection } from '../options.ts'
import { SerialProducer, unsupportedClient } from '../serial-producer.ts'
import { isClosed, toKafkaError } from './connection-error.ts'
import { kafkaConfig } from './kafka-config.ts'
import { plainSenders } from './plain-sender.ts'

const TOPIC_RESOURCE = 2
/** What passes within a second or two is kafkajs's matter here: coordinators that are being made, leaders that change. */
const RETRY = { retries: 5, initialRetryTime: 50 }
/** A topic that was just made has no leader for a moment. */
const WAIT_MS = 50
const WAITS = 100
const UNKNOWN_WAITS = 10

/** kafkajs alone, through its public interface: slower, for what may come after 2.2.4. */
export class PlainKafkajsClient implements KafkaClient {
  readonly #connection: KafkaConnection
  readonly #context: ClientContext
  readonly #producers: KafkaProducer[] = []
  #kafka: Kafka | undefined
  #admin: Admin | undefined
  /** Asks in a way that lets a broker make topics. */
  #maker: Producer | undefined

  constructor(connection: KafkaConnection, context: ClientContext) {
    this.#connection = connection
    this.#context = context
  }

  async connect(): Promise<void> {
    const { default: library } = await import('kafkajs').catch((error: unknown) => {
      throw new TailraceError('TR_KAFKA_CLIENT', { message: 'The package kafkajs is not installed', remedy: 'npm install kafkajs', cause: error })
    })
    const kafka = (this.#kafka = new library.Kafka({ ...kafkaConfig(this.#connection, this.#context.logger), retry: RETRY }))
    const admin = (this.#admin = kafka.admin())
    let failure: TailraceError | undefined
    for (let attempt = 0, closed = 0; attempt < this.#connection.brokers.length + closed; attempt++) {
      try {
        await admin.connect()
        await admin.describeCluster()
        return
      } catch (error) {
        failure = toKafkaError(error, 'connecting')
        if (isClosed(error) && closed++ > 0) break
        if (failure.kind !== 'transient') break
      }
    }
    throw failure ?? new TailraceError('TR_CONFIG_INVALID', { message: 'No Kafka broker is named' })
  }

  async partitionsOf(topic: string, create: boolean, signal: AbortSignal): Promise<number | undefined> {
    const there = await this.#ask(`asking for the topic ${topic}`, async (admin) => (await admin.listTopics()).includes(topic))
    if (!there && !create) return undefined
    for (let waits = 0; ; waits++) {
      try {
        if (!there) await this.#letMake(topic)
        const { topics } = await this.#opened().fetchTopicMetadata({ topics: [topic] })
        const count = topics[0]?.partitions.length ?? 0
        if (count > 0) return count
      } catch (error) {
        const type = typeOf(error)
        // one that was just made is not known everywhere at once
        if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && waits >= UNKNOWN_WAITS) return undefined
        if (type !== 'UNKNOWN_TOPIC_OR_PARTITION' && type !== 'LEADER_NOT_AVAILABLE') throw toKafkaError(error, `asking for the topic ${topic}`)
      }
      if (waits >= WAITS || signal.aborted) throw new TailraceError('TR_KAFKA_CONNECT', { message: `The topic ${topic} has no leader`, where: { topic } })
      await pause(WAIT_MS, this.#context.clock, signal)
    }
  }

  async createTopic(topic: string, spec: TopicSpec, signal: AbortSignal): Promise<void> {
    await withEnoughBrokers(() => this.#create(topic, spec), this.#context.clock, signal)
  }

  async topicConfig(topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { resources } = await this.#ask(`asking for the configuration of ${topic}`, (admin) => admin.describeConfigs({ includeSynonyms: false, resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: [...names] }] }))
    return new Map(resources.flatMap(({ configEntries }) => configEntries.map(({ configName, configValue }) => [configName, configValue] as const)))
  }

  async readToEnd(): Promise<never> {
    throw unsupportedClient('offsets in Kafka')
  }

  async producer(options: ProducerOptions, signal: AbortSignal): Promise<KafkaProducer> {
    this.#opened()
    const producer = new SerialProducer(plainSenders(this.#kafka!, this.#connection.requestTimeoutMs ?? 30_000), options, this.#context)
    this.#producers.push(producer)
    await producer.reset(signal)
    return producer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const producer of this.#producers) await producer[Symbol.asyncDispose]()
    await this.#maker?.disconnect().catch(() => {})
    await this.#admin?.disconnect().catch(() => {})
  }

  async #create(topic: string, { partitions, replicationFactor, config }: TopicSpec): Promise<void> {
    const configEntries = Object.entries(config ?? {}).map(([name, value]) => ({ name, value }))
    await this.#ask(`making the topic ${topic}`, (admin) => admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions ?? -1, replicationFactor: replicationFactor ?? -1, configEntries }] }))
  }

  /** A producer asks for a topic's metadata before it sends, also where there is nothing to send; brokers make topics at that. */
  async #letMake(topic: string): Promise<void> {
    if (this.#maker === undefined) {
      const maker = this.#kafka!.producer({ allowAutoTopicCreation: true })
      await maker.connect()
      this.#maker = maker
    }
    await this.#maker.send({ topic, messages: [] })
  }

  async #ask<Result>(doing: string, work: (admin: Admin) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#opened())
    } catch (error) {
      const { errors } = error as { readonly errors?: readonly unknown[] }
      throw toKafkaError(errors?.[0] ?? error, doing)
    }
  }

  #opened(): Admin {
    if (this.#admin === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kafka client is not connected' })
    return this.#admin
  }
}

/** The broker's name for an error of kafkajs, or for what it was caused by. */
function typeOf(error: unknown): string | undefined {
  const { type, cause } = (error ?? {}) as { readonly type?: string; readonly cause?: unknown }
  return type ?? (cause === undefined ? undefined : typeOf(cause))
}

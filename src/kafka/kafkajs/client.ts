import type { Admin, Kafka } from 'kafkajs'
import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { KafkaRecord } from '../batch-records.ts'
import type { ClientContext, KafkaClient, KafkaProducer, ProducerOptions, TopicSpec } from '../client.ts'
import { withEnoughBrokers } from '../enough-brokers.ts'
import type { KafkaConnection } from '../options.ts'
import { BatchProducer } from './batch-producer.ts'
import { isClosed, toKafkaError } from './connection-error.ts'
import { kafkaConfig } from './kafka-config.ts'
import { createPrivateCluster, type PrivateCluster } from './private-cluster.ts'
import { readPartition } from './read-partition.ts'

/** A producer keeps track of what is in flight itself. */
const UNLIMITED = 1_000_000
/** A topic that was just made has no leader for a moment. */
const LEADER_WAIT_MS = 50
const LEADER_WAITS = 200
const UNKNOWN_WAITS = 20
const TOPIC_RESOURCE = 2

/** kafkajs: its connections, metadata, login and coordinators; the record batches are ours. */
export class KafkajsClient implements KafkaClient {
  readonly #connection: KafkaConnection
  readonly #context: ClientContext
  readonly #producers: KafkaProducer[] = []
  #kafka: Kafka | undefined
  #cluster: PrivateCluster | undefined
  #admin: Promise<Admin> | undefined

  constructor(connection: KafkaConnection, context: ClientContext) {
    this.#connection = connection
    this.#context = context
  }

  async connect(signal: AbortSignal): Promise<void> {
    const kafka = await this.#load()
    // a seed broker of several may be down: each is tried once
    let failure: TailraceError | undefined
    for (let attempt = 0; attempt < this.#connection.brokers.length; attempt++) {
      const cluster = (this.#cluster ??= createPrivateCluster(kafka, { allowAutoTopicCreation: true, maxInFlightRequests: UNLIMITED }))
      try {
        await cluster.connect()
        await firstAnswer(cluster)
        return
      } catch (error) {
        failure = toKafkaError(error, 'connecting')
        if (failure.kind !== 'transient' || signal.aborted) break
      }
    }
    throw failure ?? new TailraceError('TR_CONFIG_INVALID', { message: 'No Kafka broker is named' })
  }

  async partitionsOf(topic: string, create: boolean, signal: AbortSignal): Promise<number | undefined> {
    if (!create && !(await this.#exists(topic))) return undefined
    for (let waits = 0; ; waits++) {
      try {
        await this.#open().addTargetTopic(topic)
        const { length } = this.#open().findTopicPartitionMetadata(topic)
        if (length > 0) return length
        // it was added by an attempt that failed, and so not asked for
        await this.#open().refreshMetadata()
      } catch (error) {
        const { type } = error as { readonly type?: string }
        // a busy broker does not know at once of what it, or another one, has just made
        if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && (!create || waits >= UNKNOWN_WAITS)) return undefined
        const passing = type === 'LEADER_NOT_AVAILABLE' || type === 'UNKNOWN_TOPIC_OR_PARTITION'
        if (!passing || waits >= LEADER_WAITS || signal.aborted) throw toKafkaError(error, `asking for the topic ${topic}`)
      }
      await pause(LEADER_WAIT_MS, this.#context.clock, signal)
    }
  }

  async createTopic(topic: string, spec: TopicSpec, signal: AbortSignal): Promise<void> {
    await withEnoughBrokers(() => this.#create(topic, spec), this.#context.clock, signal)
  }

  async topicConfig(topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const admin = await this.#administer()
    try {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: [...names] }] })
      return new Map(resources.flatMap(({ configEntries }) => configEntries.map(({ configName, configValue }) => [configName, configValue] as const)))
    } catch (error) {
      throw toKafkaError(error, `asking for the configuration of ${topic}`)
    }
  }

  async readToEnd(topic: string, partition: number, signal: AbortSignal): Promise<KafkaRecord[]> {
    return await readPartition(this.#open(), topic, partition, this.#context.clock, signal)
  }

  async producer(options: ProducerOptions, signal: AbortSignal): Promise<KafkaProducer> {
    const producer = new BatchProducer(this.#open(), { ...options, requestTimeoutMs: this.#connection.requestTimeoutMs ?? 30_000 }, this.#context)
    this.#producers.push(producer)
    await producer.reset(signal)
    return producer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const producer of this.#producers) await producer[Symbol.asyncDispose]()
    await this.#cluster?.disconnect().catch(() => {})
    await this.#admin?.then(async (admin) => admin.disconnect()).catch(() => {})
  }

  async #create(topic: string, { partitions, replicationFactor, config }: TopicSpec): Promise<void> {
    const admin = await this.#administer()
    const configEntries = Object.entries(config ?? {}).map(([name, value]) => ({ name, value }))
    try {
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions ?? -1, replicationFactor: replicationFactor ?? -1, configEntries }] })
    } catch (error) {
      const { errors } = error as { readonly errors?: readonly unknown[] }
      throw toKafkaError(errors?.[0] ?? error, `making the topic ${topic}`)
    }
  }

  async #load(): Promise<Kafka> {
    if (this.#kafka !== undefined) return this.#kafka
    const module = await import('kafkajs').catch((error: unknown) => {
      throw new TailraceError('TR_KAFKA_CLIENT', { message: 'The package kafkajs is not installed', remedy: 'npm install kafkajs', cause: error })
    })
    return (this.#kafka = new module.default.Kafka(kafkaConfig(this.#connection, this.#context.logger)))
  }

  /** Without asking in a way that would make a broker create it. */
  async #exists(topic: string): Promise<boolean> {
    const admin = await this.#administer()
    try {
      return (await admin.listTopics()).includes(topic)
    } catch (error) {
      throw toKafkaError(error, 'listing topics')
    }
  }

  #administer(): Promise<Admin> {
    this.#admin ??= (async () => {
      const admin = (await this.#load()).admin()
      try {
        await admin.connect()
      } catch (error) {
        this.#admin = undefined
        throw toKafkaError(error, 'connecting')
      }
      return admin
    })()
    return this.#admin
  }

  #open(): PrivateCluster {
    if (this.#cluster === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'The Kafka client is not connected' })
    return this.#cluster
  }
}

/**
 * A listener that wants a login is connected to without one; it closes the connection at the first request. So does a broker that shuts
 * down, but not two connections in a row.
 */
async function firstAnswer(cluster: PrivateCluster): Promise<void> {
  try {
    await cluster.refreshMetadata()
  } catch (error) {
    if (!isClosed(error)) throw error
    await cluster.connect()
    await cluster.refreshMetadata().catch((again: unknown) => {
      if (!isClosed(again)) throw again
      throw new TailraceError('TR_KAFKA_AUTH', { message: 'Kafka closed the connection instead of answering: it wants a login', remedy: 'Set sasl, or give the address of a listener without login', cause: again })
    })
  }
}

import type { Clock } from '../time/clock.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { Logger } from '../observe/logger.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import type { KafkaRecord } from './batch-records.ts'
import type { PartitionBatch } from './partition-batch.ts'

/** How a topic is to be made. */
export interface TopicSpec {
  /** Default: the broker's `num.partitions`. */
  readonly partitions?: number
  /** Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** Topic configuration, for example `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>
}

/** What a client is lent. */
export interface ClientContext {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly reach: Reach
  readonly warn: (error: TailraceError) => void
}

/** What is needed of a Kafka client library; one implementation a library. */
export interface KafkaClient extends AsyncDisposable {
  /** Proves that the brokers can be reached and the login is right. Errors: TR_KAFKA_CONNECT, TR_KAFKA_TLS, TR_KAFKA_AUTH, TR_KAFKA_CLIENT. */
  connect(signal: AbortSignal): Promise<void>
  /**
   * How many partitions a topic has; undefined where it does not exist. `create`: a broker that makes topics when they are asked for may do so.
   * Errors: as of `connect`, TR_KAFKA_AUTHORIZATION, TR_KAFKA_TOPIC_INVALID.
   */
  partitionsOf(topic: string, create: boolean, signal: AbortSignal): Promise<number | undefined>
  /** Makes a topic; one that exists is left as it is. Errors: as of `partitionsOf`. */
  createTopic(topic: string, spec: TopicSpec, signal: AbortSignal): Promise<void>
  /** A topic's configuration. */
  topicConfig(topic: string, names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  /** Every committed record of a partition, from its beginning to the end that it has now. Errors: TR_OFFSET_READ. */
  readToEnd(topic: string, partition: number, signal: AbortSignal): Promise<KafkaRecord[]>
  /** A producer that is ready to send. With a transactional id, an older producer of that id is fenced and its open transaction aborted. */
  producer(options: ProducerOptions, signal: AbortSignal): Promise<KafkaProducer>
}

export interface ProducerOptions {
  readonly transactionalId?: string
  /** Milliseconds. */
  readonly transactionTimeoutMs: number
  /** Milliseconds that batches may wait for brokers that do not take them. Infinity: no limit. */
  readonly deliveryTimeoutMs: number
}

/** Sends batches with `acks=all`, in order within a partition, through every retry. */
export interface KafkaProducer extends AsyncDisposable {
  /**
   * Resolves once all in-sync replicas have the batches. May be called again before that: the batches of a partition stay in order. Not
   * with a transactional id. A rejection is final. Errors: TR_KAFKA_….
   */
  send(batches: readonly PartitionBatch[]): Promise<void>
  /** Sends the batches and commits, all or nothing. A rejection leaves the outcome open until {@link KafkaProducer.reset}. */
  transact(batches: readonly PartitionBatch[]): Promise<void>
  /** Ends whatever transaction is open: afterwards it is committed or aborted, and nothing of it is under way. Errors: TR_KAFKA_FENCED. */
  reset(signal: AbortSignal): Promise<void>
  /** After a reset: whether the transaction that failed had never begun, so that nothing of it is anywhere, and what became of it is no question. */
  readonly neverBegun: boolean
}

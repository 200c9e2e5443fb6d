import type { Compression } from '../../kafka/compression.ts'
import type { KafkaConnection } from '../../kafka/options.ts'

/** How topics are made whose names match. The first rule that matches counts, as with Kafka Connect's `topic.creation.*`. */
export interface TopicRule {
  /** Must match the whole name. Default: every name. */
  readonly topics?: string | RegExp
  /** Default: the broker's `num.partitions`. */
  readonly partitions?: number
  /** Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** Topic configuration, for example `{ 'cleanup.policy': 'compact' }`. Default: the broker's. */
  readonly config?: Readonly<Record<string, string>>
}

/** Options of {@link kafkaSink}. */
export interface KafkaSinkOptions extends KafkaConnection {
  /** Default `none`. `gzip`; `zstd` with Node 22.15 or newer; `snappy` and `lz4` with the packages `snappy` and `lz4-napi`. */
  readonly compression?: Compression
  /** Bytes of records in one record batch, before compression. Default 524288. */
  readonly batchBytes?: number
  /** Milliseconds to wait for more records before a batch is sent that is not full. Default 0: batches grow by themselves while requests are under way. */
  readonly lingerMs?: number
  /** Bytes that are taken and not acknowledged; then reading waits. Default 8388608. */
  readonly maxBufferedBytes?: number
  /** The largest record: key, value and headers. Default 1048000, what brokers take by default (`message.max.bytes`). Error TR_KAFKA_RECORD_TOO_LARGE. */
  readonly maxRecordBytes?: number
  /** Milliseconds that brokers may take nothing before the engine stops with TR_KAFKA_UNAVAILABLE. Default: no limit. */
  readonly deliveryTimeoutMs?: number
  /** How topics are made that are missing. Default: the broker makes them, where it does (`auto.create.topics.enable`). Error TR_KAFKA_TOPIC_MISSING. */
  readonly topicCreation?: readonly TopicRule[]
  /** The topic for a record's destination. Default: the destination itself. */
  readonly topicName?: (destination: string) => string
  /** Where records go that are too large. Default: they stop the engine. */
  readonly deadLetterTopic?: string
  /**
   * Records and offset in one Kafka transaction: consumers with `isolation.level=read_committed` see every change once. `offsets` must be
   * `kafkaOffsets` of the same brokers. Default false.
   */
  readonly exactlyOnce?: boolean
  /** With `exactlyOnce`: what fences an older instance of this engine. Default `tailrace-` and the engine's name. */
  readonly transactionalId?: string
  /** Milliseconds after which the broker aborts a transaction. Default 60000. */
  readonly transactionTimeoutMs?: number
}

import type { KafkaConnection } from '../../kafka/options.ts'

/** Options of {@link kafkaOffsets}. */
export interface KafkaOffsetsOptions extends KafkaConnection {
  /** The topic. Many engines may share one, also with Kafka Connect. */
  readonly topic: string
  /** Debezium's `name`, part of the key. Default: the engine's name. */
  readonly name?: string
  /** Debezium's `topic.prefix`, part of the key. Default: the engine's name. */
  readonly server?: string
  /** The kind of the source of an offset that Debezium wrote: `postgresql`, `mysql`, `mariadb`. Default `postgresql`. */
  readonly source?: string
  /** Partitions of the topic, where it is made. Default 1. */
  readonly partitions?: number
  /** Replicas of the topic, where it is made. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
}

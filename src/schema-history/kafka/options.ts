import type { KafkaConnection } from '../../kafka/options.ts'

/** Options of {@link kafkaSchemaHistory}. */
export interface KafkaSchemaHistoryOptions extends KafkaConnection {
  /** The topic: one for each engine, with one partition. It may be one that Debezium has written. */
  readonly topic: string
  /** Replicas of the topic, where it is made. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
}

import type { KafkaOrder } from './kafka-subject.ts'

/** What a child runs that brings PostgreSQL's changes to Kafka. */
export interface PostgresKafkaOrder extends KafkaOrder {
  readonly port: number
  readonly database: string
  readonly tables: readonly string[]
}

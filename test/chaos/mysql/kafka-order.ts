import type { KafkaOrder } from '../kafka-subject.ts'
import type { Kind } from './order.ts'

/** What a child runs that brings changes of MySQL or MariaDB to Kafka. */
export interface MysqlKafkaOrder extends KafkaOrder {
  readonly kind: Kind
  readonly port: number
  readonly database: string
  readonly historyTopic: string
  /** Address of a schema registry: records are Avro. Without one they are JSON. */
  readonly registry?: string
}

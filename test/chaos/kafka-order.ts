import type { EngineOrder } from './engine-order.ts'

/** What a child that writes to Kafka runs. */
export interface KafkaOrder extends Omit<EngineOrder, 'offsets' | 'sinkDelayMs' | 'saveDelayMs' | 'rejectAt' | 'statusIntervalMs'> {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly offsetsTopic: string
  readonly maxBufferedBytes?: number
}

import type { IHeaders, Kafka, Message, Producer } from 'kafkajs'
import { batchRecords, type KafkaRecord } from '../batch-records.ts'
import { brokerVerdict } from '../broker-error.ts'
import type { PartitionBatch } from '../partition-batch.ts'
import type { RecordSender, SenderFailure, SenderLibrary } from '../serial-producer.ts'
import { toKafkaError } from './connection-error.ts'

const ALL_IN_SYNC_REPLICAS = -1

/** Producers of kafkajs, by its public interface. */
export function plainSenders(kafka: Kafka, timeoutMs: number): SenderLibrary {
  return {
    async open(): Promise<RecordSender> {
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
      try {
        await producer.connect()
      } catch (error) {
        await producer.disconnect().catch(() => {})
        throw error
      }
      return new PlainSender(producer, timeoutMs)
    },
    failureOf,
  }
}

function failureOf(error: unknown, doing: string): SenderFailure {
  const code = brokerCode(error)
  const verdict = code === undefined ? undefined : brokerVerdict(code)
  const failure = toKafkaError(error, doing)
  return { error: failure, renew: verdict === 'sequence' || verdict === 'transaction' }
}

/** The broker's number in an error of kafkajs, or in what it was caused by. */
function brokerCode(error: unknown): number | undefined {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  return typeof code === 'number' ? code : cause === undefined ? undefined : brokerCode(cause)
}

class PlainSender implements RecordSender {
  readonly #producer: Producer
  readonly #timeoutMs: number

  constructor(producer: Producer, timeoutMs: number) {
    this.#producer = producer
    this.#timeoutMs = timeoutMs
  }

  async send(batches: readonly PartitionBatch[]): Promise<void> {
    const topicMessages = batches.map((batch) => ({ topic: batch.topic, messages: batchRecords(batch).map((record) => toMessage(record, batch.partition)) }))
    await this.#producer.sendBatch({ acks: ALL_IN_SYNC_REPLICAS, timeout: this.#timeoutMs, topicMessages })
  }

  async close(): Promise<void> {
    await this.#producer.disconnect()
  }
}

function toMessage({ key, value, headers, timestampMs }: KafkaRecord, partition: number): Message {
  const named: IHeaders = Object.create(null) as IHeaders
  for (const { name, value: bytes } of headers) {
    const before = named[name]
    named[name] = before === undefined ? bytes : [...(Array.isArray(before) ? before : [before]), bytes]
  }
  return { key, value, headers: named, partition, timestamp: String(timestampMs) }
}

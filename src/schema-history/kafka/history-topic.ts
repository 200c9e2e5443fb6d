import { TailraceError } from '../../error/tailrace-error.ts'
import { Accumulator } from '../../kafka/accumulator.ts'
import type { KafkaClient } from '../../kafka/client.ts'
import type { PartitionBatch } from '../../kafka/partition-batch.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import type { HistoryRecord } from '../record.ts'
import type { KafkaSchemaHistoryOptions } from './options.ts'

/** The one and only. */
const PARTITION = 0
/** Far below what a broker takes by default (message.max.bytes, 1 MiB). */
const BATCH_BYTES = 256 * 1024
const UNLIMITED = '-1'
/** As KafkaSchemaHistory makes it: a number that is larger than any age, where -1 would do as well. */
const FOREVER = '9223372036854775807'
/** What KafkaSchemaHistory takes for long enough, without a warning: five years. */
const SHORTEST_MS = 157_680_000_000n

/** The topic of a schema history in Debezium's form: one partition, records without a key, kept for ever. */
export class HistoryTopic {
  readonly options: KafkaSchemaHistoryOptions

  constructor(options: KafkaSchemaHistoryOptions) {
    this.options = options
  }

  /** Makes it where it is missing. Errors: TR_HISTORY_TOPIC for one that would lose records or their order, TR_KAFKA_…. */
  async prepare(client: KafkaClient, signal: AbortSignal): Promise<void> {
    const { topic, replicationFactor } = this.options
    let partitions = await client.partitionsOf(topic, false, signal)
    if (partitions === undefined) {
      await client.createTopic(topic, { partitions: 1, ...(replicationFactor === undefined ? {} : { replicationFactor }), config: { 'cleanup.policy': 'delete', 'retention.ms': FOREVER, 'retention.bytes': UNLIMITED } }, signal)
      partitions = await client.partitionsOf(topic, true, signal)
    }
    if (partitions === undefined) throw new TailraceError('TR_KAFKA_TOPIC_MISSING', { message: `The topic of the schema history, ${topic}, does not exist and could not be made`, where: { topic } })
    if (partitions !== 1) throw unfit(topic, 'partitions', String(partitions), '1', 'the order of its records is not kept')
    const config = await client.topicConfig(topic, ['cleanup.policy', 'retention.ms', 'retention.bytes'], signal)
    const found = (name: string): string => config.get(name) ?? 'unknown'
    if (found('cleanup.policy') !== 'delete') throw unfit(topic, 'cleanup.policy', found('cleanup.policy'), 'delete', 'it takes no records without a key, or removes some')
    if (found('retention.bytes') !== UNLIMITED) throw unfit(topic, 'retention.bytes', found('retention.bytes'), UNLIMITED, 'old records are removed')
    if (!lasts(found('retention.ms'))) throw unfit(topic, 'retention.ms', found('retention.ms'), UNLIMITED, 'old records are removed')
  }

  /** Every record. Errors: TR_HISTORY_CORRUPT, TR_HISTORY_READ, TR_KAFKA_…. */
  async read(client: KafkaClient, signal: AbortSignal): Promise<HistoryRecord[]> {
    const { topic } = this.options
    const records = await client.readToEnd(topic, PARTITION, signal).catch((error: unknown) => {
      if (!(error instanceof TailraceError) || error.code !== 'TR_OFFSET_READ') throw error
      throw new TailraceError('TR_HISTORY_READ', { message: error.message, where: error.where, cause: error })
    })
    // Debezium passes over records without a value, too
    return records.flatMap(({ value }, index) => (value === null ? [] : [this.#decode(value, index)]))
  }

  /** The batches that append records, in order. */
  batches(records: readonly HistoryRecord[], timestampMs: number): PartitionBatch[] {
    const into = new Accumulator(BATCH_BYTES)
    for (const record of records) {
      const bytes = Buffer.from(encodeRecord(record))
      into.append(this.options.topic, PARTITION, { bytes, keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: bytes.length }, [], timestampMs)
    }
    return into.take()
  }

  #decode(value: Buffer, index: number): HistoryRecord {
    const { topic } = this.options
    try {
      return decodeRecord(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value))
    } catch (cause) {
      const problem = cause instanceof TypeError && 'code' in cause ? 'it is not UTF-8' : cause instanceof Error ? cause.message : 'it is no record'
      throw new TailraceError('TR_HISTORY_CORRUPT', { message: `Record ${index} of ${topic} is no record of a schema history: ${problem.slice(0, 200)}`, where: { topic, record: index } })
    }
  }
}

function lasts(retentionMs: string): boolean {
  return retentionMs === UNLIMITED || (/^\d+$/.test(retentionMs) && BigInt(retentionMs) >= SHORTEST_MS)
}

function unfit(topic: string, setting: string, found: string, wanted: string, consequence: string): TailraceError {
  return new TailraceError('TR_HISTORY_TOPIC', { message: `The topic ${topic} has ${setting}=${found}: ${consequence}`, where: { topic, [setting]: found, wanted } })
}

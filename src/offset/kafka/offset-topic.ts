import { TailraceError } from '../../error/tailrace-error.ts'
import type { Accumulator } from '../../kafka/accumulator.ts'
import type { KafkaClient } from '../../kafka/client.ts'
import { partitionOfKey } from '../../kafka/murmur2.ts'
import type { OffsetRecord, OffsetRecords } from '../../kafka/offset-records.ts'
import { decodeValue, encodeValue } from '../connect/offset-value.ts'
import { encodeKey } from '../connect/offset-key.ts'
import type { StoredOffset } from '../offset-store.ts'
import type { KafkaOffsetsOptions } from './options.ts'

/** Kafka Connect does not look at an offset's headers (KafkaOffsetBackingStore). */
const TRANSACTION_HEADER = 'tailrace.transaction'

/** The offsets topic in Kafka Connect's form: the newest record of a key counts, one without a value says that there is none. */
export class OffsetTopic implements OffsetRecords {
  readonly connection: KafkaOffsetsOptions
  readonly #nowMicros: () => bigint
  #partitions = 1

  constructor(options: KafkaOffsetsOptions, nowMicros: () => bigint) {
    this.connection = options
    this.#nowMicros = nowMicros
  }

  async prepare(client: KafkaClient, signal: AbortSignal): Promise<void> {
    const { topic, partitions = 1, replicationFactor } = this.connection
    let count = await client.partitionsOf(topic, false, signal)
    if (count === undefined) {
      await client.createTopic(topic, { partitions, ...(replicationFactor === undefined ? {} : { replicationFactor }), config: { 'cleanup.policy': 'compact' } }, signal)
      count = await client.partitionsOf(topic, true, signal)
    }
    if (count === undefined) throw new TailraceError('TR_KAFKA_TOPIC_MISSING', { message: `The offsets topic ${topic} does not exist and could not be made`, where: { topic } })
    this.#partitions = count
    const policy = (await client.topicConfig(topic, ['cleanup.policy'], signal)).get('cleanup.policy')
    if (policy !== 'compact') {
      throw new TailraceError('TR_OFFSET_TOPIC', { message: `The topic ${topic} has cleanup.policy=${policy ?? 'unknown'}: offsets would be removed after a time`, where: { topic, 'cleanup.policy': policy ?? 'unknown' } })
    }
  }

  async read(client: KafkaClient, engine: string, signal: AbortSignal): Promise<OffsetRecord | undefined> {
    const { topic, source } = this.connection
    const key = this.#key(engine)
    const partition = partitionOfKey(key, 0, key.length, this.#partitions)
    const records = await client.readToEnd(topic, partition, signal)
    const newest = records.findLast((record) => record.key?.equals(key) === true)
    const offset = newest === undefined ? undefined : decodeValue(newest.value, { engine, place: topic, ...(source === undefined ? {} : { source }) })
    return offset && { offset, transaction: newest!.headers.find(({ name }) => name === TRANSACTION_HEADER)?.value.toString() }
  }

  append(into: Accumulator, offset: StoredOffset, timestampMs: number, transaction?: string): void {
    const key = this.#key(offset.engine)
    const value = encodeValue(offset, this.#nowMicros())
    const partition = partitionOfKey(key, 0, key.length, this.#partitions)
    into.append(this.connection.topic, partition, { bytes: Buffer.concat([key, value]), keyStart: 0, keyEnd: key.length, valueStart: key.length, valueEnd: key.length + value.length }, transaction === undefined ? [] : [{ name: TRANSACTION_HEADER, value: Buffer.from(transaction) }], timestampMs)
  }

  #key(engine: string): Buffer {
    const { name = engine, server = engine } = this.connection
    return encodeKey({ engine: name, server })
  }
}

import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { Clock } from '../../time/clock.ts'
import type { KafkaRecord } from '../batch-records.ts'
import { brokerErrorName, brokerVerdict } from '../broker-error.ts'
import { toKafkaError } from './connection-error.ts'
import type { FetchedMessage, FetchedPartition, PrivateBroker, PrivateCluster } from './private-cluster.ts'

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
const LATEST = '-1'
const EARLIEST = '-2'
const FETCH_BYTES = 4 * 1024 * 1024
const RETRY_MS = 100
/** An open transaction of somebody else may hold back what is behind it; it ends by its own timeout, by default after a minute. */
const PATIENCE_MS = 180_000

/**
 * Every committed record of a partition up to the end that the partition has when this is called. That end is the high watermark, not
 * the last stable offset: committed records of ours may stand behind another producer's open transaction, and must not be missed.
 */
export async function readPartition(cluster: PrivateCluster, topic: string, partition: number, clock: Clock, signal: AbortSignal): Promise<KafkaRecord[]> {
  const deadline = clock.monotonicMs() + PATIENCE_MS
  let end: bigint | undefined
  let next: bigint | undefined
  const records: KafkaRecord[] = []
  const filter = new AbortedFilter()
  for (;;) {
    try {
      const broker = await leaderOf(cluster, topic, partition)
      end ??= await offsetAt(broker, topic, partition, LATEST)
      next ??= await offsetAt(broker, topic, partition, EARLIEST)
      if (next >= end) return records
      const fetched = await fetch(broker, topic, partition, next)
      for (const message of filter.committed(fetched)) if (BigInt(message.offset) >= next) records.push(toRecord(message))
      const last = fetched.messages.at(-1)
      if (last !== undefined) {
        next = BigInt(last.batchContext.firstOffset) + BigInt(last.batchContext.lastOffsetDelta) + 1n
        continue
      }
      // nothing was left of what a compaction removed at the end, or an open transaction is in front
      if (BigInt(fetched.lastStableOffset) >= end) return records
    } catch (error) {
      const failure = toKafkaError(error, `reading ${topic}`)
      if (failure.kind !== 'transient' || clock.monotonicMs() >= deadline || signal.aborted) throw failure
      await cluster.refreshMetadata().catch(() => {})
    }
    if (clock.monotonicMs() >= deadline || signal.aborted) throw new TailraceError('TR_OFFSET_READ', { message: `The end of ${topic} cannot be read: a transaction stays open in it`, where: { topic, partition }, remedy: 'Look for it with kafka-transactions.sh find-hanging' })
    await pause(RETRY_MS, clock, signal)
  }
}

async function leaderOf(cluster: PrivateCluster, topic: string, partition: number): Promise<PrivateBroker> {
  await cluster.addTargetTopic(topic)
  const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)
  if (found === undefined) throw new TailraceError('TR_OFFSET_READ', { message: `${topic} has no partition ${partition}`, where: { topic, partition } })
  return await cluster.findBroker({ nodeId: found.leader })
}

/** The high watermark for LATEST: reading uncommitted, an open transaction does not hold it back. */
async function offsetAt(broker: PrivateBroker, topic: string, partition: number, timestamp: string): Promise<bigint> {
  const { responses } = await broker.listOffsets({ isolationLevel: READ_UNCOMMITTED, topics: [{ topic, partitions: [{ partition, timestamp }] }] })
  const found = responses.find((response) => response.topic === topic)?.partitions.find((each) => each.partition === partition)
  if (found === undefined) throw new TailraceError('TR_OFFSET_READ', { message: `Kafka did not say where ${topic} ends`, where: { topic, partition } })
  return BigInt(found.offset)
}

async function fetch(broker: PrivateBroker, topic: string, partition: number, from: bigint): Promise<FetchedPartition> {
  const { responses } = await broker.fetch({
    isolationLevel: READ_COMMITTED, maxWaitTime: 100, minBytes: 1, maxBytes: FETCH_BYTES, topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: FETCH_BYTES }] }],
  })
  const fetched = responses.find(({ topicName }) => topicName === topic)?.partitions.find((each) => each.partition === partition)
  if (fetched === undefined) throw new TailraceError('TR_OFFSET_READ', { message: `Kafka did not answer for ${topic}`, where: { topic, partition } })
  if (fetched.errorCode === 0) return fetched
  const where = { topic, partition, error: brokerErrorName(fetched.errorCode) }
  const transient = brokerVerdict(fetched.errorCode) === 'retriable'
  throw new TailraceError(transient ? 'TR_KAFKA_CONNECT' : 'TR_OFFSET_READ', { message: `Kafka answered ${where.error} while reading ${topic}`, where })
}

/** Leaves out aborted records and control records (KIP-98, "consumer"). */
class AbortedFilter {
  readonly #aborted = new Set<string>()

  committed(fetched: FetchedPartition): FetchedMessage[] {
    const begun = [...(fetched.abortedTransactions ?? [])].sort((one, other) => (BigInt(one.firstOffset) < BigInt(other.firstOffset) ? -1 : 1))
    return fetched.messages.filter((message) => {
      while (begun.length > 0 && BigInt(begun[0]!.firstOffset) <= BigInt(message.offset)) this.#aborted.add(begun.shift()!.producerId)
      const { producerId, inTransaction } = message.batchContext
      if (message.isControlRecord) {
        this.#aborted.delete(producerId)
        return false
      }
      return !(inTransaction && this.#aborted.has(producerId))
    })
  }
}

function toRecord({ key, value, headers, timestamp }: FetchedMessage): KafkaRecord {
  const list = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((each) => ({ name, value: each })))
  return { key, value, headers: list, timestampMs: Number(timestamp) }
}

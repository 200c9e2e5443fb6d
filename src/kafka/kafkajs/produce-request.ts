import type { PartitionBatch } from '../partition-batch.ts'
import type { PrivateBroker } from './private-cluster.ts'
import { exchange, RequestBody } from './request.ts'

const ALL_IN_SYNC_REPLICAS = -1

/** What a broker says of one partition's batch. */
export interface ProduceResult {
  readonly topic: string
  readonly partition: number
  readonly error: number
}

/** Produce, version 7: at most one batch a partition. https://kafka.apache.org/protocol.html#The_Messages_Produce */
export async function produce(broker: PrivateBroker, transactionalId: string | undefined, timeoutMs: number, batches: readonly PartitionBatch[]): Promise<ProduceResult[]> {
  const topics = new Map<string, PartitionBatch[]>()
  for (const batch of batches) topics.set(batch.topic, [...(topics.get(batch.topic) ?? []), batch])
  const body = new RequestBody().string(transactionalId ?? null).int16(ALL_IN_SYNC_REPLICAS).int32(timeoutMs).int32(topics.size)
  for (const [topic, partitions] of topics) {
    body.string(topic).int32(partitions.length)
    for (const batch of partitions) body.int32(batch.partition).bytes(batch.bytes.subarray(0, batch.length))
  }
  return await exchange(broker, { key: 0, version: 7, name: 'Produce' }, body.pieces(), (answer) =>
    answer.list(() => {
      const topic = answer.string()
      return answer.list((): ProduceResult => {
        const partition = answer.int32()
        const error = answer.int16()
        answer.int64() // base offset
        answer.int64() // log append time
        answer.int64() // log start offset
        return { topic, partition, error }
      })
    }).flat(),
  )
}

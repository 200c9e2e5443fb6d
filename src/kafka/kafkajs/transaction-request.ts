import type { PrivateBroker } from './private-cluster.ts'
import { exchange, RequestBody } from './request.ts'

/** A producer as brokers know it. */
export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
}

export const NO_PRODUCER: ProducerIdentity = { id: -1n, epoch: -1 }

/** An answer's error code, and what came with it. */
export type Answer<Result> = { readonly error: number; readonly result: Result }

/** FindCoordinator, version 1, for a transactional id: the node to ask. kafkajs's own hides the reason of a refusal. */
export async function findCoordinator(broker: PrivateBroker, transactionalId: string): Promise<Answer<number>> {
  const TRANSACTION = 1
  return await exchange(broker, { key: 10, version: 1, name: 'FindCoordinator' }, new RequestBody().string(transactionalId).int8(TRANSACTION).finish(), (answer) => {
    answer.int32() // throttle time
    const error = answer.int16()
    answer.string() // what the error means
    return { error, result: answer.int32() }
  })
}

/**
 * InitProducerId, version 3 (Kafka 2.5): with the identity one has, a broker refuses a producer that was fenced meanwhile (KIP-360), which
 * version 1 would let fence its own successor. https://kafka.apache.org/protocol.html#The_Messages_InitProducerId
 */
export async function initProducerId(broker: PrivateBroker, transactionalId: string | undefined, timeoutMs: number, current: ProducerIdentity): Promise<Answer<ProducerIdentity>> {
  const NO_TAGS = 0
  const body = new RequestBody().int8(NO_TAGS).compactString(transactionalId ?? null).int32(timeoutMs).int64(current.id).int16(current.epoch).int8(NO_TAGS).finish()
  return await exchange(broker, { key: 22, version: 3, name: 'InitProducerId' }, body, (answer) => {
    answer.int8() // tags of the header
    answer.int32() // throttle time
    return { error: answer.int16(), result: { id: answer.int64(), epoch: answer.int16() } }
  })
}

/** AddPartitionsToTxn, version 1: the first error that is not 0. */
export async function addPartitions(broker: PrivateBroker, transactionalId: string, producer: ProducerIdentity, topics: ReadonlyMap<string, readonly number[]>): Promise<Answer<{ readonly topic: string; readonly partition: number } | undefined>> {
  const body = new RequestBody().string(transactionalId).int64(producer.id).int16(producer.epoch).int32(topics.size)
  for (const [topic, partitions] of topics) {
    body.string(topic).int32(partitions.length)
    for (const partition of partitions) body.int32(partition)
  }
  return await exchange(broker, { key: 24, version: 1, name: 'AddPartitionsToTxn' }, body.finish(), (answer) => {
    answer.int32() // throttle time
    const results = answer.list(() => {
      const topic = answer.string()
      return answer.list(() => ({ topic, partition: answer.int32(), error: answer.int16() }))
    }).flat()
    // 55, OPERATION_NOT_ATTEMPTED, only says that another partition failed
    const failed = results.find(({ error }) => error !== 0 && error !== 55) ?? results.find(({ error }) => error !== 0)
    return { error: failed?.error ?? 0, result: failed }
  })
}

/** EndTxn, version 1. */
export async function endTransaction(broker: PrivateBroker, transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<Answer<undefined>> {
  const body = new RequestBody().string(transactionalId).int64(producer.id).int16(producer.epoch).int8(commit ? 1 : 0).finish()
  return await exchange(broker, { key: 26, version: 1, name: 'EndTxn' }, body, (answer) => {
    answer.int32() // throttle time
    return { error: answer.int16(), result: undefined }
  })
}

/** What a coordinator says of a transactional id. */
export interface TransactionState {
  /** `Empty`, `Ongoing`, `PrepareCommit`, `CompleteAbort` … */
  readonly state: string
  readonly producer: ProducerIdentity
}

/** DescribeTransactions, version 0 (Kafka 3.0), of one id; undefined where the broker does not know the request. */
export async function describeTransaction(broker: PrivateBroker, transactionalId: string): Promise<Answer<TransactionState | undefined>> {
  const DESCRIBE_TRANSACTIONS = 65
  const NO_TAGS = 0
  if (!(await knownRequests(broker)).includes(DESCRIBE_TRANSACTIONS)) return { error: 0, result: undefined }
  const ONE = 2 // a length plus one
  const body = new RequestBody().int8(NO_TAGS).int8(ONE).compactString(transactionalId).int8(NO_TAGS).finish()
  return await exchange(broker, { key: DESCRIBE_TRANSACTIONS, version: 0, name: 'DescribeTransactions' }, body, (answer) => {
    answer.int8() // tags of the header
    answer.int32() // throttle time
    answer.compactLength()
    const error = answer.int16()
    answer.compactString() // the id
    const state = answer.compactString()
    answer.int32() // timeout
    answer.int64() // when it began
    return { error, result: { state, producer: { id: answer.int64(), epoch: answer.int16() } } }
  })
}

/** ApiVersions, version 0: the keys of the requests that a broker knows. */
async function knownRequests(broker: PrivateBroker): Promise<readonly number[]> {
  return await exchange(broker, { key: 18, version: 0, name: 'ApiVersions' }, Buffer.alloc(0), (answer) => {
    answer.int16() // error
    return answer.list(() => {
      const key = answer.int16()
      answer.int32() // the least and the greatest version
      return key
    })
  })
}

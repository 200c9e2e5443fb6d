import type { Kafka } from 'kafkajs'
import { TailraceError } from '../../error/tailrace-error.ts'

/*
  Everything that is used of kafkajs beyond its public interface, as of version 2.2.4:
  - the client's `[private:Kafka:createCluster]`, which makes a cluster with its own connections
  - the cluster's connect, disconnect, addTargetTopic, refreshMetadata, findTopicPartitionMetadata, findBroker, getNodeIds
  - a broker's connectionPool.send, fetch and listOffsets
  test/integration/kafkajs-private.kafka.test.ts fails when one of them changes.
*/

export interface PrivateRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly apiName: string
  /** kafkajs takes an encoder of its own; what it looks at are these two members. */
  encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
}

export interface PrivateResponse<Answer> {
  decode(payload: Buffer): Promise<Answer>
  parse(answer: Answer): Promise<Answer>
}

export interface FetchedMessage {
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: string
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>
  readonly isControlRecord: boolean
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean; readonly lastOffsetDelta: number; readonly firstOffset: string }
}

export interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: string
  readonly lastStableOffset: string
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly messages: readonly FetchedMessage[]
}

export interface PrivateBroker {
  readonly nodeId: number | string
  readonly connectionPool: { send<Answer>(exchange: { readonly request: PrivateRequest; readonly response: PrivateResponse<Answer>; readonly logResponseError: boolean }): Promise<Answer> }
  fetch(request: {
    readonly isolationLevel: number; readonly maxWaitTime: number; readonly minBytes: number; readonly maxBytes: number
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number }[] }[]
  }): Promise<{ readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[] }>
  listOffsets(request: {
    readonly isolationLevel: number
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; readonly timestamp: string }[] }[]
  }): Promise<{ readonly responses: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[] }[] }>
}

export interface PrivateCluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[]
  findBroker(of: { readonly nodeId: number | string }): Promise<PrivateBroker>
  getNodeIds(): readonly (number | string)[]
}

const CREATE_CLUSTER = 'private:Kafka:createCluster'

/** A cluster of our own of a kafkajs client. Errors: TR_KAFKA_CLIENT, for a version that is made differently. */
export function createPrivateCluster(kafka: Kafka, options: { readonly allowAutoTopicCreation: boolean; readonly maxInFlightRequests: number }): PrivateCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((each) => each.description === CREATE_CLUSTER)
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, unknown>)[symbol]
  if (typeof create !== 'function') throw new TailraceError('TR_KAFKA_CLIENT', { message: 'This version of kafkajs is not made as 2.2.4 is', remedy: 'Install kafkajs 2.2.4, or choose the client "kafkajs-plain"' })
  return (create as (options: object) => PrivateCluster)({ metadataMaxAge: 300_000, instrumentationEmitter: null, isolationLevel: 1, ...options })
}

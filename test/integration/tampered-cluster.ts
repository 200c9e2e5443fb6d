import { Kafka, logLevel } from 'kafkajs'
import { createPrivateCluster, type PrivateBroker, type PrivateCluster } from '../../src/kafka/kafkajs/private-cluster.ts'
import { wholeResponses } from '../../src/kafka/kafkajs/whole-responses.ts'
import { encodedHeaders, PartitionBatch } from '../../src/kafka/partition-batch.ts'

/** What a connection is asked to send. */
export type Exchange = Parameters<PrivateBroker['connectionPool']['send']>[0]

export const PRODUCE = 0
export const ADD_PARTITIONS = 24

/** A cluster that does not try again by itself. */
export async function connectCluster(clientId: string, url: string): Promise<PrivateCluster> {
  const kafka = new Kafka({ clientId, brokers: [url], logLevel: logLevel.NOTHING, retry: { retries: 0 }, socketFactory: wholeResponses })
  const cluster = createPrivateCluster(kafka, { allowAutoTopicCreation: false, maxInFlightRequests: 100 })
  await cluster.connect()
  return cluster
}

/** The same brokers, but that `send` comes between a request and its answer; `really` sends it. */
export function tamperedCluster(cluster: PrivateCluster, send: (exchange: Exchange, really: () => Promise<unknown>) => Promise<unknown>): PrivateCluster {
  const through = (broker: PrivateBroker): PrivateBroker =>
    Object.assign(Object.create(broker) as PrivateBroker, {
      connectionPool: Object.assign(Object.create(broker.connectionPool) as PrivateBroker['connectionPool'], { send: async (exchange: Exchange) => await send(exchange, async () => await broker.connectionPool.send(exchange)) }),
    })
  return Object.assign(Object.create(cluster) as PrivateCluster, {
    refreshMetadata: () => cluster.refreshMetadata(), getNodeIds: () => cluster.getNodeIds(), findTopicPartitionMetadata: (topic: string) => cluster.findTopicPartitionMetadata(topic),
    findBroker: async (of: { readonly nodeId: number | string }) => through(await cluster.findBroker(of)),
  })
}

/** What kafkajs says when a connection ends before the answer. */
export function closedConnection(): Error {
  return Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError' })
}

/** One record without a key, for partition 0. */
export function batchOf(topic: string, value: string): PartitionBatch {
  const batch = new PartitionBatch(topic, 0, Date.now(), 0)
  const bytes = Buffer.from(value)
  batch.append({ bytes, keyStart: -1, keyEnd: -1, valueStart: 0, valueEnd: bytes.length }, encodedHeaders([]), Date.now())
  return batch
}

import type { ClientContext, KafkaClient } from './client.ts'
import { KafkajsClient } from './kafkajs/client.ts'
import type { KafkaConnection } from './options.ts'

/** The client that a connection asks for; not connected yet. */
export function openClient(connection: KafkaConnection, context: ClientContext): KafkaClient {
  return new KafkajsClient(connection, context)
}

import { TailraceError } from '../error/tailrace-error.ts'
import type { ClientContext, KafkaClient } from './client.ts'
import { ConfluentClient } from './confluent/client.ts'
import { KafkajsClient } from './kafkajs/client.ts'
import { PlainKafkajsClient } from './kafkajs/plain-client.ts'
import type { KafkaConnection } from './options.ts'
import { PlatformaticClient } from './platformatic/client.ts'

/** The client that a connection asks for; not connected yet. Errors: TR_CONFIG_INVALID, for one that there is not. */
export function openClient(connection: KafkaConnection, context: ClientContext): KafkaClient {
  const { client = 'kafkajs' } = connection
  switch (client) {
    case 'kafkajs':
      return new KafkajsClient(connection, context)
    case 'kafkajs-plain':
      return new PlainKafkajsClient(connection, context)
    case 'platformatic':
      return new PlatformaticClient(connection, context)
    case 'confluent':
      return new ConfluentClient(connection, context)
    default:
      throw new TailraceError('TR_CONFIG_INVALID', { message: `There is no Kafka client ${JSON.stringify(client)}: kafkajs, kafkajs-plain, platformatic or confluent`, where: { option: 'client' } })
  }
}

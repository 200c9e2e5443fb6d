import type { KafkaConfig, SASLOptions } from 'kafkajs'
import { silentLogger, type Logger } from '../../observe/logger.ts'
import type { KafkaConnection } from '../options.ts'
import { oauthBearer } from './oauth-bearer.ts'
import { wholeResponses } from './whole-responses.ts'

/** kafkajs's log levels, from its types. */
const NOTHING = 0
const INFO = 4

/** The options of kafkajs. Retries are ours, so that there is one place that decides about them. */
export function kafkaConfig(connection: KafkaConnection, logger: Logger): KafkaConfig {
  return {
    brokers: [...connection.brokers],
    clientId: connection.clientId ?? 'tailrace',
    connectionTimeout: connection.connectTimeoutMs ?? 10_000,
    authenticationTimeout: connection.connectTimeoutMs ?? 10_000,
    requestTimeout: connection.requestTimeoutMs ?? 30_000,
    enforceRequestTimeout: true,
    retry: { retries: 0 },
    socketFactory: wholeResponses,
    logLevel: logger === silentLogger ? NOTHING : INFO,
    // what kafkajs calls an error is often followed by a retry: errors that matter are thrown
    logCreator: () => ({ namespace, log }) => logger.debug(`kafkajs ${namespace}: ${log.message}`),
    ...(connection.tls === undefined ? {} : { ssl: connection.tls }),
    ...(connection.sasl === undefined ? {} : { sasl: sasl(connection.sasl) }),
  }
}

function sasl(login: NonNullable<KafkaConnection['sasl']>): NonNullable<KafkaConfig['sasl']> {
  if (login.mechanism === 'oauthbearer') return oauthBearer(login.token)
  // a copy: kafkajs adds to it
  return { ...login } as SASLOptions
}

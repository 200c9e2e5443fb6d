import { TailraceError } from '../../error/tailrace-error.ts'
import type { KafkaConnection } from '../options.ts'

/** Of Node's TLS options, those that librdkafka has as well. */
const TLS = new Set(['ca', 'cert', 'key', 'passphrase', 'rejectUnauthorized'])

/**
 * Settings of librdkafka (CONFIGURATION.md) for a connection. Errors: TR_CONFIG_UNSUPPORTED, for what it has not: the login
 * `oauthbearer`, whose tokens it wants to know the end of, and other options of TLS.
 */
export function librdkafkaSettings(connection: KafkaConnection): Readonly<Record<string, unknown>> {
  const { brokers, clientId = 'tailrace', tls = false, sasl, connectTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = connection
  const secure = tls !== false
  return {
    'metadata.broker.list': brokers.join(),
    'client.id': clientId,
    'security.protocol': sasl === undefined ? (secure ? 'ssl' : 'plaintext') : secure ? 'sasl_ssl' : 'sasl_plaintext',
    'socket.connection.setup.timeout.ms': Math.max(1000, connectTimeoutMs),
    'socket.timeout.ms': requestTimeoutMs,
    // lines on standard error are not ours to write
    'log_level': 0,
    ...(typeof tls === 'object' ? tlsSettings(tls as Readonly<Record<string, unknown>>) : {}),
    ...(sasl === undefined ? {} : login(sasl)),
  }
}

function login(sasl: NonNullable<KafkaConnection['sasl']>): Record<string, string> {
  if (sasl.mechanism === 'oauthbearer') throw unsupported('sasl', 'The Kafka client "confluent" has no login oauthbearer here')
  return { 'sasl.mechanisms': sasl.mechanism.toUpperCase(), 'sasl.username': sasl.username, 'sasl.password': sasl.password }
}

function tlsSettings(tls: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.keys(tls).filter((name) => tls[name] !== undefined)
  const other = given.find((name) => !TLS.has(name))
  if (other !== undefined) throw unsupported(`tls.${other}`, `The Kafka client "confluent" has no TLS option ${other}`)
  const pem = (name: string): string => [tls[name]].flat().map(String).join('\n')
  const names = { ca: 'ssl.ca.pem', cert: 'ssl.certificate.pem', key: 'ssl.key.pem', passphrase: 'ssl.key.password' } as const
  const settings: Record<string, unknown> = Object.fromEntries(Object.entries(names).filter(([name]) => given.includes(name)).map(([name, setting]) => [setting, pem(name)]))
  if (tls['rejectUnauthorized'] === false) settings['enable.ssl.certificate.verification'] = false
  return settings
}

function unsupported(option: string, message: string): TailraceError {
  return new TailraceError('TR_CONFIG_UNSUPPORTED', { message, where: { option }, remedy: 'Leave client out, or use another one' })
}

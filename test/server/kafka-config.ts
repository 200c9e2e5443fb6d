import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Certificates } from './tls.ts'

/** Ports of 127.0.0.1, one a listener. */
export interface KafkaPorts {
  readonly plaintext: number
  readonly controller: number
  readonly proxied: number
  readonly sasl: number
  readonly mutual: number
}

export interface KafkaListeners {
  readonly ports: KafkaPorts
  /** The port clients of the proxied listener are sent to. */
  readonly proxyPort: number | undefined
  /** There: SASL_SSL and SSL (with client certificates) as well. */
  readonly secure: { readonly keyStore: string; readonly trustStore: string; readonly users: Readonly<Record<string, string>> } | undefined
}

/** Small: one broker, few partitions of its own topics, no waiting for members that will not come. */
const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  'num.network.threads': '2',
  'num.io.threads': '4',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '5',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  // A killed broker may come back once its former life has timed out, which takes nine seconds by default.
  'broker.session.timeout.ms': '2500',
  'broker.heartbeat.interval.ms': '300',
  // Transactions whose producer died end within a second of their time-out, not of ten.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'log.cleaner.dedupe.buffer.size': '4194304',
  'log.cleaner.threads': '1',
}

/** The text of server.properties: a broker that is its own controller. */
export function serverProperties(logDir: string, listeners: KafkaListeners, settings: Readonly<Record<string, string>>): string {
  const all = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@127.0.0.1:${listeners.ports.controller}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    ...DEFAULT_SETTINGS,
    ...listenerSettings(listeners),
    ...settings,
  }
  return Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join('')
}

function listenerSettings({ ports, proxyPort, secure }: KafkaListeners): Record<string, string> {
  const bound = [`PLAINTEXT://127.0.0.1:${ports.plaintext}`, `CONTROLLER://127.0.0.1:${ports.controller}`]
  const advertised = [`PLAINTEXT://127.0.0.1:${ports.plaintext}`]
  if (proxyPort !== undefined) {
    bound.push(`PROXIED://127.0.0.1:${ports.proxied}`)
    advertised.push(`PROXIED://127.0.0.1:${proxyPort}`)
  }
  if (secure !== undefined) {
    bound.push(`SASL_SSL://127.0.0.1:${ports.sasl}`, `MUTUAL://127.0.0.1:${ports.mutual}`)
    // The certificate is for both names; the name is what clients check.
    advertised.push(`SASL_SSL://localhost:${ports.sasl}`, `MUTUAL://localhost:${ports.mutual}`)
  }
  return {
    listeners: bound.join(','),
    'advertised.listeners': advertised.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,SASL_SSL:SASL_SSL,MUTUAL:SSL',
    ...(secure === undefined ? {} : saslSettings(secure)),
  }
}

function saslSettings({ keyStore, trustStore, users }: NonNullable<KafkaListeners['secure']>): Record<string, string> {
  const of = 'listener.name.sasl_ssl'
  const plainUsers = Object.entries(users).map(([name, password]) => ` user_${name}="${password}"`).join('')
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER',
    // Users of SCRAM are in the metadata log, and yet the broker does not start without a line that names the module.
    [`${of}.scram-sha-256.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    [`${of}.scram-sha-512.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    [`${of}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required${plainUsers};`,
    // Without a callback handler of its own it takes JSON Web Tokens without a signature, for development as it says.
    [`${of}.oauthbearer.sasl.jaas.config`]: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': trustStore,
    'listener.name.mutual.ssl.client.auth': 'required',
  }
}

/** A PEM key store as Kafka reads one: the key in PKCS #8 (openssl's ecparam writes SEC 1), the certificate, its authority. */
export function pemKeyStore(certificates: Certificates, used: Certificates['server']): string {
  const key = createPrivateKey(readFileSync(used.key, 'utf8')).export({ type: 'pkcs8', format: 'pem' }).toString()
  return [key, readFileSync(used.cert, 'utf8'), readFileSync(certificates.ca, 'utf8')].join('')
}

/** Warnings, and the line that says the broker has started. */
export const LOG4J_PROPERTIES = `status=error
appender.o.type=Console
appender.o.name=O
appender.o.layout.type=PatternLayout
appender.o.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.o.ref=O
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=INFO
`

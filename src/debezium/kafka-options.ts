import type { KafkaConnection, KafkaSasl } from '../kafka/options.ts'
import type { KafkaSinkOptions, TopicRule } from '../sink/kafka/options.ts'
import type { Compression } from '../kafka/compression.ts'
import type { ConnectKey } from '../offset/connect/offset-key.ts'
import type { KafkaOffsetsOptions } from '../offset/kafka/options.ts'
import { splitList } from './pattern/regex-list.ts'
import { compileJavaPattern } from './pattern/java-pattern.ts'
import { pemTls } from './pem-tls.ts'
import { PRODUCER } from './property/kafka.ts'
import { defined, type Settings } from './settings.ts'

/** Debezium Server's Kafka sink. Errors: TR_CONFIG_FILE for a PEM file that cannot be read. */
export function kafkaSinkOptions(settings: Settings): KafkaSinkOptions {
  const number = (name: string): number | undefined => (settings.given(PRODUCER + name) === undefined ? undefined : settings.integer(PRODUCER + name))
  const wait = settings.integer('debezium.sink.kafka.wait.message.delivery.timeout.ms')
  const transactionalId = settings.given(`${PRODUCER}transactional.id`)
  const rules = topicRules(settings)
  return {
    ...kafkaConnection(settings, PRODUCER),
    compression: settings.word<Compression>(`${PRODUCER}compression.type`),
    ...defined({
      lingerMs: number('linger.ms'), batchBytes: number('batch.size'), maxBufferedBytes: number('buffer.memory'), maxRecordBytes: number('max.request.size'),
      deliveryTimeoutMs: number('delivery.timeout.ms') ?? (wait > 0 ? wait : undefined), transactionalId, topicCreation: rules.length > 0 ? rules : undefined,
    }),
    transactionTimeoutMs: settings.integer(`${PRODUCER}transaction.timeout.ms`),
    exactlyOnce: settings.word('exactly.once.support') === 'required',
  }
}

/** Kafka Connect's KafkaOffsetBackingStore. */
export function kafkaOffsetsOptions(settings: Settings, { engine, server }: ConnectKey): KafkaOffsetsOptions {
  const replicas = settings.given('offset.storage.replication.factor')
  return {
    ...kafkaConnection(settings, ''),
    topic: settings.text('offset.storage.topic'),
    name: engine,
    server,
    source: settings.connector,
    partitions: settings.integer('offset.storage.partitions'),
    ...(replicas === undefined || Number(replicas) < 1 ? {} : { replicationFactor: Number(replicas) }),
  }
}

/** How brokers are reached: settings of Kafka’s Java clients under a prefix. Errors: TR_CONFIG_FILE for a PEM file that cannot be read. */
export function kafkaConnection(settings: Settings, prefix: string): KafkaConnection {
  const protocol = settings.word(`${prefix}security.protocol`)
  const clientId = settings.given(`${prefix}client.id`)
  return {
    brokers: splitList(settings.text(`${prefix}bootstrap.servers`)),
    requestTimeoutMs: settings.integer(`${prefix}request.timeout.ms`),
    ...defined({ clientId, tls: protocol.endsWith('ssl') ? pemTls(settings, (name) => `${prefix}ssl.${name}`) : undefined, sasl: protocol.startsWith('sasl') ? login(settings, prefix) : undefined }),
  }
}

const JAAS_OPTION = /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g

/** `…LoginModule required username="…" password="…";` */
function login(settings: Settings, prefix: string): KafkaSasl {
  const options = new Map([...settings.text(`${prefix}sasl.jaas.config`).matchAll(JAAS_OPTION)].map(([, name, quoted, bare]) => [name!, quoted?.replace(/\\(.)/g, '$1') ?? bare!]))
  return { mechanism: settings.word<'plain'>(`${prefix}sasl.mechanism`), username: options.get('username') ?? '', password: options.get('password') ?? '' }
}

const RULE_SETTINGS = new Set(['include', 'exclude', 'partitions', 'replication.factor'])

/** Kafka Connect's `topic.creation`: the groups in their order, then the default. */
function topicRules(settings: Settings): TopicRule[] {
  const given = settings.family('topic.creation.')
  const groups = splitList(given.get('groups') ?? '')
  const rules = [...groups, 'default'].flatMap((group): TopicRule[] => {
    const own = new Map([...given].filter(([name]) => name.startsWith(`${group}.`)).map(([name, value]) => [name.slice(group.length + 1), value]))
    if (own.size === 0) return []
    const number = (name: string): number | undefined => (own.has(name) && Number(own.get(name)) > 0 ? Number(own.get(name)) : undefined)
    const config = Object.fromEntries([...own].filter(([name]) => !RULE_SETTINGS.has(name)))
    return [{ ...defined({ topics: group === 'default' ? undefined : topicPattern(own), partitions: number('partitions'), replicationFactor: number('replication.factor') }), config }]
  })
  return rules
}

function topicPattern(own: ReadonlyMap<string, string>): RegExp {
  const any = (name: string): string => splitList(own.get(name) ?? '').map((pattern) => `(?:${compileJavaPattern(pattern).source})`).join('|')
  const exclude = any('exclude')
  return new RegExp(`${exclude === '' ? '' : `(?!(?:${exclude})$)`}(?:${any('include') || '.*'})`)
}

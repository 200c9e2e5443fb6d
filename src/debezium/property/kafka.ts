import { idle, mapped, refusedFamily, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, long, text } from './value-type.ts'

/** Where Debezium Server's Kafka sink has its producer's settings. */
export const PRODUCER = 'debezium.sink.kafka.producer.'

/** How brokers are reached: settings of Kafka's Java clients, which the sink's producer and the offset store have alike. */
export function clientRules(prefix: string, note: string): readonly PropertyRule[] {
  return [
    mapped(`${prefix}bootstrap.servers`, text(), note),
    mapped(`${prefix}client.id`, text(), ''),
    mapped(`${prefix}security.protocol`, choice('plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'), '', { fallback: 'PLAINTEXT' }),
    mapped(`${prefix}sasl.mechanism`, choice('plain', 'scram-sha-256', 'scram-sha-512'), 'Others: give `kafkaSink` a `sasl` of your own', { fallback: 'PLAIN' }),
    mapped(`${prefix}sasl.jaas.config`, text(), 'Only its `username` and `password` are read', { secret: true }),
    mapped(`${prefix}ssl.truststore.type`, text(), 'Java’s own key stores cannot be read: export them as PEM', { fallback: 'PEM', accepts: ['PEM'] }),
    mapped(`${prefix}ssl.truststore.location`, text(), 'PEM file'),
    mapped(`${prefix}ssl.truststore.certificates`, text(), 'PEM text'),
    mapped(`${prefix}ssl.keystore.type`, text(), 'As `ssl.truststore.type`', { fallback: 'PEM', accepts: ['PEM'] }),
    mapped(`${prefix}ssl.keystore.location`, text(), 'PEM file with certificate and key'),
    mapped(`${prefix}ssl.keystore.certificate.chain`, text(), 'PEM text'),
    mapped(`${prefix}ssl.keystore.key`, text(), 'PEM text', { secret: true }),
    mapped(`${prefix}ssl.key.password`, text(), '', { secret: true }),
    mapped(`${prefix}ssl.endpoint.identification.algorithm`, text(), 'Empty: host names are not compared with certificates', { fallback: 'https' }),
    mapped(`${prefix}request.timeout.ms`, integer(1), '', { fallback: '30000' }),
  ]
}

/** Debezium Server's Kafka sink. */
export const KAFKA_SINK: readonly PropertyRule[] = [
  ...clientRules(PRODUCER, 'Required with the Kafka sink'),
  mapped(`${PRODUCER}acks`, text(), 'Anything less could lose records', { fallback: 'all', accepts: ['all', '-1'] }),
  mapped(`${PRODUCER}enable.idempotence`, BOOLEAN, '', { fallback: 'true', accepts: ['true'] }),
  mapped(`${PRODUCER}compression.type`, choice('none', 'gzip', 'snappy', 'lz4', 'zstd'), 'zstd needs Node 22.15; snappy and lz4 the packages `snappy` and `lz4-napi`', { fallback: 'none' }),
  mapped(`${PRODUCER}linger.ms`, long(0), 'Not needed: batches grow while others are under way'),
  mapped(`${PRODUCER}batch.size`, integer(1), 'Bytes of a record batch; 524288 when it is not set'),
  mapped(`${PRODUCER}buffer.memory`, long(1), 'Bytes under way; 8388608 when it is not set'),
  mapped(`${PRODUCER}max.request.size`, integer(1), 'The largest record; 1048000 when it is not set'),
  mapped(`${PRODUCER}delivery.timeout.ms`, integer(1), 'No limit when it is not set'),
  mapped(`${PRODUCER}transactional.id`, text(), 'With `exactly.once.support`; `tailrace-` and the name when it is not set'),
  mapped(`${PRODUCER}transaction.timeout.ms`, integer(1), 'With `exactly.once.support`', { fallback: '60000' }),
  mapped(`${PRODUCER}partitioner.class`, text(), 'Keys are placed as Java’s default partitioner does', { accepts: ['org.apache.kafka.clients.producer.internals.DefaultPartitioner'] }),
  ...['key.serializer', 'value.serializer', 'retries', 'retry.backoff.ms', 'retry.backoff.max.ms', 'max.in.flight.requests.per.connection', 'max.block.ms', 'metadata.max.age.ms', 'send.buffer.bytes', 'receive.buffer.bytes', 'connections.max.idle.ms', 'reconnect.backoff.ms', 'reconnect.backoff.max.ms'].map((name) => idle(PRODUCER + name, text(), 'Of the Java client')),
  refusedFamily(PRODUCER.slice(0, -1), 'Not a setting that has a counterpart here'),
  mapped('debezium.sink.kafka.wait.message.delivery.timeout.ms', long(0), '`0`: no limit', { fallback: '0' }),
  mapped('exactly.once.support', choice('requested', 'required'), '`required`: records and offset in one Kafka transaction, with the Kafka sink and offsets in Kafka', { fallback: 'requested' }),
  mapped('topic.creation.<…>', text(), 'As Kafka Connect’s, with the Kafka sink: `topic.creation.groups`, `.include`, `.exclude`, `.partitions`, `.replication.factor`, any topic setting', { family: /^topic\.creation\./ }),
]

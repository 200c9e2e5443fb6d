import type { Connector } from './connector.ts'
import { idle, mapped, only, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, PLACEHOLDER, text } from './value-type.ts'

const TOPIC_PREFIX = text(/^[\w.-]+$/, 'made of letters, digits, dots, hyphens and underscores')
const ADJUSTMENT = choice('none', 'avro', 'avro_unicode')
const PRECISION = choice('adaptive', 'adaptive_time_microseconds', 'connect', 'isostring', 'microseconds', 'nanoseconds')

function structMaker(connector: Connector, className: string): readonly PropertyRule[] {
  return only([connector], [mapped('sourceinfo.struct.maker', text(), 'Other layouts of the `source` block are not supported', { fallback: className, accepts: [className] })])
}

/** What an event looks like and where it goes. */
export const EVENT: readonly PropertyRule[] = [
  mapped('decimal.handling.mode', choice('precise', 'double', 'string'), '', { fallback: 'precise' }),
  ...only(['postgresql'], [mapped('time.precision.mode', PRECISION, '', { fallback: 'adaptive' })]),
  ...only(['mysql', 'mariadb'], [
    mapped('time.precision.mode', PRECISION, 'Debezium refuses `adaptive` too', { fallback: 'adaptive_time_microseconds', accepts: ['adaptive_time_microseconds', 'connect', 'isostring', 'microseconds', 'nanoseconds'] }),
    mapped('bigint.unsigned.handling.mode', choice('long', 'precise'), '', { fallback: 'long' }),
    mapped('enable.time.adjuster', BOOLEAN, '', { fallback: 'true' }),
  ]),
  mapped('binary.handling.mode', choice('bytes', 'base64', 'base64-url-safe', 'hex'), '', { fallback: 'bytes' }),
  ...only(['postgresql'], [
    mapped('interval.handling.mode', choice('numeric', 'string'), '', { fallback: 'numeric' }),
    mapped('hstore.handling.mode', choice('json', 'map'), '', { fallback: 'json' }),
    mapped('money.fraction.digits', integer(0, 32767), '', { fallback: '2' }),
    mapped('include.unknown.datatypes', BOOLEAN, '', { fallback: 'false' }),
    idle('schema.refresh.mode', choice('columns_diff', 'columns_diff_exclude_unchanged_toast'), 'Every event has the columns of its own moment', { fallback: 'columns_diff' }),
  ]),
  mapped('unavailable.value.placeholder', PLACEHOLDER, '', { fallback: '__debezium_unavailable_value' }),
  mapped('event.converting.failure.handling.mode', choice('warn', 'fail', 'skip'), '', { fallback: 'warn' }),
  ...only(['postgresql'], [
    mapped('event.processing.failure.handling.mode', choice('fail', 'warn', 'skip', 'ignore'), 'What cannot be decoded always stops the engine', { fallback: 'fail', accepts: ['fail'] }),
  ]),
  mapped('tombstones.on.delete', BOOLEAN, '', { fallback: 'true' }),
  mapped('extended.headers.enabled', BOOLEAN, 'The `__debezium.context.*` headers', { fallback: 'true' }),
  mapped('schema.name.adjustment.mode', ADJUSTMENT, '', { fallback: 'none' }),
  mapped('field.name.adjustment.mode', ADJUSTMENT, '', { fallback: 'none' }),
  ...structMaker('postgresql', 'io.debezium.connector.postgresql.PostgresSourceInfoStructMaker'),
  ...structMaker('mysql', 'io.debezium.connector.mysql.MySqlSourceInfoStructMaker'),
  ...structMaker('mariadb', 'io.debezium.connector.mariadb.MariaDbSourceInfoStructMaker'),
  mapped('provide.transaction.metadata', BOOLEAN, '', { fallback: 'false' }),
  mapped('transaction.metadata.factory', text(), 'Others are not supported', {
    fallback: 'io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory',
    accepts: ['io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory'],
  }),
  ...only(['postgresql'], [
    idle('include.schema.changes', BOOLEAN, 'PostgreSQL has no schema change events', { fallback: 'true' }),
    idle('include.schema.comments', BOOLEAN, 'PostgreSQL has no schema change events', { fallback: 'false' }),
  ]),
  ...only(['mysql', 'mariadb'], [
    mapped('include.schema.changes', BOOLEAN, 'Events of their own, to the topic `topic.prefix`', { fallback: 'true' }),
    mapped('include.schema.comments', BOOLEAN, 'MariaDB’s connector has comments in any case', { fallback: 'false' }),
  ]),

  mapped('topic.prefix', TOPIC_PREFIX, '', { required: true }),
  mapped('topic.delimiter', text(/./s, 'one character or more'), '', { fallback: '.' }),
  mapped('topic.naming.strategy', text(), 'Other strategies are not supported', {
    fallback: 'io.debezium.schema.SchemaTopicNamingStrategy',
    accepts: ['io.debezium.schema.SchemaTopicNamingStrategy'],
  }),
  idle('topic.regex', text(), 'Belongs to other naming strategies'),
  idle('topic.replacement', text(), 'Belongs to other naming strategies'),
  idle('topic.key.enforce.uniqueness', BOOLEAN, 'Belongs to other naming strategies', { fallback: 'true' }),
  idle('topic.key.field.name', text(), 'Belongs to other naming strategies'),
  idle('topic.key.field.regex', text(), 'Belongs to other naming strategies'),
  idle('topic.key.field.replacement', text(), 'Belongs to other naming strategies'),
  idle('topic.cache.size', integer(), 'Topic names are worked out once a table', { fallback: '10000' }),
  mapped('topic.transaction', text(), 'Behind `topic.prefix` and `topic.delimiter`', { fallback: 'transaction' }),
  idle('topic.heartbeat.prefix', text(), 'See `heartbeat.interval.ms`', { fallback: '__debezium-heartbeat' }),
  idle('topic.heartbeat.name', text(), 'See `heartbeat.interval.ms`'),
  idle('heartbeat.topics.prefix', text(), 'See `heartbeat.interval.ms`', { fallback: '__debezium-heartbeat' }),
]

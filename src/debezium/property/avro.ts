import { idle, mapped, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, text, URL_LIST, type ValueType } from './value-type.ts'

/** `converter.` is for both; `key.converter.` and `value.converter.` come before it. */
const CONVERTERS: readonly string[] = ['converter.', 'key.converter.', 'value.converter.']
/** Stands for them in the table of properties. */
export const SHOWN = '[key.|value.]converter.'
type Make = (name: string, type: ValueType, note: string, extra?: Partial<PropertyRule>) => PropertyRule

function option(make: Make, name: string, type: ValueType, note: string, extra: Partial<PropertyRule> = {}): PropertyRule {
  return make(SHOWN + name, type, note, { ...extra, spellings: CONVERTERS.map((converter) => converter + name) })
}

function refusal(name: string, note: string, extra: Partial<PropertyRule> = {}): PropertyRule {
  return option((shown, type, text, more) => refused(shown, text, { ...more, type }), name, extra.type ?? text(), note, extra)
}

/** All options that begin so. */
function family(make: Make, prefix: string, note: string, extra: Partial<PropertyRule> = {}): PropertyRule {
  return make(`${SHOWN}${prefix}<…>`, text(), note, { ...extra, family: new RegExp(`^(?:(?:key|value)\\.)?converter\\.${prefix.replaceAll('.', '\\.')}`) })
}

function refusedOptions(prefix: string, note: string): PropertyRule {
  return family((shown, type, text, more) => refused(shown, text, { ...more, type }), prefix, note)
}

const STRATEGY = 'io.confluent.kafka.serializers.subject.'
/** Confluent's classes, and what they are called here. */
export const SUBJECT_STRATEGIES: ReadonlyMap<string, 'topic' | 'record' | 'topic-record'> = new Map([
  [`${STRATEGY}TopicNameStrategy`, 'topic'],
  [`${STRATEGY}RecordNameStrategy`, 'record'],
  [`${STRATEGY}TopicRecordNameStrategy`, 'topic-record'],
])

const ONLY_FALSE = { type: BOOLEAN, fallback: 'false', accepts: ['false'] }
const ONLY_PEM = { fallback: 'PEM', accepts: ['PEM'] }
/** Confluent's client takes its settings with and without this (SchemaRegistryClientConfig.CLIENT_NAMESPACE), those for TLS only with it. */
export const CLIENT = 'schema.registry.'

/** The registry's login. */
function login(prefix: string): readonly PropertyRule[] {
  return [
    option(mapped, `${prefix}basic.auth.credentials.source`, choice('url', 'user_info', 'sasl_inherit'), '`URL`: what stands in the address', { fallback: 'URL', accepts: ['URL', 'USER_INFO'] }),
    option(mapped, `${prefix}basic.auth.user.info`, text(/^[^:]+:/, '`user:password`'), 'Counts with `basic.auth.credentials.source` `USER_INFO`', { secret: true }),
    option(mapped, `${prefix}bearer.auth.credentials.source`, choice('static_token', 'oauthbearer', 'sasl_oauthbearer_inherit', 'custom'), 'OAuth: give `debeziumAvro` a function', { accepts: ['STATIC_TOKEN'] }),
    option(mapped, `${prefix}bearer.auth.token`, text(), 'Counts with `bearer.auth.credentials.source`', { secret: true }),
  ]
}

/** Confluent’s AvroConverter, and the client of its registry. */
export const AVRO: readonly PropertyRule[] = [
  option(mapped, `${CLIENT}url`, URL_LIST, 'Required with Avro; the root of Confluent’s API, several addresses of one registry with commas', { secret: true }),
  ...['', CLIENT].flatMap(login),
  option(mapped, `${CLIENT}ssl.truststore.type`, text(), 'Java’s own key stores cannot be read: export them as PEM', ONLY_PEM),
  option(mapped, `${CLIENT}ssl.truststore.location`, text(), 'PEM file'),
  option(mapped, `${CLIENT}ssl.truststore.certificates`, text(), 'PEM text'),
  option(mapped, `${CLIENT}ssl.keystore.type`, text(), 'As `ssl.truststore.type`', ONLY_PEM),
  option(mapped, `${CLIENT}ssl.keystore.location`, text(), 'PEM file with certificate and key'),
  option(mapped, `${CLIENT}ssl.keystore.certificate.chain`, text(), 'PEM text'),
  option(mapped, `${CLIENT}ssl.keystore.key`, text(), 'PEM text', { secret: true }),
  option(mapped, `${CLIENT}ssl.key.password`, text(), '', { secret: true }),
  option(mapped, `${CLIENT}ssl.endpoint.identification.algorithm`, text(), 'Empty: the host name is not compared with the certificate', { fallback: 'https' }),
  refusedOptions(`${CLIENT}ssl.`, 'Not a setting that has a counterpart here'),
  option(mapped, 'http.read.timeout.ms', integer(1), 'How long one request may take; 10 s when it is not set', { fallback: '60000' }),
  option(idle, 'http.connect.timeout.ms', integer(), 'See `http.read.timeout.ms`', { fallback: '60000' }),
  family(mapped, 'request.header.', 'Headers of every request', { secret: true }),
  option(mapped, 'auto.register.schemas', BOOLEAN, '`false`: schemas are looked up', { fallback: 'true' }),
  ...(['key', 'value'] as const).map((part) => option(mapped, `${part}.subject.name.strategy`, text(), `Of ${part}s`, { fallback: `${STRATEGY}TopicNameStrategy`, accepts: [...SUBJECT_STRATEGIES.keys()] })),
  option(mapped, 'connect.meta.data', BOOLEAN, '', { fallback: 'true' }),
  option(mapped, 'ignore.default.for.nullables', BOOLEAN, '`false`: a NULL in a column with a default becomes the default, as in Debezium', { fallback: 'false' }),
  option(idle, 'enhanced.avro.schema.support', BOOLEAN, 'Debezium’s events have nothing that it would change', { fallback: 'false' }),
  option(idle, 'allow.optional.map.keys', BOOLEAN, 'No key of a map is optional', { fallback: 'false' }),
  ...['id.compatibility.strict', 'latest.compatibility.strict'].map((name) => option(idle, name, BOOLEAN, 'See `use.latest.version`', { fallback: 'true' })),
  refusal('use.latest.version', 'Schemas are those of the events', ONLY_FALSE),
  refusal('use.schema.id', 'Schemas are those of the events', { type: integer(), fallback: '-1', accepts: ['-1'] }),
  ...['normalize.schemas', 'generalized.sum.type.support', 'scrub.invalid.names', 'flatten.singleton.unions', 'discard.type.doc.default'].map((name) => refusal(name, 'Schemas are those of the events', ONLY_FALSE)),
  ...['schemas.cache.config', 'max.schemas.per.subject', 'latest.cache.size', 'latest.cache.ttl.sec'].map((name) => option(idle, name, integer(), 'Ids of schemas are kept')),
  refusedOptions('apicurio.', 'Of Apicurio’s own converters; use Confluent’s, with the `schema.registry.url` `https://host/apis/ccompat/v7` of the same registry'),
]

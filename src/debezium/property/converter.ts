import { idle, mapped, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, text } from './value-type.ts'

/** The three parts of a record that Debezium converts each on its own. */
export const PARTS = ['key', 'value', 'header'] as const
export type Part = (typeof PARTS)[number]

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
export const AVRO_CONVERTER = 'io.confluent.connect.avro.AvroConverter'
const FORMATS = choice('json', 'jsonbytearray', 'avro', 'protobuf', 'cloudevents', 'simplestring', 'binary', 'connect', 'clientprovided')
const OTHER_CONVERTERS = 'Options of other converters (Protobuf, CloudEvents), and of Avro’s what is not there'
const OTHER_OPTIONS = /^(?:(?:key|value|header)\.)?converter\.(?:schema\.(?:registry\.(?:proxy|bearer|missing|sasl|http)|cloudevents|data|reflection|format)(?:\.|$)|apicurio\.|(?:basic|bearer)\.auth\.|auto\.|use\.|enhanced\.|json\.|metadata\.|extension\.|opentelemetry\.|data\.|serializer\.|delegate\.|proxy\.|rule\.|context\.name\.)/
/** What tells Apicurio's own converter from Confluent's. */
const HOW = 'JSON, or Confluent’s Avro (Apicurio: its Confluent API, `…/apis/ccompat/v7`)'

/** `converter.<option>` is for all three; `key.converter.<option>` and so on come before it. */
function options(prefix: string): readonly PropertyRule[] {
  return [
    mapped(`${prefix}.schemas.enable`, BOOLEAN, '', { fallback: 'true' }),
    mapped(`${prefix}.replace.null.with.default`, BOOLEAN, 'A NULL in a column with a default becomes the default, as in Debezium', { fallback: 'true' }),
    mapped(`${prefix}.decimal.format`, choice('base64', 'numeric'), '', { fallback: 'BASE64', accepts: ['BASE64'] }),
    idle(`${prefix}.schemas.cache.size`, integer(), 'Schemas are written once a table', { fallback: '1000' }),
  ]
}

/** How records become bytes. */
export const CONVERTER: readonly PropertyRule[] = [
  ...PARTS.map((part) => mapped(`${part}.converter`, text(), part === 'header' ? 'JSON' : HOW, { fallback: JSON_CONVERTER, accepts: part === 'header' ? [JSON_CONVERTER] : [JSON_CONVERTER, AVRO_CONVERTER] })),
  ...['converter', ...PARTS.map((part) => `${part}.converter`)].flatMap(options),
  ...PARTS.map((part) => mapped(`debezium.format.${part}`, FORMATS, 'Debezium Server', { fallback: 'json', accepts: part === 'header' ? ['json', 'jsonbytearray'] : ['json', 'jsonbytearray', 'avro'] })),
]

/** Comes behind the options that are known. */
export const OTHER_CONVERTER: PropertyRule = refused('<part>.converter.<option>', OTHER_CONVERTERS, { family: OTHER_OPTIONS })

import { idle, mapped, refused, type PropertyRule } from './rule.ts'
import { BOOLEAN, choice, integer, text } from './value-type.ts'

/** The three parts of a record that Debezium converts each on its own. */
export const PARTS = ['key', 'value', 'header'] as const
export type Part = (typeof PARTS)[number]

const JSON_CONVERTER: readonly string[] = ['org.apache.kafka.connect.json.JsonConverter']
const FORMATS = choice('json', 'jsonbytearray', 'avro', 'protobuf', 'cloudevents', 'simplestring', 'binary', 'connect', 'clientprovided')
const OTHER_CONVERTERS = 'Options of other converters (Avro, Protobuf, CloudEvents)'
const OTHER_OPTIONS = /^(?:(?:key|value|header)\.)?converter\.(?:schema\.(?:registry|cloudevents|data)\.|apicurio\.|basic\.|auto\.|use\.|enhanced\.|json\.|metadata\.|extension\.|opentelemetry\.|data\.|serializer\.|delegate\.)/

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
  ...PARTS.map((part) => mapped(`${part}.converter`, text(), 'JSON', { fallback: 'org.apache.kafka.connect.json.JsonConverter', accepts: JSON_CONVERTER })),
  ...['converter', ...PARTS.map((part) => `${part}.converter`)].flatMap(options),
  refused('<part>.converter.<option>', OTHER_CONVERTERS, { family: OTHER_OPTIONS }),
  ...PARTS.map((part) => mapped(`debezium.format.${part}`, FORMATS, 'Debezium Server', { fallback: 'json', accepts: ['json', 'jsonbytearray'] })),
]

import type { Field, Schema, SchemaType } from '../../event/schema.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { defaultOf, defaultText, jsonString } from './avro-default.ts'
import { fullName, type FullName } from './avro-name.ts'
import { typeComesFirst } from './field-node.ts'

/*
  A Connect schema as Confluent's AvroData.fromConnectSchema makes an Avro schema of it, in the very text that it registers (Avro's
  Schema.toString): a registry gives the same text the same id. Checked against Confluent's own code in test/peer/avro-data.
*/

/** AvroData.NAMESPACE. */
const NAMESPACE = 'io.confluent.connect.avro'
const DECIMAL = 'org.apache.kafka.connect.data.Decimal'
const PRECISION = 'connect.decimal.precision'
/** CONNECT_AVRO_DECIMAL_PRECISION_DEFAULT. */
const DEFAULT_PRECISION = '64'

/** Connect's own logical types; Debezium's are told by `connect.name` alone. */
const LOGICAL: Readonly<Record<string, string>> = {
  [DECIMAL]: 'decimal',
  'org.apache.kafka.connect.data.Date': 'date',
  'org.apache.kafka.connect.data.Time': 'time-millis',
  'org.apache.kafka.connect.data.Timestamp': 'timestamp-millis',
}

const PRIMITIVE: Readonly<Record<Exclude<SchemaType, 'array' | 'map' | 'struct'>, string>> = {
  boolean: 'boolean', int8: 'int', int16: 'int', int32: 'int', int64: 'long', float: 'float', double: 'double', string: 'string', bytes: 'bytes',
}

/** The text. `metaData` is Confluent's `connect.meta.data`: without it there are no `connect.…` properties. */
export function avroSchema(schema: Schema, metaData = true): string {
  return new SchemaText(metaData).print(schema, undefined)
}

class SchemaText {
  private readonly metaData: boolean
  /** Named types that were printed: later they stand as their name. */
  private readonly known = new Map<string, string>()
  private unnamed = 0

  constructor(metaData: boolean) {
    this.metaData = metaData
  }

  /** `space`: the namespace around it. */
  print(schema: Schema, space: string | undefined): string {
    const type = this.base(schema, space)
    if (!schema.optional) return type
    return typeComesFirst(schema) ? `[${type},"null"]` : `["null",${type}]`
  }

  private base(schema: Schema, space: string | undefined): string {
    if (schema.type === 'struct') return this.record(schema, space)
    if (schema.type === 'array') return `{"type":"array","items":${this.print(schema.items!, space)}${this.properties(schema)}}`
    if (schema.type === 'map') return this.map(schema, space)
    const properties = this.properties(schema)
    const type = jsonString(PRIMITIVE[schema.type])
    return properties === '' ? type : `{"type":${type}${properties}}`
  }

  private record(schema: Schema, space: string | undefined): string {
    const name = schema.name === undefined ? this.nameless() : fullName(schema.name)
    return this.named(name, schema.fields ?? [], space, this.properties(schema))
  }

  /** AvroData.getNameOrDefault. */
  private nameless(): FullName {
    this.unnamed++
    return fullName(`${NAMESPACE}.ConnectDefault${this.unnamed > 1 ? this.unnamed : ''}`)
  }

  private named({ full, name, namespace }: FullName, fields: readonly Field[], space: string | undefined, properties: string): string {
    const meaning = JSON.stringify([fields, properties])
    const known = this.known.get(full)
    if (known === undefined) this.known.set(full, meaning)
    else if (known !== meaning) throw new TailraceError('TR_NAME_COLLISION', { message: `Two different types are called ${full}`, where: { name: full } })
    else return jsonString(namespace === space ? name : full)
    const place = namespace === space ? '' : `,"namespace":${jsonString(namespace ?? '')}`
    return `{"type":"record","name":${jsonString(name)}${place},"fields":[${fields.map((field) => this.field(field, namespace)).join(',')}]${properties}}`
  }

  private field({ name, schema }: Field, space: string | undefined): string {
    const preset = defaultOf(schema)
    const text = preset !== undefined ? `,"default":${defaultText(preset, true)}` : schema.optional ? ',"default":null' : ''
    return `{"name":${jsonString(name)},"type":${this.print(schema, space)}${text}}`
  }

  /** Keys that are not required text make a map an array of entries. */
  private map(schema: Schema, space: string | undefined): string {
    const [key, value] = [schema.keys!, schema.values!]
    if (key.type === 'string' && !key.optional) return `{"type":"map","values":${this.print(value, space)}${this.properties(schema)}}`
    const name = fullName(schema.name ?? `${NAMESPACE}.MapEntry`)
    const entries = this.named(name, [{ name: 'key', schema: key }, { name: 'value', schema: value }], space, schema.name === undefined ? '' : ',"connect.internal.type":"MapEntry"')
    return `{"type":"array","items":${entries}${this.properties(schema)}}`
  }

  /** In the order in which AvroData adds them. */
  private properties(schema: Schema): string {
    const { name, parameters } = schema
    const found: string[] = []
    const add = (key: string, json: string): void => void found.push(`,${jsonString(key)}:${json}`)
    if (name === DECIMAL) {
      add('scale', parameters?.['scale'] ?? '0')
      add('precision', parameters?.[PRECISION] ?? DEFAULT_PRECISION)
    }
    if (this.metaData) {
      if (schema.doc !== undefined) add('connect.doc', jsonString(schema.doc))
      if (schema.version !== undefined) add('connect.version', String(schema.version))
      if (parameters !== undefined && Object.keys(parameters).length > 0) add('connect.parameters', textObject(parameters))
      const preset = defaultOf(schema)
      if (preset !== undefined) add('connect.default', defaultText(preset))
      if (name !== undefined) add('connect.name', jsonString(name))
      if (schema.type === 'int8' || schema.type === 'int16') add('connect.type', jsonString(schema.type))
    }
    const logical = name === undefined ? undefined : LOGICAL[name]
    if (logical !== undefined) add('logicalType', jsonString(logical))
    return found.join('')
  }
}

function textObject(parameters: Readonly<Record<string, string>>): string {
  return `{${Object.entries(parameters).map(([key, value]) => `${jsonString(key)}:${jsonString(value)}`).join(',')}}`
}

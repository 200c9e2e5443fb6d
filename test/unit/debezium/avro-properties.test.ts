import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromDebezium } from '../../../src/debezium/index.ts'
import { planOf, type Plan } from '../../../src/debezium/plan.ts'
import type { DebeziumAvroOptions } from '../../../src/format/avro/options.ts'
import { LEAST, plan, refusal } from './configuration.ts'

const CONVERTER = 'io.confluent.connect.avro.AvroConverter'
/** Kafka Connect's form. */
const AVRO = {
  'key.converter': CONVERTER, 'key.converter.schema.registry.url': 'http://registry:8081',
  'value.converter': CONVERTER, 'value.converter.schema.registry.url': 'http://registry:8081',
}
const USER_INFO = { 'converter.basic.auth.credentials.source': 'USER_INFO' }
const TOKEN = { 'converter.bearer.auth.credentials.source': 'STATIC_TOKEN' }

function avro({ format }: Plan): DebeziumAvroOptions {
  if (format.kind !== 'avro') throw new Error('not Avro')
  return format.options
}

/** Debezium Server's form. */
function serverPlan(properties: Readonly<Record<string, string>>): Plan {
  const source = Object.entries(LEAST).map(([name, value]) => [`debezium.source.${name}`, value] as const)
  return planOf(new Map([...source, ...Object.entries(properties)]), false, { REGISTRY_PASSWORD: 'pw' })
}

describe('Avro', () => {
  test('with Connect’s converters, and defaults that are Confluent’s', () => {
    expect(avro(plan(AVRO))).toEqual({
      logicalName: 'shop', topicDelimiter: '.', transactionTopic: 'transaction', tombstones: true, contextHeaders: true, modes: expect.objectContaining({ decimal: 'precise' }) as object, registry: { urls: 'http://registry:8081' },
      subjectNameStrategy: { key: 'topic', value: 'topic' }, autoRegister: true, connectMetaData: true, ignoreDefaultForNullables: false, keys: 'avro', keySchemas: true, headerSchemas: true,
      schemaNameAdjustment: 'avro', fieldNameAdjustment: 'avro',
    })
  })

  test('with Debezium Server’s formats, the registry once for both, its password from the environment', () => {
    const options = avro(serverPlan({
      'debezium.format.key': 'avro', 'debezium.format.value': 'avro', 'debezium.format.schema.registry.url': 'https://one:8081, https://two:8081', 'debezium.format.schemas.enable': 'false',
      'debezium.format.basic.auth.credentials.source': 'USER_INFO', 'debezium.format.basic.auth.user.info': 'cdc:${REGISTRY_PASSWORD}:x',
    }))
    expect(options).toMatchObject({ registry: { urls: 'https://one:8081, https://two:8081', auth: { username: 'cdc', password: 'pw:x' } }, headerSchemas: false, schemaNameAdjustment: 'avro', fieldNameAdjustment: 'none' })
  })

  test('Debezium’s other options count as with JSON', () => {
    expect(avro(plan({ ...AVRO, 'decimal.handling.mode': 'string', 'tombstones.on.delete': 'false', 'extended.headers.enabled': 'false', 'topic.delimiter': '_', 'schema.name.adjustment.mode': 'none', 'field.name.adjustment.mode': 'avro_unicode' }))).toMatchObject({
      modes: { decimal: 'string' }, tombstones: false, contextHeaders: false, topicDelimiter: '_', schemaNameAdjustment: 'none', fieldNameAdjustment: 'avro_unicode',
    })
  })

  test('keys stay JSON where only the value is Avro', () => {
    const { 'value.converter': converter, 'value.converter.schema.registry.url': url } = AVRO
    expect(avro(plan({ 'value.converter': converter, 'value.converter.schema.registry.url': url, 'key.converter.schemas.enable': 'false' }))).toMatchObject({ keys: 'json', keySchemas: false })
  })

  test('a registry that is named beside JSON changes nothing', () => {
    expect(plan({ 'value.converter.schema.registry.url': 'http://registry:8081' }).format.kind).toBe('json')
  })

  test.each<[what: string, properties: Readonly<Record<string, string>>, expected: object]>([
    ['a login', { ...USER_INFO, 'converter.basic.auth.user.info': 'me:secret' }, { registry: { auth: { username: 'me', password: 'secret' } } }],
    ['a login, in the client’s own spelling', { 'converter.schema.registry.basic.auth.credentials.source': 'user_info', 'converter.schema.registry.basic.auth.user.info': 'me:secret' }, { registry: { auth: { username: 'me', password: 'secret' } } }],
    ['a token', { ...TOKEN, 'converter.bearer.auth.token': 'abc' }, { registry: { auth: { bearer: 'abc' } } }],
    ['no registration', { 'converter.auto.register.schemas': 'false' }, { autoRegister: false }],
    ['subjects', { 'key.converter.key.subject.name.strategy': 'io.confluent.kafka.serializers.subject.RecordNameStrategy', 'converter.value.subject.name.strategy': 'io.confluent.kafka.serializers.subject.TopicRecordNameStrategy' }, { subjectNameStrategy: { key: 'record', value: 'topic-record' } }],
    ['the other part’s strategy, which each converter leaves alone', { 'key.converter.value.subject.name.strategy': 'io.confluent.kafka.serializers.subject.RecordNameStrategy' }, { subjectNameStrategy: { key: 'topic', value: 'topic' } }],
    ['schemas without meta data', { 'converter.connect.meta.data': 'false' }, { connectMetaData: false }],
    ['nulls', { 'value.converter.ignore.default.for.nullables': 'true' }, { ignoreDefaultForNullables: true }],
    ['headers and a timeout', { 'converter.request.header.X-Registry-GroupId': 'shop', 'converter.http.read.timeout.ms': '2500' }, { registry: { headers: { 'X-Registry-GroupId': 'shop' }, timeoutMs: 2500 } }],
    ['what asks for nothing', { 'converter.use.latest.version': 'false', 'converter.enhanced.avro.schema.support': 'true', 'converter.normalize.schemas': 'false', 'converter.max.schemas.per.subject': '5' }, {}],
  ])('%s', (_, properties, expected) => {
    expect(avro(plan({ ...AVRO, ...properties }))).toMatchObject(expected)
  })

  test('TLS: PEM text and files', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-pem-'))
    const file = path.join(folder, 'client.pem')
    writeFileSync(file, 'CERT AND KEY')
    const ssl = 'converter.schema.registry.ssl'
    const { tls } = avro(plan({ ...AVRO, [`${ssl}.truststore.type`]: 'PEM', [`${ssl}.truststore.certificates`]: 'CA', [`${ssl}.keystore.type`]: 'PEM', [`${ssl}.keystore.location`]: file, [`${ssl}.key.password`]: 'pp' })).registry
    rmSync(folder, { recursive: true })
    expect(tls).toEqual({ ca: 'CA', cert: 'CERT AND KEY', key: 'CERT AND KEY', passphrase: 'pp' })
    const { tls: lax } = avro(plan({ ...AVRO, [`${ssl}.endpoint.identification.algorithm`]: '' })).registry
    expect((lax as { checkServerIdentity: () => undefined }).checkServerIdentity()).toBeUndefined()
  })

  test('becomes a format that needs nothing until its first event', () => {
    expect(fromDebezium({ ...LEAST, ...AVRO }).format).toHaveProperty('ready')
  })
})

describe('Avro that cannot be', () => {
  test.each<[properties: Readonly<Record<string, string | undefined>>, code: string, text: string]>([
    [{ 'value.converter.schema.registry.url': undefined, 'key.converter.schema.registry.url': undefined }, 'TR_CONFIG_INVALID', 'value.converter.schema.registry.url: a value is required with Avro'],
    [{ 'value.converter.schema.registry.url': 'registry:8081' }, 'TR_CONFIG_INVALID', 'value.converter.schema.registry.url: the value is not valid'],
    [USER_INFO, 'TR_CONFIG_INVALID', 'basic.auth.user.info: a value is required with basic.auth.credentials.source USER_INFO'],
    [{ ...USER_INFO, 'converter.basic.auth.user.info': 'me' }, 'TR_CONFIG_INVALID', 'converter.basic.auth.user.info: the value is not valid'],
    [TOKEN, 'TR_CONFIG_INVALID', 'bearer.auth.token: a value is required'],
    [{ ...USER_INFO, ...TOKEN, 'converter.basic.auth.user.info': 'a:b', 'converter.bearer.auth.token': 'c' }, 'TR_CONFIG_INVALID', 'converter.bearer.auth.credentials.source: cannot stand beside basic.auth.credentials.source'],
    [{ 'converter.basic.auth.credentials.source': 'SASL_INHERIT' }, 'TR_CONFIG_UNSUPPORTED', '"SASL_INHERIT" is not supported, only URL, USER_INFO'],
    [{ 'converter.bearer.auth.credentials.source': 'OAUTHBEARER' }, 'TR_CONFIG_UNSUPPORTED', 'only STATIC_TOKEN'],
    [{ 'converter.apicurio.registry.url': 'http://registry:8080/apis/registry/v2' }, 'TR_CONFIG_UNSUPPORTED', 'use Confluent’s, with the `schema.registry.url` `https://host/apis/ccompat/v7` of the same registry'],
    [{ 'value.converter': 'io.apicurio.registry.utils.converter.AvroConverter' }, 'TR_CONFIG_UNSUPPORTED', 'its Confluent API, `…/apis/ccompat/v7`'],
    [{ 'converter.use.latest.version': 'true' }, 'TR_CONFIG_UNSUPPORTED', 'converter.use.latest.version: "true" is not supported, only false'],
    [{ 'value.converter.normalize.schemas': 'true' }, 'TR_CONFIG_UNSUPPORTED', 'value.converter.normalize.schemas'],
    [{ 'converter.schema.registry.ssl.truststore.type': 'JKS' }, 'TR_CONFIG_UNSUPPORTED', 'export them as PEM'],
    [{ 'converter.schema.registry.ssl.protocol': 'TLSv1.3' }, 'TR_CONFIG_UNSUPPORTED', 'converter.schema.registry.ssl.protocol'],
    [{ 'converter.schema.registry.ssl.truststore.location': '/does/not/exist.pem' }, 'TR_CONFIG_FILE', 'converter.schema.registry.ssl.truststore.location'],
    [{ 'converter.value.subject.name.strategy': 'com.example.Own' }, 'TR_CONFIG_UNSUPPORTED', 'com.example.Own'],
    [{ 'value.converter.schema.registy.url': 'http://registry:8081' }, 'TR_CONFIG_UNKNOWN', 'did you mean value.converter.schema.registry.url?'],
    [{ 'key.converter.schema.registry.url': 'http://other:8081' }, 'TR_CONFIG_UNSUPPORTED', 'key.converter.schema.registry.url: not supported where key and value have different ones'],
    [{ 'key.converter.auto.register.schemas': 'false' }, 'TR_CONFIG_UNSUPPORTED', 'key.converter.auto.register.schemas: not supported where key and value have different ones'],
    [{ 'value.converter': undefined }, 'TR_CONFIG_UNSUPPORTED', 'key.converter: not supported with a value that is JSON'],
    [{ 'header.converter': CONVERTER }, 'TR_CONFIG_UNSUPPORTED', 'header.converter'],
  ])('%o is %s', (properties, code, text) => {
    expect(refusal({ ...AVRO, ...properties })).toMatchObject({ code, message: expect.stringContaining(text) as string })
  })

  test('is said in the names of Debezium Server', () => {
    expect(() => serverPlan({ 'debezium.format.value': 'avro' })).toThrow('debezium.format.value.schema.registry.url: a value is required with Avro')
    expect(() => serverPlan({ 'debezium.format.key': 'avro', 'debezium.format.key.schema.registry.url': 'http://r' })).toThrow('debezium.format.key: not supported with a value that is JSON')
  })

  test('says nothing of passwords and tokens', () => {
    const canary = 'cAnArY-4711'
    const errors = [
      { 'value.converter.schema.registry.url': `ftp://me:${canary}@registry` }, { 'value.converter.basic.auth.user.info': canary }, { 'key.converter.bearer.auth.token': canary, 'value.converter.bearer.auth.token': 'x', ...TOKEN },
      { 'converter.request.header.Authorization': canary, 'converter.use.latest.version': 'true' }, { 'key.converter.schema.registry.url': `http://me:${canary}@registry` },
    ].map((properties) => refusal({ ...AVRO, ...properties }))
    for (const error of errors) expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain(canary)
  })
})

describe('Debezium Server’s Kinesis sink', () => {
  const KINESIS = { 'debezium.sink.type': 'kinesis', 'debezium.sink.kinesis.region': 'eu-central-1' }

  test('a region alone is enough', () => {
    expect(serverPlan(KINESIS).sink).toEqual({ kind: 'kinesis', options: { region: 'eu-central-1', batchSize: 500, nullKey: 'default' } })
  })

  test('all of its options', () => {
    const more = { endpoint: 'http://127.0.0.1:4567', 'credentials.profile': 'cdc', 'batch.size': '100', 'default.retries': '9', 'null.key': 'none' }
    expect(serverPlan({ ...KINESIS, ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`debezium.sink.kinesis.${name}`, value])) }).sink).toEqual({
      kind: 'kinesis', options: { region: 'eu-central-1', endpoint: 'http://127.0.0.1:4567', credentials: { profile: 'cdc' }, batchSize: 100, nullKey: 'none' },
    })
    expect(fromDebezium({ ...LEAST, ...KINESIS }).sink).toMatchObject({ accepts: 'records' })
  })

  test.each<[property: string, value: string, code: string]>([
    ['batch.size', '501', 'TR_CONFIG_INVALID'], ['endpoint', 'localhost', 'TR_CONFIG_INVALID'], ['aggregate', 'true', 'TR_CONFIG_UNSUPPORTED'],
  ])('%s=%s is %s', (property, value, code) => {
    expect(() => serverPlan({ ...KINESIS, [`debezium.sink.kinesis.${property}`]: value })).toThrow(expect.objectContaining({ code }))
  })
})

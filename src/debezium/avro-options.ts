import type { NameAdjustment } from '../format/name-adjustment.ts'
import type { DebeziumAvroOptions, RegistryAuth, RegistryOptions } from '../format/avro/options.ts'
import { jsonOptions } from './json-options.ts'
import { pemTls } from './pem-tls.ts'
import { AVRO, CLIENT, SHOWN, SUBJECT_STRATEGIES } from './property/avro.ts'
import { AVRO_CONVERTER } from './property/converter.ts'
import { defined, type Settings } from './settings.ts'

type Part = 'key' | 'value'

/** Whether the part is to be Avro: Debezium Server's format says so, or else the converter's class. */
export function isAvro(settings: Settings, part: Part): boolean {
  const format = `debezium.format.${part}`
  return settings.given(format) === undefined ? hasAvroConverter(settings, part) : settings.word(format) === 'avro'
}

function hasAvroConverter(settings: Settings, part: Part): boolean {
  return settings.isOneOf(`${part}.converter`, [AVRO_CONVERTER])
}

/** The property that counts for a part: its own, else the one for all parts. */
export function partProperty(settings: Settings, part: Part, option: string): string {
  const own = `${part}.converter.${option}`
  return settings.given(own) === undefined && !settings.isEmpty(own) ? `converter.${option}` : own
}

/** How Confluent's AvroConverter is to write records, and where it registers schemas. Errors: TR_CONFIG_FILE for a PEM file that cannot be read. */
export function avroOptions(settings: Settings): DebeziumAvroOptions {
  const { logicalName, topicDelimiter = '.', transactionTopic = 'transaction', tombstones = true, modes = {}, contextHeaders = true, schemasEnable, fieldNameAdjustment = 'none' } = jsonOptions(settings)
  const flag = (option: string): boolean => settings.flag(partProperty(settings, 'value', option))
  return {
    logicalName, topicDelimiter, transactionTopic, tombstones, modes, contextHeaders,
    registry: registryOptions(settings),
    subjectNameStrategy: { key: strategy(settings, 'key'), value: strategy(settings, 'value') },
    autoRegister: flag('auto.register.schemas'),
    connectMetaData: flag('connect.meta.data'),
    ignoreDefaultForNullables: flag('ignore.default.for.nullables'),
    keys: isAvro(settings, 'key') ? 'avro' : 'json',
    keySchemas: schemasEnable?.key ?? true,
    headerSchemas: schemasEnable?.header ?? true,
    // the engine's ConverterBuilder makes it the default with Avro
    schemaNameAdjustment: settings.given('schema.name.adjustment.mode') === undefined ? 'avro' : settings.word<NameAdjustment>('schema.name.adjustment.mode'),
    // CommonConnectorConfig.fieldNameAdjuster: with the converter's class there is no "none"
    fieldNameAdjustment: fieldNameAdjustment === 'none' && (hasAvroConverter(settings, 'key') || hasAvroConverter(settings, 'value')) ? 'avro' : fieldNameAdjustment,
  }
}

/** Each converter has a strategy for keys and one for values, and uses its own. */
function strategy(settings: Settings, part: Part): 'topic' | 'record' | 'topic-record' {
  const name = settings.word(partProperty(settings, part, `${part}.subject.name.strategy`))
  return [...SUBJECT_STRATEGIES].find(([known]) => known.toLowerCase() === name)?.[1] ?? 'topic'
}

/** An option of the registry's client, which takes it with and without its prefix; the former counts. */
function clientText(settings: Settings, part: Part, option: string): string | undefined {
  return settings.given(partProperty(settings, part, CLIENT + option)) ?? settings.given(partProperty(settings, part, option))
}

function registryOptions(settings: Settings): RegistryOptions {
  const part = 'value'
  const tls = pemTls(settings, (name) => partProperty(settings, part, `${CLIENT}ssl.${name}`))
  const timeout = settings.given(partProperty(settings, part, 'http.read.timeout.ms'))
  const headers = Object.fromEntries(['converter', 'key.converter', 'value.converter'].flatMap((converter) => [...settings.family(`${converter}.request.header.`)]))
  return {
    urls: settings.text(partProperty(settings, part, `${CLIENT}url`)),
    ...defined({
      auth: registryAuth(settings, part),
      tls: Object.keys(tls).length > 0 ? tls : undefined,
      headers: Object.keys(headers).length > 0 ? headers : undefined,
      timeoutMs: timeout === undefined ? undefined : Number(timeout),
    }),
  }
}

function registryAuth(settings: Settings, part: Part): RegistryAuth | undefined {
  const text = (option: string): string | undefined => clientText(settings, part, option)
  if (text('bearer.auth.credentials.source') !== undefined) return { bearer: text('bearer.auth.token') ?? '' }
  if (text('basic.auth.credentials.source')?.trim().toLowerCase() !== 'user_info') return undefined
  const [user = '', ...password] = (text('basic.auth.user.info') ?? '').split(':')
  return { username: user, password: password.join(':') }
}

/** What is missing or cannot be together; each with the option that it is about. */
export function avroProblems(settings: Settings): readonly { readonly part: Part; readonly option: string; readonly kind: 'invalid' | 'unsupported'; readonly text: string }[] {
  const parts = (['key', 'value'] as const).filter((part) => isAvro(settings, part))
  const text = (part: Part, option: string): string | undefined => clientText(settings, part, option)
  const missing = parts.flatMap((part) => {
    const login = text(part, 'basic.auth.credentials.source')?.trim().toLowerCase()
    const bearer = text(part, 'bearer.auth.credentials.source')
    return [
      ...(settings.given(partProperty(settings, part, `${CLIENT}url`)) === undefined ? [{ part, option: `${CLIENT}url`, text: 'a value is required with Avro' }] : []),
      ...(login === 'user_info' && text(part, 'basic.auth.user.info') === undefined ? [{ part, option: 'basic.auth.user.info', text: 'a value is required with basic.auth.credentials.source USER_INFO' }] : []),
      ...(bearer !== undefined && text(part, 'bearer.auth.token') === undefined ? [{ part, option: 'bearer.auth.token', text: 'a value is required with bearer.auth.credentials.source' }] : []),
      ...(login !== undefined && bearer !== undefined ? [{ part, option: 'bearer.auth.credentials.source', text: 'cannot stand beside basic.auth.credentials.source' }] : []),
    ].map((problem) => ({ ...problem, kind: 'invalid' as const }))
  })
  const differing = parts.length === 2 ? SHARED.filter((option) => settings.text(partProperty(settings, 'key', option)) !== settings.text(partProperty(settings, 'value', option))) : []
  return [...missing, ...differing.map((option) => ({ part: 'key' as const, option, kind: 'unsupported' as const, text: 'not supported where key and value have different ones' }))]
}

/** What key and value have one of. Nulls are in no key. */
const SHARED: readonly string[] = AVRO.filter((rule) => rule.use === 'mapped' && rule.spellings !== undefined)
  .map((rule) => rule.name.slice(SHOWN.length))
  .filter((option) => !option.endsWith('subject.name.strategy') && option !== 'ignore.default.for.nullables')

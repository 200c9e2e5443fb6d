import type { TailraceError } from '../error/tailrace-error.ts'
import type { DebeziumAvroOptions } from '../format/avro/options.ts'
import type { DebeziumJsonOptions } from '../format/json/debezium-json.ts'
import type { ConnectKey } from '../offset/connect/offset-key.ts'
import type { MysqlOptions } from '../source/mysql/options.ts'
import type { PostgresOptions } from '../source/postgres/options.ts'
import type { KafkaOffsetsOptions } from '../offset/kafka/options.ts'
import type { KafkaSinkOptions } from '../sink/kafka/options.ts'
import { avroOptions, isAvro } from './avro-options.ts'
import { jsonOptions } from './json-options.ts'
import { kafkaOffsetsOptions, kafkaSinkOptions } from './kafka-options.ts'
import { kinesisPlan, type KinesisPlan } from './kinesis-options.ts'
import { historyPlan, mysqlOptions, type HistoryPlan } from './mysql-options.ts'
import { postgresOptions } from './postgres-options.ts'
import { configurationError, separateTolerable, type Problem } from './problem.ts'
import { ALWAYS_POLICIES, FILE_STORES, KAFKA_STORES } from './property/offset.ts'
import { isServerForm, toEntries, type Entry, type Environment } from './server-form.ts'
import type { Settings } from './settings.ts'
import { validate } from './validate.ts'

/** The source, by its connector. */
export type SourcePlan =
  | { readonly kind: 'postgresql'; readonly options: PostgresOptions }
  | { readonly kind: 'mysql' | 'mariadb'; readonly options: Omit<MysqlOptions, 'history'>; readonly history: HistoryPlan }

/** A configuration, understood: what is to be built, before anything is. */
export interface Plan {
  readonly name: string
  readonly source: SourcePlan
  readonly format: { readonly kind: 'json'; readonly options: DebeziumJsonOptions } | { readonly kind: 'avro'; readonly options: DebeziumAvroOptions }
  readonly offsets: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'kafka'; readonly options: KafkaOffsetsOptions } | { readonly kind: 'memory' }
  readonly sink: { readonly kind: 'stdout' } | { readonly kind: 'kafka'; readonly options: KafkaSinkOptions } | { readonly kind: 'kinesis'; readonly options: KinesisPlan }
  /** What Debezium keeps the offset under. */
  readonly offsetKey: ConnectKey
  readonly offsetFlush: { readonly intervalMs: number }
  readonly limits: { readonly maxBatchEvents: number }
  readonly retry: { readonly initialDelayMs: number; readonly maxDelayMs: number; readonly maxAttempts: number }
  /** What was tolerated. */
  readonly warnings: readonly TailraceError[]
}

/** Reads a configuration in either of Debezium's forms. Errors: TR_CONFIG_INVALID, TR_CONFIG_UNKNOWN, TR_CONFIG_UNSUPPORTED, listing all problems. */
export function planOf(properties: ReadonlyMap<string, string>, lenient: boolean, environment: Environment): Plan {
  const { entries, problems: unset } = toEntries(properties, environment)
  const server = isServerForm(properties)
  const named = server ? withName(entries) : entries
  const { settings, problems } = validate(named)
  const { warnings, errors } = judge([...unset, ...problems], lenient)
  if (errors.length > 0) throw configurationError(errors)
  const offsetKey = { engine: (server ? sinkType(entries) : undefined) ?? settings.text('name'), server: settings.text('topic.prefix') }
  return {
    name: settings.text('name'),
    source: source(settings),
    format: isAvro(settings, 'value') ? { kind: 'avro', options: avroOptions(settings) } : { kind: 'json', options: jsonOptions(settings) },
    offsets: offsets(settings, offsetKey),
    offsetKey,
    sink: sink(settings),
    offsetFlush: { intervalMs: settings.isOneOf('offset.commit.policy', ALWAYS_POLICIES) ? 0 : settings.integer('offset.flush.interval.ms') },
    limits: { maxBatchEvents: settings.integer('max.batch.size') },
    retry: retry(settings),
    warnings,
  }
}

function judge(problems: readonly Problem[], lenient: boolean): { readonly warnings: TailraceError[]; readonly errors: readonly Problem[] } {
  return lenient ? separateTolerable(problems) : { warnings: [], errors: problems }
}

function source(settings: Settings): SourcePlan {
  const { connector } = settings
  return connector === 'postgresql' ? { kind: connector, options: postgresOptions(settings) } : { kind: connector, options: mysqlOptions(settings), history: historyPlan(settings) }
}

function sink(settings: Settings): Plan['sink'] {
  switch (settings.word('debezium.sink.type')) {
    case 'kafka':
      return { kind: 'kafka', options: kafkaSinkOptions(settings) }
    case 'kinesis':
      return { kind: 'kinesis', options: kinesisPlan(settings) }
    default:
      return { kind: 'stdout' }
  }
}

function offsets(settings: Settings, offsetKey: ConnectKey): Plan['offsets'] {
  if (settings.isOneOf('offset.storage', FILE_STORES)) return { kind: 'file', path: settings.text('offset.storage.file.filename') }
  return settings.isOneOf('offset.storage', KAFKA_STORES) ? { kind: 'kafka', options: kafkaOffsetsOptions(settings, offsetKey) } : { kind: 'memory' }
}

/** Debezium Server has no name; the topic prefix is what tells engines apart. */
function withName(entries: readonly Entry[]): readonly Entry[] {
  const prefix = entries.find((entry) => entry.name === 'topic.prefix')
  if (prefix === undefined || entries.some((entry) => entry.name === 'name')) return entries
  return [...entries, { ...prefix, name: 'name' }]
}

/** What Debezium Server names its engine, whatever the configuration says (DebeziumServer.populateEngineProperties). */
function sinkType(entries: readonly Entry[]): string | undefined {
  return entries.find((entry) => entry.name === 'debezium.sink.type')?.value
}

/** Debezium restarts its connector after one fixed time, and its engine with growing ones: here the first is the longest wait. */
function retry(settings: Settings): Plan['retry'] {
  const fixed = settings.given('retriable.restart.connector.wait.ms')
  const maxDelayMs = fixed === undefined ? settings.integer('errors.retry.delay.max.ms') : Number(fixed)
  const retries = settings.integer('errors.max.retries')
  return {
    initialDelayMs: Math.min(settings.integer('errors.retry.delay.initial.ms'), maxDelayMs),
    maxDelayMs,
    maxAttempts: retries < 0 ? Number.POSITIVE_INFINITY : retries,
  }
}

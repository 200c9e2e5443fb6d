import type { EngineOptions } from '../engine/options.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import { debeziumAvro } from '../format/avro/index.ts'
import { debeziumJson } from '../format/json/debezium-json.ts'
import { debeziumFileOffsets } from '../offset/debezium/debezium-file-offsets.ts'
import { kafkaOffsets } from '../offset/kafka/kafka-offsets.ts'
import { memoryOffsets } from '../offset/memory/memory-offsets.ts'
import type { OffsetStore } from '../offset/offset-store.ts'
import { fileSchemaHistory } from '../schema-history/file/file-history.ts'
import type { SchemaHistory } from '../schema-history/history.ts'
import { kafkaSchemaHistory } from '../schema-history/kafka/kafka-history.ts'
import { memorySchemaHistory } from '../schema-history/memory/memory-history.ts'
import { kafkaSink } from '../sink/kafka/kafka-sink.ts'
import { kinesisSink } from '../sink/kinesis/index.ts'
import type { Sink } from '../sink/sink.ts'
import { mariadb } from '../source/mariadb/index.ts'
import { mysql } from '../source/mysql/index.ts'
import { postgres } from '../source/postgres/index.ts'
import type { Source } from '../source/source.ts'
import type { HistoryPlan } from './mysql-options.ts'
import { planOf, type Plan, type SourcePlan } from './plan.ts'
import { readProperties, type DebeziumProperties } from './properties-file.ts'
import type { Environment } from './server-form.ts'

/** Options of {@link fromDebezium}. */
export interface FromDebeziumOptions {
  /** Unknown and unsupported properties become warnings and are left out. Default false. */
  readonly lenient?: boolean
  /** What `${NAME}` stands for in Debezium Server's configuration. Default `process.env`. */
  readonly environment?: Environment
  /** Gets the warnings that leniency makes of errors. */
  readonly onWarning?: (warning: TailraceError) => void
}

/** Everything that `createEngine` needs; a sink only where the configuration has one (`debezium.sink.type`). */
export type DebeziumEngineOptions = Required<Pick<EngineOptions, 'name' | 'source' | 'offsets' | 'format' | 'offsetFlush' | 'limits' | 'retry'>> & { readonly sink?: Sink }

/**
 * Reads a configuration that was written for Debezium's connector for PostgreSQL, MySQL or MariaDB: properties by name, the path of a .properties
 * file, or its text; the engine's names or Debezium Server's. docs/debezium.md lists what is supported. Errors:
 * TR_CONFIG_FILE; TR_CONFIG_INVALID, TR_CONFIG_UNKNOWN, TR_CONFIG_UNSUPPORTED, each naming every problem at once.
 */
export function fromDebezium(properties: DebeziumProperties, options: FromDebeziumOptions = {}): DebeziumEngineOptions {
  const plan = planOf(readProperties(properties), options.lenient ?? false, options.environment ?? process.env)
  for (const warning of plan.warnings) options.onWarning?.(warning)
  return carryOut(plan)
}

/** Makes what a plan says. Nothing is opened or touched yet. */
export function carryOut(plan: Plan): DebeziumEngineOptions {
  return {
    name: plan.name,
    source: sourceOf(plan.source),
    offsets: offsetsOf(plan),
    format: plan.format.kind === 'avro' ? debeziumAvro(plan.format.options) : debeziumJson(plan.format.options),
    offsetFlush: plan.offsetFlush,
    limits: plan.limits,
    retry: plan.retry,
    ...sinkOf(plan),
  }
}

function sourceOf(plan: SourcePlan): Source {
  if (plan.kind === 'postgresql') return postgres(plan.options)
  const options = { ...plan.options, history: historyOf(plan.history) }
  return plan.kind === 'mysql' ? mysql(options) : mariadb(options)
}

function historyOf(plan: HistoryPlan): SchemaHistory {
  switch (plan.kind) {
    case 'file':
      return fileSchemaHistory(plan.path)
    case 'kafka':
      return kafkaSchemaHistory(plan.options)
    case 'memory':
      return memorySchemaHistory()
  }
}

function sinkOf({ sink }: Plan): { readonly sink?: Sink } {
  switch (sink.kind) {
    case 'kafka':
      return { sink: kafkaSink(sink.options) }
    case 'kinesis':
      return { sink: kinesisSink(sink.options) }
    case 'stdout':
      return {}
  }
}

/** Where the plan keeps its offset. */
export function offsetsOf({ offsets, offsetKey, source }: Plan): OffsetStore {
  switch (offsets.kind) {
    case 'file':
      return debeziumFileOffsets(offsets.path, { name: offsetKey.engine, server: offsetKey.server, source: source.kind })
    case 'kafka':
      return kafkaOffsets(offsets.options)
    case 'memory':
      return memoryOffsets()
  }
}

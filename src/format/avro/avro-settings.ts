import type { HandlingModes } from '../../event/handling-mode.ts'
import { DEFAULT_HANDLING_MODES } from '../../event/handling-mode.ts'
import type { SourceNames } from '../../event/table.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { VERSION } from '../../version.ts'
import type { NameAdjustment } from '../name-adjustment.ts'
import { uuidV7 } from '../run-id.ts'
import type { DebeziumAvroOptions, SubjectNameStrategy } from './options.ts'

/** {@link DebeziumAvroOptions} with every default filled in. */
export interface AvroSettings {
  readonly names: SourceNames
  readonly topicDelimiter: string
  readonly transactionTopic: string
  readonly subjects: { readonly key: SubjectNameStrategy; readonly value: SubjectNameStrategy }
  readonly autoRegister: boolean
  readonly tombstones: boolean
  /** One object for all tables: codecs are kept by its identity. */
  readonly modes: HandlingModes
  readonly replaceNull: boolean
  readonly metaData: boolean
  readonly contextHeaders: boolean
  readonly keys: 'avro' | 'json'
  readonly schemas: { readonly key: boolean; readonly header: boolean }
  readonly schemaNames: NameAdjustment
  readonly fieldNames: NameAdjustment
  readonly runId: string
}

const STRATEGIES: readonly SubjectNameStrategy[] = ['topic', 'record', 'topic-record']
const ADJUSTMENTS: readonly NameAdjustment[] = ['none', 'avro', 'avro_unicode']

/** @throws TailraceError TR_CONFIG_INVALID that names every option that is wrong. */
export function settingsOf(options: DebeziumAvroOptions): AvroSettings {
  const { subjectNameStrategy: strategy = 'topic' } = options
  const subjects = typeof strategy === 'string' ? { key: strategy, value: strategy } : { key: 'topic' as const, value: 'topic' as const, ...strategy }
  const settings: AvroSettings = {
    names: { version: options.version ?? VERSION, logicalName: options.logicalName },
    topicDelimiter: options.topicDelimiter ?? '.',
    transactionTopic: options.transactionTopic ?? 'transaction',
    subjects,
    autoRegister: options.autoRegister ?? true,
    tombstones: options.tombstones ?? true,
    modes: { ...DEFAULT_HANDLING_MODES, ...options.modes },
    replaceNull: !(options.ignoreDefaultForNullables ?? false),
    metaData: options.connectMetaData ?? true,
    contextHeaders: options.contextHeaders ?? true,
    keys: options.keys ?? 'avro',
    schemas: { key: options.keySchemas ?? true, header: options.headerSchemas ?? true },
    schemaNames: options.schemaNameAdjustment ?? 'avro',
    fieldNames: options.fieldNameAdjustment ?? 'none',
    runId: options.runId ?? uuidV7(Date.now()),
  }
  const problems = [
    ...(options.logicalName === '' ? ['logicalName (topic.prefix) is empty'] : []),
    ...choice('subjectNameStrategy', [subjects.key, subjects.value], STRATEGIES),
    ...choice('keys', [settings.keys], ['avro', 'json']),
    ...choice('schemaNameAdjustment', [settings.schemaNames], ADJUSTMENTS),
    ...choice('fieldNameAdjustment', [settings.fieldNames], ADJUSTMENTS),
  ]
  if (problems.length > 0) throw new TailraceError('TR_CONFIG_INVALID', { message: problems.join('; '), where: { option: 'debeziumAvro' } })
  return settings
}

function choice<T extends string>(option: string, values: readonly T[], allowed: readonly T[]): string[] {
  return values.filter((value) => !allowed.includes(value)).map((value) => `${option} is "${value}", not one of ${allowed.join(', ')}`)
}

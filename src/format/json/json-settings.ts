import type { HandlingModes } from '../../event/handling-mode.ts'
import type { SourceNames } from '../../event/table.ts'
import type { NameAdjustment } from '../name-adjustment.ts'

/** {@link DebeziumJsonOptions} with every default filled in. */
export interface JsonSettings {
  readonly names: SourceNames
  readonly topicDelimiter: string
  readonly transactionTopic: string
  readonly schemas: { readonly key: boolean; readonly value: boolean; readonly header: boolean }
  readonly replaceNull: { readonly key: boolean; readonly value: boolean }
  readonly tombstones: boolean
  /** One object for all tables: codecs are kept by its identity. */
  readonly modes: HandlingModes
  readonly contextHeaders: boolean
  readonly schemaNames: NameAdjustment
  readonly fieldNames: NameAdjustment
  readonly runId: string
}

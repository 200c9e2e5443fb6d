import type { ChangeEvent, RowOperation } from '../../event/change-event.ts'
import { DEFAULT_HANDLING_MODES, type HandlingModes } from '../../event/handling-mode.ts'
import type { TableVersion } from '../../event/table.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { VERSION } from '../../version.ts'
import type { Format } from '../format.ts'
import type { RecordBatch } from '../record-batch.ts'
import { NO_FRAMING, type RecordFraming } from '../record-framing.ts'
import { connectorName, ContextHeaders } from '../../json/context-header.ts'
import { schemaClosing } from '../../json/json-layout.ts'
import type { JsonSettings } from './json-settings.ts'
import { JsonWriter } from '../../json/json-writer.ts'
import { MessageEncoder } from './message-encoder.ts'
import type { NameAdjustment } from '../name-adjustment.ts'
import { ProcessingTime } from './processing-time.ts'
import { uuidV7 } from '../run-id.ts'
import { SchemaChangeEncoder } from './schema-change-encoder.ts'
import { TableEncoder } from './table-encoder.ts'
import { TransactionEncoder } from './transaction-encoder.ts'

/** Options of {@link debeziumJson}. Defaults are Debezium's, and those of Kafka's JsonConverter. */
export interface DebeziumJsonOptions {
  /** `topic.prefix`: begins every destination, and is `source.name`. */
  readonly logicalName: string
  /** `topic.delimiter`, default `.`. */
  readonly topicDelimiter?: string
  /** `topic.transaction`, default `transaction`: the destination of transactions' beginnings and ends, behind prefix and delimiter. */
  readonly transactionTopic?: string
  /** `schemas.enable` of the key, value and header converters, each true by default: `{"schema":…,"payload":…}` instead of the bare value. */
  readonly schemasEnable?: { readonly key?: boolean; readonly value?: boolean; readonly header?: boolean }
  /** `replace.null.with.default` of the key and value converters, each true by default: the column's default is written in the place of NULL. */
  readonly replaceNullWithDefault?: { readonly key?: boolean; readonly value?: boolean }
  /** `tombstones.on.delete`, default true: after every delete a record with its key and no value. */
  readonly tombstones?: boolean
  /** Where Debezium leaves a choice of representation; what is left out is {@link DEFAULT_HANDLING_MODES}'. */
  readonly modes?: Partial<HandlingModes>
  /** `extended.headers.enabled`, default true: the `__debezium.context.*` headers. */
  readonly contextHeaders?: boolean
  /** `schema.name.adjustment.mode`, default none. */
  readonly schemaNameAdjustment?: NameAdjustment
  /** `field.name.adjustment.mode`, default none. */
  readonly fieldNameAdjustment?: NameAdjustment
  /** `source.version`, default this package's version. */
  readonly version?: string
  /** Header `__debezium.context.runId`, default a new UUID of version 7. */
  readonly runId?: string
}

/**
 * Debezium's change events as Kafka's JsonConverter writes them, byte for byte: envelope, key, tombstone, headers and destination.
 * @throws TailraceError TR_CONFIG_INVALID without a logical name. While encoding: TR_NAME_COLLISION where two columns get one name.
 */
export function debeziumJson(options: DebeziumJsonOptions): Format {
  if (options.logicalName === '') throw new TailraceError('TR_CONFIG_INVALID', { message: 'The logical name (topic.prefix) is empty', where: { option: 'logicalName' } })
  return new DebeziumJson(settingsOf(options))
}

function settingsOf(options: DebeziumJsonOptions): JsonSettings {
  return {
    names: { version: options.version ?? VERSION, logicalName: options.logicalName },
    topicDelimiter: options.topicDelimiter ?? '.',
    transactionTopic: options.transactionTopic ?? 'transaction',
    schemas: { key: true, value: true, header: true, ...options.schemasEnable },
    replaceNull: { key: true, value: true, ...options.replaceNullWithDefault },
    tombstones: options.tombstones ?? true,
    modes: { ...DEFAULT_HANDLING_MODES, ...options.modes },
    contextHeaders: options.contextHeaders ?? true,
    schemaNames: options.schemaNameAdjustment ?? 'none',
    fieldNames: options.fieldNameAdjustment ?? 'none',
    runId: options.runId ?? uuidV7(Date.now()),
  }
}

class DebeziumJson implements Format {
  private readonly settings: JsonSettings
  private readonly headers: ContextHeaders
  private readonly time: ProcessingTime
  private readonly writer = new JsonWriter()
  private tables = new WeakMap<TableVersion, TableEncoder>()
  private messages = new WeakMap<TableVersion, MessageEncoder>()
  private readonly schemaChanges = new Map<string, SchemaChangeEncoder>()
  private transactions: TransactionEncoder | undefined
  /** What the encoders were compiled with. */
  private framing: RecordFraming = NO_FRAMING
  /** Events come in runs of one table. */
  private lastTable: TableVersion | undefined
  private lastEncoder: TableEncoder | undefined

  constructor(settings: JsonSettings) {
    this.settings = settings
    this.headers = new ContextHeaders(settings)
    this.time = new ProcessingTime(`}${schemaClosing(settings.schemas.value)}`)
  }

  encode(event: ChangeEvent, into: RecordBatch, nowMicros: bigint): void {
    this.time.set(nowMicros)
    const { framing = NO_FRAMING } = into
    if (framing !== this.framing) this.reframe(framing)
    into.framed = into.framing !== undefined
    this.writer.begin(into)
    const { op, table, detail } = event
    if (detail !== undefined) this.encodeDetail(event, into, nowMicros)
    else (table === this.lastTable ? this.lastEncoder! : this.tableEncoder(table)).encode(event, op as RowOperation, into, this.writer, this.time)
    into.events++
  }

  prepare(table: TableVersion): void {
    this.tableEncoder(table)
  }

  private reframe(framing: RecordFraming): void {
    this.framing = framing
    this.tables = new WeakMap()
    this.messages = new WeakMap()
    this.schemaChanges.clear()
    this.transactions = undefined
    this.lastTable = this.lastEncoder = undefined
  }

  /** What is of no row. */
  private encodeDetail(event: ChangeEvent, into: RecordBatch, nowMicros: bigint): void {
    const { message, schemaChange, marker, table } = event
    if (message !== undefined) {
      let encoder = this.messages.get(table)
      if (encoder === undefined) this.messages.set(table, (encoder = new MessageEncoder(table, this.settings, this.framing)))
      encoder.encode(event, message, into, this.writer, this.time)
    } else if (marker !== undefined) {
      this.transactions ??= new TransactionEncoder(this.settings, this.framing)
      this.transactions.encode(event, marker, into, this.writer)
    } else if (schemaChange !== undefined) this.schemaChangeEncoder(table).encode(event, schemaChange, into, this.writer, nowMicros)
    else throw new TailraceError('TR_ENGINE_INVARIANT', { message: `An event ${event.op} has what belongs to another`, where: { event: event.id } })
  }

  /** One for each connector. */
  private schemaChangeEncoder(table: TableVersion): SchemaChangeEncoder {
    const { sourceLayout } = table
    let encoder = this.schemaChanges.get(sourceLayout.name)
    if (encoder === undefined) this.schemaChanges.set(sourceLayout.name, (encoder = new SchemaChangeEncoder(sourceLayout, this.headers.of(connectorName(table)), this.settings, this.framing)))
    return encoder
  }

  private tableEncoder(table: TableVersion): TableEncoder {
    let encoder = this.tables.get(table)
    if (encoder === undefined) {
      encoder = new TableEncoder(table, this.headers.of(connectorName(table)), this.settings, this.framing)
      this.tables.set(table, encoder)
    }
    this.lastTable = table
    this.lastEncoder = encoder
    return encoder
  }
}

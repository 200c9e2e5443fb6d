import type { ChangeEvent, RowOperation } from '../../event/change-event.ts'
import type { TableVersion } from '../../event/table.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { connectorName, ContextHeaders } from '../../json/context-header.ts'
import type { Format } from '../format.ts'
import type { RecordBatch } from '../record-batch.ts'
import { settingsOf, type AvroSettings } from './avro-settings.ts'
import { AvroWriter } from './avro-writer.ts'
import { MessageEncoder } from './message-encoder.ts'
import type { DebeziumAvroOptions } from './options.ts'
import { ProcessingTime } from './processing-time.ts'
import { Registrar } from './registrar.ts'
import type { Registrable } from './registration.ts'
import { registryClient } from './registry-client.ts'
import { SchemaChangeEncoder } from './schema-change-encoder.ts'
import { TableEncoder } from './table-encoder.ts'
import { TransactionEncoder } from './transaction-encoder.ts'

/**
 * Debezium's change events as Confluent's AvroConverter writes them: key and value in Avro with the id of their schema in front, the
 * schemas in a registry. For sinks that take records of any bytes. Needs the package `avsc`.
 * @throws TailraceError TR_CONFIG_INVALID for options that are not valid. When a table is met: TR_AVRO_NAME, TR_NAME_COLLISION. Before its first
 * event is written: TR_AVRO_REGISTRY, TR_AVRO_REGISTRY_AUTH, TR_AVRO_REGISTRY_TLS, TR_AVRO_REGISTRY_ANSWER, TR_AVRO_SCHEMA_MISSING,
 * TR_AVRO_SCHEMA_INVALID, TR_AVRO_INCOMPATIBLE. While encoding: TR_VALUE_CONVERSION.
 */
export function debeziumAvro(options: DebeziumAvroOptions): Format {
  const settings = settingsOf(options)
  return new DebeziumAvro(settings, new Registrar(registryClient(options.registry), settings.autoRegister))
}

class DebeziumAvro implements Format {
  private readonly settings: AvroSettings
  private readonly registrar: Registrar
  private readonly headers: ContextHeaders
  private readonly time = new ProcessingTime()
  private readonly writer = new AvroWriter()
  private readonly tables = new WeakMap<TableVersion, TableEncoder>()
  private readonly messages = new WeakMap<TableVersion, MessageEncoder>()
  private readonly schemaChanges = new Map<string, SchemaChangeEncoder>()
  private transactions: TransactionEncoder | undefined
  /** Events come in runs of one table. */
  private lastTable: TableVersion | undefined
  private lastEncoder: TableEncoder | undefined

  constructor(settings: AvroSettings, registrar: Registrar) {
    this.settings = settings
    this.registrar = registrar
    this.headers = new ContextHeaders(settings)
  }

  encode(event: ChangeEvent, into: RecordBatch, nowMicros: bigint): void {
    if (into.framing !== undefined) throw new TailraceError('TR_CONFIG_UNSUPPORTED', { message: 'The sink writes text around keys and values, and Avro is binary', where: { option: 'format' } })
    this.time.set(nowMicros)
    this.writer.begin(into)
    const { op, table } = event
    if (event.detail !== undefined) this.encodeDetail(event, into, nowMicros)
    else {
      const encoder = table === this.lastTable ? this.lastEncoder! : this.tableEncoder(table)
      ready(encoder).encode(event, op as RowOperation, into, this.writer, this.time)
    }
    into.events++
  }

  prepare(table: TableVersion): void {
    this.tableEncoder(table)
  }

  ready(events: readonly ChangeEvent[], signal: AbortSignal): Promise<void> | undefined {
    let last: TableVersion | undefined
    for (let index = 0; index < events.length; index++) {
      const event = events[index]!
      if (event.detail === undefined) {
        if (event.table === last) continue
        last = event.table
      }
      if (!this.encoderOf(event).registered) return this.register(events, index, signal)
    }
    return undefined
  }

  /** One after the other, in the order of their events: the first that fails is the first that cannot be written. */
  private async register(events: readonly ChangeEvent[], from: number, signal: AbortSignal): Promise<void> {
    for (let index = from; index < events.length; index++) {
      const event = events[index]!
      const encoder = this.encoderOf(event)
      if (!encoder.registered) await this.registrar.register(encoder, event, signal)
    }
  }

  private encoderOf(event: ChangeEvent): Registrable {
    const { table } = event
    switch (event.detail) {
      case undefined:
        return table === this.lastTable ? this.lastEncoder! : this.tableEncoder(table)
      case event.message:
        return this.messageEncoder(table)
      case event.marker:
        return this.transactionEncoder()
      default:
        return this.schemaChangeEncoder(table)
    }
  }

  /** What is of no row. */
  private encodeDetail(event: ChangeEvent, into: RecordBatch, nowMicros: bigint): void {
    const { message, schemaChange, marker, table } = event
    if (message !== undefined) ready(this.messageEncoder(table)).encode(event, message, into, this.writer, this.time)
    else if (marker !== undefined) ready(this.transactionEncoder()).encode(event, marker, into, this.writer)
    else if (schemaChange !== undefined) ready(this.schemaChangeEncoder(table)).encode(event, schemaChange, into, this.writer, nowMicros)
    else throw new TailraceError('TR_ENGINE_INVARIANT', { message: `An event ${event.op} has what belongs to another`, where: { event: event.id } })
  }

  private transactionEncoder(): TransactionEncoder {
    return (this.transactions ??= new TransactionEncoder(this.settings))
  }

  /** One for each connector. */
  private schemaChangeEncoder(table: TableVersion): SchemaChangeEncoder {
    const { sourceLayout } = table
    let encoder = this.schemaChanges.get(sourceLayout.name)
    if (encoder === undefined) this.schemaChanges.set(sourceLayout.name, (encoder = new SchemaChangeEncoder(sourceLayout, this.headers.of(connectorName(table)), this.settings)))
    return encoder
  }

  private messageEncoder(table: TableVersion): MessageEncoder {
    let encoder = this.messages.get(table)
    if (encoder === undefined) this.messages.set(table, (encoder = new MessageEncoder(table, this.settings)))
    return encoder
  }

  private tableEncoder(table: TableVersion): TableEncoder {
    let encoder = this.tables.get(table)
    if (encoder === undefined) {
      encoder = new TableEncoder(table, this.headers.of(connectorName(table)), this.settings)
      this.registrar.claim(encoder)
      this.tables.set(table, encoder)
    }
    this.lastTable = table
    this.lastEncoder = encoder
    return encoder
  }
}

function ready<Encoder extends Registrable>(encoder: Encoder): Encoder {
  if (!encoder.registered) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `The schema of ${encoder.label} was not asked for (Format.ready)` })
  return encoder
}

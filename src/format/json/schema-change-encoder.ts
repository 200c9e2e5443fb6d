import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent } from '../../event/change-event.ts'
import type { SchemaChange } from '../../event/table-definition.ts'
import type { SourceLayout } from '../../event/table.ts'
import { columnLayout, schemaClosing, schemaOpening, type JsonLayout } from '../../json/json-layout.ts'
import type { JsonWriter } from '../../json/json-writer.ts'
import { connectorPackage } from '../envelope-schema.ts'
import type { HeaderSet } from '../format.ts'
import type { RecordBatch } from '../record-batch.ts'
import type { RecordFraming } from '../record-framing.ts'
import { SCHEMA_CHANGE_FIELDS, SCHEMA_CHANGE_PARTITION, schemaChangeKeySchema, schemaChangeValueSchema, writeSchemaChange } from '../schema-change-record.ts'
import { schemaChangeTopic } from '../topic-name.ts'
import { FrameRuns } from './frame-runs.ts'
import type { JsonSettings } from './json-settings.ts'
import { SourceEncoder } from './source-encoder.ts'

/** Writes changes of the schema of one connector (Debezium's EventDispatcher.SchemaChangeEventReceiver): a destination of their own, of which the first partition has all. */
export class SchemaChangeEncoder {
  private readonly settings: JsonSettings
  private readonly headers: HeaderSet
  private readonly destination: string
  private readonly frame: FrameRuns
  private readonly opening: string
  private readonly keyOpening: ByteRun
  private readonly keyClosing: ByteRun
  private readonly rest: JsonLayout
  private readonly closing: ByteRun

  constructor(source: SourceLayout, headers: HeaderSet, settings: JsonSettings, framing: RecordFraming) {
    const { names, schemas, replaceNull } = settings
    this.settings = settings
    this.headers = headers
    this.destination = schemaChangeTopic(names.logicalName)
    const connector = connectorPackage(source)
    const frame = (this.frame = new FrameRuns(framing, this.destination, headers, SCHEMA_CHANGE_PARTITION))
    this.keyOpening = byteRun(`${frame.openingText}${schemaOpening(schemaChangeKeySchema(connector), schemas.key)}{"databaseName":`)
    this.keyClosing = byteRun(`}${schemaClosing(schemas.key)}`)
    this.opening = `${frame.middleText}${schemaOpening(schemaChangeValueSchema(connector, source), schemas.value)}{"source":{`
    this.rest = columnLayout(',', SCHEMA_CHANGE_FIELDS, replaceNull.value)
    this.closing = byteRun(`}${schemaClosing(schemas.value)}`)
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, change: SchemaChange, into: RecordBatch, writer: JsonWriter, nowMicros: bigint): void {
    const { frame, headers } = this
    const frameStart = writer.position
    writer.run(this.keyOpening)
    writer.string(change.database)
    writer.run(this.keyClosing)
    const keyEnd = writer.position
    // they are rare, and each is of a table of its own
    new SourceEncoder([this.opening], event.table.sourceLayout, this.settings.names, this.settings.replaceNull.value).write(0, event, writer)
    writer.use(this.rest)
    writeSchemaChange(change, nowMicros, writer)
    writer.run(this.closing)
    const end = writer.position
    writer.run(frame.closing(headers))
    writer.end()
    into.placed.set(into.count, SCHEMA_CHANGE_PARTITION)
    into.append(into.events, this.destination, frameStart + frame.openingLength, keyEnd, keyEnd + frame.middleLength, end, headers, frameStart, writer.position)
  }
}

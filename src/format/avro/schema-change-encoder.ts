import { EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent } from '../../event/change-event.ts'
import type { SchemaChange } from '../../event/table-definition.ts'
import type { SourceLayout } from '../../event/table.ts'
import { connectorPackage } from '../envelope-schema.ts'
import type { HeaderSet } from '../format.ts'
import type { RecordBatch } from '../record-batch.ts'
import { SCHEMA_CHANGE_FIELDS, SCHEMA_CHANGE_PARTITION, schemaChangeKeySchema, schemaChangeValueSchema, writeSchemaChange } from '../schema-change-record.ts'
import { schemaChangeTopic } from '../topic-name.ts'
import type { AvroNode } from './avro-node.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import { DetailKey } from './detail-key.ts'
import { fieldNode } from './field-node.ts'
import { wireHeader, type NamedSchema, type Registrable, type SchemaIds } from './registration.ts'
import { SourceEncoder } from './source-encoder.ts'
import { subjectName } from './subject-name.ts'

/** Writes changes of the schema of one connector (Debezium's EventDispatcher.SchemaChangeEventReceiver): a destination of their own, of which the first partition has all. */
export class SchemaChangeEncoder implements Registrable {
  readonly label = 'schema changes'
  readonly valueSchema: NamedSchema
  registered = false
  private readonly settings: AvroSettings
  private readonly headers: HeaderSet
  private readonly destination: string
  private readonly key: DetailKey
  private readonly nodes: readonly AvroNode[]
  private opening: ByteRun = EMPTY_RUN

  constructor(source: SourceLayout, headers: HeaderSet, settings: AvroSettings) {
    const { names, subjects, metaData, replaceNull } = settings
    this.settings = settings
    this.headers = headers
    this.destination = schemaChangeTopic(names.logicalName)
    const connector = connectorPackage(source)
    this.key = new DetailKey(schemaChangeKeySchema(connector), this.destination, settings)
    const schema = schemaChangeValueSchema(connector, source)
    const name = schema.name!
    this.valueSchema = { name, subject: subjectName(subjects.value, this.destination, 'value', name), text: avroSchema(schema, metaData) }
    this.nodes = SCHEMA_CHANGE_FIELDS.map((field) => fieldNode(field.schema, replaceNull, `schema change.${field.name}`))
  }

  get keySchema(): NamedSchema | undefined {
    return this.key.schema
  }

  register({ key, value }: SchemaIds): void {
    this.key.register(key)
    this.opening = wireHeader(value)
    this.registered = true
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, change: SchemaChange, into: RecordBatch, writer: AvroWriter, nowMicros: bigint): void {
    const keyStart = writer.position
    this.key.write(change.database, writer)
    const start = writer.position
    writer.run(this.opening)
    // they are rare, and each is of a table of its own
    new SourceEncoder(event.table.sourceLayout, this.settings.names, this.settings.replaceNull).write(event, writer)
    writer.use(this.nodes)
    writeSchemaChange(change, nowMicros, writer)
    writer.end()
    into.placed.set(into.count, SCHEMA_CHANGE_PARTITION)
    into.append(into.events, this.destination, keyStart, start, start, writer.position, this.headers)
  }
}

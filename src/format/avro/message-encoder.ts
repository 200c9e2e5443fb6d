import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent, LogicalMessage } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { TableVersion } from '../../event/table.ts'
import { NO_HEADERS } from '../../json/context-header.ts'
import { jsonText, schemaClosing, schemaOpening } from '../../json/json-layout.ts'
import { messageKeySchema, messageValueSchema } from '../envelope-schema.ts'
import { adjustSchemaName } from '../name-adjustment.ts'
import type { RecordBatch } from '../record-batch.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import type { ProcessingTime } from './processing-time.ts'
import { wireHeader, type NamedSchema, type Registrable, type SchemaIds } from './registration.ts'
import { SourceEncoder } from './source-encoder.ts'
import { subjectName } from './subject-name.ts'

const NULL = 0
const PRESENT = 2
const CONTENT: ByteRun = byteRun(Buffer.of(PRESENT))
/** `transaction` null, and the branch of the message's prefix. */
const AFTER_SOURCE: ByteRun = byteRun(Buffer.of(NULL, PRESENT))

/**
 * Writes logical messages (Debezium's LogicalDecodingMessageMonitor): a destination of their own, `<prefix>.message` whatever the
 * topic delimiter is, and no context headers.
 */
export class MessageEncoder implements Registrable {
  readonly label = 'logical messages'
  readonly keySchema: NamedSchema | undefined
  readonly valueSchema: NamedSchema
  registered = false
  private readonly destination: string
  private readonly source: SourceEncoder
  private readonly binary: HandlingModes['binary']
  private keyOpening: ByteRun = EMPTY_RUN
  /** Before and after the prefix, where keys are JSON. */
  private readonly jsonKey: { readonly opening: string; readonly closing: string } | undefined
  private opening: ByteRun = EMPTY_RUN

  constructor(table: TableVersion, settings: AvroSettings) {
    const { names, schemaNames, subjects, metaData } = settings
    this.destination = `${names.logicalName}.message`
    const source = table.sourceLayout
    this.binary = settings.modes.binary
    // The connector's package: io.debezium.connector.postgresql.Source gives io.debezium.connector.postgresql.MessageKey.
    const connector = source.name.slice(0, source.name.lastIndexOf('.') + 1)
    const name = (last: string): string => adjustSchemaName(connector + last, schemaNames)
    const [key, value] = [name('MessageKey'), name('MessageValue')]
    const contentType = this.binary === 'bytes' ? 'bytes' : 'string'
    if (settings.keys === 'json') this.jsonKey = { opening: `${schemaOpening(messageKeySchema(key), settings.schemas.key)}{"prefix":`, closing: `}${schemaClosing(settings.schemas.key)}` }
    else this.keySchema = { name: key, subject: subjectName(subjects.key, this.destination, 'key', key), text: avroSchema(messageKeySchema(key), metaData) }
    const text = avroSchema(messageValueSchema(value, name('Message'), contentType, source), metaData)
    this.valueSchema = { name: value, subject: subjectName(subjects.value, this.destination, 'value', value), text }
    this.source = new SourceEncoder(source, names, settings.replaceNull)
  }

  register({ key = 0, value }: SchemaIds): void {
    this.keyOpening = wireHeader(key, PRESENT)
    this.opening = wireHeader(value, 2, 'm'.charCodeAt(0))
    this.registered = true
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, message: LogicalMessage, into: RecordBatch, writer: AvroWriter, time: ProcessingTime): void {
    const keyStart = writer.position
    if (this.jsonKey !== undefined) writer.run(byteRun(`${this.jsonKey.opening}${jsonText(message.prefix)}${this.jsonKey.closing}`))
    else {
      writer.run(this.keyOpening)
      writer.string(message.prefix)
    }
    const start = writer.position
    writer.run(this.opening)
    writer.run(time.millis)
    this.source.write(event, writer)
    writer.run(AFTER_SOURCE)
    writer.string(message.prefix)
    writer.run(CONTENT)
    this.writeContent(message.content, writer)
    writer.end()
    into.append(into.events, this.destination, keyStart, start, start, writer.position, NO_HEADERS)
  }

  private writeContent(content: Buffer, writer: AvroWriter): void {
    switch (this.binary) {
      case 'hex':
        return writer.string(content.toString('hex'))
      case 'base64':
        return writer.string(content.toString('base64'))
      case 'base64-url-safe':
        // padded all the same, because Java's Base64.getUrlEncoder pads
        return writer.string(content.toString('base64').replaceAll('+', '-').replaceAll('/', '_'))
      case 'bytes':
        return writer.bytes(content, 0, content.length)
    }
  }
}

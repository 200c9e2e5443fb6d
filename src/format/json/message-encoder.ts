import type { ChangeEvent, LogicalMessage } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { SourceLayout, TableVersion } from '../../event/table.ts'
import type { RecordBatch } from '../record-batch.ts'
import { NO_HEADERS } from './context-header.ts'
import { messageKeySchema, messageValueSchema } from './envelope-schema.ts'
import { schemaClosing, schemaOpening, sourceJson } from './json-layout.ts'
import type { JsonSettings } from './json-settings.ts'
import type { JsonLayout, JsonWriter } from './json-writer.ts'
import { adjustSchemaName } from './name-adjustment.ts'
import type { ProcessingTime } from './processing-time.ts'

/**
 * Writes logical messages (Debezium's LogicalDecodingMessageMonitor): a destination of their own, `<prefix>.message` whatever the
 * topic delimiter is, and no context headers.
 */
export class MessageEncoder {
  private readonly destination: string
  private readonly source: SourceLayout
  private readonly binary: HandlingModes['binary']
  private readonly keyOpening: Buffer
  private readonly keyClosing: Buffer
  private readonly opening: Buffer
  private readonly sourceLayout: JsonLayout
  private readonly afterSource: Buffer
  private readonly closing: Buffer

  constructor(table: TableVersion, settings: JsonSettings) {
    const { names, schemas, schemaNames } = settings
    this.destination = `${names.logicalName}.message`
    this.source = table.sourceLayout
    this.binary = settings.modes.binary
    // The connector's package: io.debezium.connector.postgresql.Source gives io.debezium.connector.postgresql.MessageKey.
    const connector = this.source.name.slice(0, this.source.name.lastIndexOf('.') + 1)
    const name = (last: string): string => adjustSchemaName(connector + last, schemaNames)
    const contentType = this.binary === 'bytes' ? 'bytes' : 'string'
    const keyOpening = schemaOpening(messageKeySchema(name('MessageKey')), schemas.key)
    const valueOpening = schemaOpening(messageValueSchema(name('MessageValue'), name('Message'), contentType, this.source), schemas.value)
    const source = sourceJson(',"source":{', this.source, names, settings.replaceNull.value)
    this.keyOpening = Buffer.from(`${keyOpening}{"prefix":`)
    this.keyClosing = Buffer.from(`}${schemaClosing(schemas.key)}`)
    this.opening = Buffer.from(`${valueOpening}{"op":"m","ts_ms":`)
    this.sourceLayout = source.layout
    this.afterSource = Buffer.from(`${source.trail}},"transaction":null,"message":{"prefix":`)
    this.closing = Buffer.from(`}}${schemaClosing(schemas.value)}`)
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, message: LogicalMessage, into: RecordBatch, writer: JsonWriter, time: ProcessingTime): void {
    const keyStart = writer.position
    writer.run(this.keyOpening)
    writer.string(message.prefix)
    writer.run(this.keyClosing)
    const start = writer.position
    writer.run(this.opening)
    writer.run(time.millis)
    writer.use(this.sourceLayout)
    this.source.write(event, writer)
    writer.run(this.afterSource)
    writer.string(message.prefix)
    writer.run(CONTENT)
    this.writeContent(message.content, writer)
    writer.run(this.closing)
    writer.end()
    into.append(into.events, this.destination, keyStart, start, start, writer.position, NO_HEADERS)
  }

  private writeContent(content: Buffer, writer: JsonWriter): void {
    switch (this.binary) {
      case 'hex':
        return writer.hex(content, 0, content.length)
      case 'base64-url-safe':
        return writer.base64Url(content, 0, content.length)
      case 'bytes':
      case 'base64':
        return writer.bytes(content, 0, content.length)
    }
  }
}

const CONTENT: Buffer = Buffer.from(',"content":')

import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent, LogicalMessage } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { TableVersion } from '../../event/table.ts'
import { NO_HEADERS } from '../../json/context-header.ts'
import { connectorPackage, messageKeySchema, messageValueSchema } from '../envelope-schema.ts'
import { adjustSchemaName } from '../name-adjustment.ts'
import type { RecordBatch } from '../record-batch.ts'
import { messageTopic } from '../topic-name.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import { DetailKey } from './detail-key.ts'
import type { ProcessingTime } from './processing-time.ts'
import { wireHeader, type NamedSchema, type Registrable, type SchemaIds } from './registration.ts'
import { SourceEncoder } from './source-encoder.ts'
import { subjectName } from './subject-name.ts'
import { writeTransactionBlock } from './transaction-block.ts'

/** The branch of an optional field that is there. */
const PREFIX: ByteRun = byteRun(Buffer.of(2))
const CONTENT: ByteRun = PREFIX

/** Writes logical messages (Debezium's LogicalDecodingMessageMonitor): a destination of their own and no context headers. */
export class MessageEncoder implements Registrable {
  readonly label = 'logical messages'
  readonly valueSchema: NamedSchema
  registered = false
  private readonly destination: string
  private readonly source: SourceEncoder
  private readonly binary: HandlingModes['binary']
  private readonly key: DetailKey
  private opening: ByteRun = EMPTY_RUN

  constructor(table: TableVersion, settings: AvroSettings) {
    const { names, schemaNames, subjects, metaData } = settings
    this.destination = messageTopic(names.logicalName)
    const source = table.sourceLayout
    this.binary = settings.modes.binary
    const name = (last: string): string => adjustSchemaName(connectorPackage(source) + last, schemaNames)
    const value = name('MessageValue')
    const contentType = this.binary === 'bytes' ? 'bytes' : 'string'
    this.key = new DetailKey(messageKeySchema(name('MessageKey')), this.destination, settings)
    const text = avroSchema(messageValueSchema(value, name('Message'), contentType, source), metaData)
    this.valueSchema = { name: value, subject: subjectName(subjects.value, this.destination, 'value', value), text }
    this.source = new SourceEncoder(source, names, settings.replaceNull)
  }

  get keySchema(): NamedSchema | undefined {
    return this.key.schema
  }

  register({ key, value }: SchemaIds): void {
    this.key.register(key)
    this.opening = wireHeader(value, 2, 'm'.charCodeAt(0))
    this.registered = true
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, message: LogicalMessage, into: RecordBatch, writer: AvroWriter, time: ProcessingTime): void {
    const keyStart = writer.position
    this.key.write(message.prefix, writer)
    const start = writer.position
    writer.run(this.opening)
    writer.run(time.millis)
    this.source.write(event, writer)
    writeTransactionBlock(event.order, writer)
    writer.run(PREFIX)
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

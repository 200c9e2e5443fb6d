import type { ChangeEvent, LogicalMessage } from '../../event/change-event.ts'
import type { HandlingModes } from '../../event/handling-mode.ts'
import type { TableVersion } from '../../event/table.ts'
import type { RecordBatch } from '../record-batch.ts'
import type { RecordFraming } from '../record-framing.ts'
import { NO_HEADERS } from '../../json/context-header.ts'
import { connectorPackage, messageKeySchema, messageValueSchema } from '../envelope-schema.ts'
import { schemaClosing, schemaOpening } from '../../json/json-layout.ts'
import { FrameRuns } from './frame-runs.ts'
import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { JsonSettings } from './json-settings.ts'
import type { JsonWriter } from '../../json/json-writer.ts'
import { adjustSchemaName } from '../name-adjustment.ts'
import type { ProcessingTime } from './processing-time.ts'
import { SourceEncoder } from './source-encoder.ts'
import { messageTopic } from '../topic-name.ts'
import { writeTransactionBlock } from './transaction-block.ts'

/** Writes logical messages (Debezium's LogicalDecodingMessageMonitor): a destination of their own and no context headers. */
export class MessageEncoder {
  private readonly destination: string
  private readonly frame: FrameRuns
  private readonly source: SourceEncoder
  private readonly binary: HandlingModes['binary']
  private readonly keyOpening: ByteRun
  private readonly keyClosing: ByteRun
  private readonly opening: ByteRun
  private readonly closing: ByteRun

  constructor(table: TableVersion, settings: JsonSettings, framing: RecordFraming) {
    const { names, schemas, schemaNames } = settings
    this.destination = messageTopic(names.logicalName)
    const source = table.sourceLayout
    this.binary = settings.modes.binary
    const name = (last: string): string => adjustSchemaName(connectorPackage(source) + last, schemaNames)
    const contentType = this.binary === 'bytes' ? 'bytes' : 'string'
    const keyOpening = schemaOpening(messageKeySchema(name('MessageKey')), schemas.key)
    const valueOpening = schemaOpening(messageValueSchema(name('MessageValue'), name('Message'), contentType, source), schemas.value)
    this.source = new SourceEncoder([',"source":{'], source, names, settings.replaceNull.value)
    const frame = (this.frame = new FrameRuns(framing, this.destination, NO_HEADERS))
    this.keyOpening = byteRun(`${frame.openingText}${keyOpening}{"prefix":`)
    this.keyClosing = byteRun(`}${schemaClosing(schemas.key)}`)
    this.opening = byteRun(`${frame.middleText}${valueOpening}{"op":"m","ts_ms":`)
    this.closing = byteRun(`}}${schemaClosing(schemas.value)}`)
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, message: LogicalMessage, into: RecordBatch, writer: JsonWriter, time: ProcessingTime): void {
    const { frame } = this
    const frameStart = writer.position
    writer.run(this.keyOpening)
    writer.string(message.prefix)
    writer.run(this.keyClosing)
    const keyEnd = writer.position
    writer.run(this.opening)
    writer.run(time.millis)
    this.source.write(0, event, writer)
    if (event.order === undefined) writer.run(NO_TRANSACTION)
    else writeTransactionBlock(event.order, writer)
    writer.run(MESSAGE)
    writer.string(message.prefix)
    writer.run(CONTENT)
    this.writeContent(message.content, writer)
    writer.run(this.closing)
    const end = writer.position
    writer.run(frame.closing(NO_HEADERS))
    writer.end()
    into.append(
      into.events, this.destination, frameStart + frame.openingLength, keyEnd, keyEnd + frame.middleLength, end, NO_HEADERS, frameStart, writer.position,
    )
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

const NO_TRANSACTION: ByteRun = byteRun(',"transaction":null')
const MESSAGE: ByteRun = byteRun(',"message":{"prefix":')
const CONTENT: ByteRun = byteRun(',"content":')

import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent } from '../../event/change-event.ts'
import type { TransactionMarker } from '../../event/transaction.ts'
import { NO_HEADERS } from '../../json/context-header.ts'
import { columnLayout, schemaClosing, schemaOpening, type JsonLayout } from '../../json/json-layout.ts'
import type { JsonWriter } from '../../json/json-writer.ts'
import type { RecordBatch } from '../record-batch.ts'
import type { RecordFraming } from '../record-framing.ts'
import { transactionTopic } from '../topic-name.ts'
import { TRANSACTION_FIELDS, TRANSACTION_KEY_SCHEMA, TRANSACTION_VALUE_SCHEMA, writeTransaction } from '../transaction-record.ts'
import { FrameRuns } from './frame-runs.ts'
import type { JsonSettings } from './json-settings.ts'

/** Writes transactions' beginnings and ends (Debezium's TransactionMonitor): a destination of their own and no context headers. */
export class TransactionEncoder {
  private readonly destination: string
  private readonly logicalName: string
  private readonly frame: FrameRuns
  private readonly keyOpening: ByteRun
  private readonly keyClosing: ByteRun
  private readonly value: JsonLayout
  private readonly closing: ByteRun

  constructor({ names, topicDelimiter, transactionTopic: topic, schemas, replaceNull }: JsonSettings, framing: RecordFraming) {
    this.destination = transactionTopic(names.logicalName, topicDelimiter, topic)
    this.logicalName = names.logicalName
    const frame = (this.frame = new FrameRuns(framing, this.destination, NO_HEADERS))
    this.keyOpening = byteRun(`${frame.openingText}${schemaOpening(TRANSACTION_KEY_SCHEMA, schemas.key)}{"id":`)
    this.keyClosing = byteRun(`}${schemaClosing(schemas.key)}`)
    this.value = columnLayout(`${frame.middleText}${schemaOpening(TRANSACTION_VALUE_SCHEMA, schemas.value)}{`, TRANSACTION_FIELDS, replaceNull.value)
    this.closing = byteRun(`}${schemaClosing(schemas.value)}`)
  }

  /** Appends the event's record. */
  encode(event: ChangeEvent, marker: TransactionMarker, into: RecordBatch, writer: JsonWriter): void {
    const { frame } = this
    const frameStart = writer.position
    writer.run(this.keyOpening)
    writer.string(marker.id)
    writer.run(this.keyClosing)
    const keyEnd = writer.position
    writer.use(this.value)
    writeTransaction(marker, event.transaction, this.logicalName, writer)
    writer.run(this.closing)
    const end = writer.position
    writer.run(frame.closing(NO_HEADERS))
    writer.end()
    into.append(into.events, this.destination, frameStart + frame.openingLength, keyEnd, keyEnd + frame.middleLength, end, NO_HEADERS, frameStart, writer.position)
  }
}

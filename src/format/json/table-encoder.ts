import type { ChangeEvent, RowOperation } from '../../event/change-event.ts'
import type { RowImage, RowCodec, TableVersion } from '../../event/table.ts'
import type { HeaderSet } from '../format.ts'
import { ABSENT, type RecordBatch } from '../record-batch.ts'
import type { RecordFraming } from '../record-framing.ts'
import { envelopeSchema, keySchema } from '../envelope-schema.ts'
import { columnLayout, schemaClosing, schemaOpening, type JsonLayout } from '../../json/json-layout.ts'
import { byteRun, type ByteRun } from '../../byte/byte-run.ts'
import { FrameRuns } from './frame-runs.ts'
import type { JsonSettings } from './json-settings.ts'
import type { JsonWriter } from '../../json/json-writer.ts'
import { adjustFields, adjustSchemaName } from '../name-adjustment.ts'
import type { ProcessingTime } from './processing-time.ts'
import { RowEnding } from './row-ending.ts'
import { SourceEncoder } from './source-encoder.ts'
import { topicName } from '../topic-name.ts'
import { writeTransactionBlock } from './transaction-block.ts'

interface KeyJson {
  readonly layout: JsonLayout
  readonly closing: ByteRun
}

/** From the end of `source`, or of `transaction`, to the processing time. */
const CLOSINGS = closings(',"transaction":null')
const ORDERED_CLOSINGS = closings('')

function closings(before: string): Readonly<Record<RowOperation, ByteRun>> {
  const closing = (op: RowOperation): ByteRun => byteRun(`${before},"op":"${op}","ts_ms":`)
  return { c: closing('c'), u: closing('u'), d: closing('d'), r: closing('r'), t: closing('t') }
}

/** What `source` follows: an `after`, a `before` alone, or neither. */
const BEHIND_AFTER = 0
const BEHIND_BEFORE = 1
const BEHIND_NEITHER = 2

/** Writes the records of one table version: everything that does not change is prepared as runs of bytes. */
export class TableEncoder {
  private readonly destination: string
  private readonly codec: RowCodec
  private readonly source: SourceEncoder
  private readonly tombstones: boolean
  private readonly headers: HeaderSet
  private readonly frame: FrameRuns
  private readonly key: KeyJson | undefined
  private readonly headerKey: KeyJson | undefined
  /** `before` at the beginning of a value, `after` at the beginning, and `after` behind a `before`. */
  private readonly before: JsonLayout
  private readonly after: JsonLayout
  private readonly nextAfter: JsonLayout
  /** Of a snapshot's row, from the columns' end on: all of its `source` is the same for the rows of a batch (SourceLayout). */
  private readonly snapshotEnding = new RowEnding()
  /** Of a streamed row, from the last field of `source` that is its own on. */
  private readonly streamEnding = new RowEnding()

  constructor(table: TableVersion, headers: HeaderSet, settings: JsonSettings, framing: RecordFraming) {
    const { names, schemas, replaceNull, schemaNames } = settings
    const label = `${table.schema}.${table.name}`
    this.destination = topicName(names.logicalName, settings.topicDelimiter, table.schema, table.name)
    this.codec = table.codec(settings.modes)
    this.tombstones = settings.tombstones
    this.headers = headers
    const frame = (this.frame = new FrameRuns(framing, this.destination, headers))

    const schemaName = (part: string): string => adjustSchemaName(`${this.destination}.${part}`, schemaNames)
    if (this.codec.keyFields !== undefined) {
      const fields = adjustFields(this.codec.keyFields, settings.fieldNames, label)
      const schema = keySchema(schemaName('Key'), fields)
      const keyJson = (enabled: boolean, opening: string): KeyJson => ({
        layout: columnLayout(`${opening}${schemaOpening(schema, enabled)}{`, fields, replaceNull.key),
        closing: byteRun(`}${schemaClosing(enabled)}`),
      })
      this.key = keyJson(schemas.key, frame.openingText)
      this.headerKey = keyJson(schemas.header, '')
    }

    const fields = adjustFields(this.codec.fields, settings.fieldNames, label)
    const schema = envelopeSchema(schemaName('Envelope'), schemaName('Value'), fields, table.sourceLayout)
    const opening = `${frame.middleText}${schemaOpening(schema, schemas.value)}{"before":`
    this.before = columnLayout(`${opening}{`, fields, replaceNull.value)
    this.after = columnLayout(`${opening}null,"after":{`, fields, replaceNull.value)
    this.nextAfter = columnLayout('},"after":{', fields, replaceNull.value)
    const leads = ['},"source":{', '},"after":null,"source":{', `${opening}null,"after":null,"source":{`]
    this.source = new SourceEncoder(leads, table.sourceLayout, names, replaceNull.value)
  }

  /** Appends the event's record, and the tombstone of a delete. */
  encode(event: ChangeEvent, op: RowOperation, into: RecordBatch, writer: JsonWriter, time: ProcessingTime): void {
    const keyImage = op === 't' ? undefined : event.keyImage
    const { frame } = this
    const headers = event.otherKeyImage === undefined ? this.headers : this.keyUpdateHeaders(op, event.otherKeyImage, writer)
    const frameStart = writer.position
    let keyStart = ABSENT
    let keyEnd = ABSENT
    if (this.key !== undefined && keyImage !== undefined) {
      keyStart = frameStart + frame.openingLength
      this.writeKey(this.key, keyImage, writer)
      keyEnd = writer.position
    } else writer.run(frame.noKey)
    const start = writer.position + frame.middleLength
    const lead = this.writeRows(event.beforeImage, event.afterImage, writer)
    const end = op === 'r' ? this.endSnapshotRow(lead, event, headers, writer, time) : this.endRow(lead, event, op, headers, writer, time)
    const frameEnd = writer.position
    into.append(into.events, this.destination, keyStart, keyEnd, start, end, headers, frameStart, frameEnd)
    if (op === 'd' && this.tombstones) {
      if (into.framed) frame.writeTombstone(keyStart, keyEnd, headers, writer)
      into.append(into.events, this.destination, keyStart, keyEnd, ABSENT, ABSENT, headers, frameEnd, writer.position)
    }
    writer.end()
  }

  /** Writes all that follows the columns of a snapshot's row; returns where the value ends. */
  private endSnapshotRow(lead: number, event: ChangeEvent, headers: HeaderSet, writer: JsonWriter, time: ProcessingTime): number {
    const { snapshotEnding } = this
    if (snapshotEnding.fits(event.transaction, event.snapshot, time.tail)) return snapshotEnding.write(writer)
    const { position: start } = writer
    const end = this.endRow(lead, event, 'r', headers, writer, time)
    snapshotEnding.keep(event.transaction, event.snapshot, time.tail, start, end, writer)
    return end
  }

  /** The same of any row: `source`, processing time, headers. */
  private endRow(lead: number, event: ChangeEvent, op: RowOperation, headers: HeaderSet, writer: JsonWriter, time: ProcessingTime): number {
    const { streamEnding } = this
    const trail = this.source.begin(lead, event, writer)
    const plain = event.order === undefined && headers === this.headers
    if (plain && streamEnding.fits(trail, op, time.tail)) return streamEnding.write(writer)
    const { position: start } = writer
    writer.run(trail)
    if (event.order === undefined) writer.run(CLOSINGS[op])
    else {
      writeTransactionBlock(event.order, writer)
      writer.run(ORDERED_CLOSINGS[op])
    }
    writer.run(time.tail)
    const { position: end } = writer
    writer.run(this.frame.closing(headers))
    if (plain) streamEnding.keep(trail, op, time.tail, start, end, writer)
    return end
  }

  /** Rows, and the names before them; returns what `source` follows. */
  private writeRows(before: RowImage | undefined, after: RowImage | undefined, writer: JsonWriter): number {
    if (before !== undefined) {
      writer.use(this.before)
      this.codec.write(before, writer)
    }
    if (after === undefined) return before === undefined ? BEHIND_NEITHER : BEHIND_BEFORE
    writer.use(before === undefined ? this.after : this.nextAfter)
    this.codec.write(after, writer)
    return BEHIND_AFTER
  }

  private writeKey(key: KeyJson, image: RowImage, writer: JsonWriter): void {
    writer.use(key.layout)
    this.codec.writeKey(image, writer)
    writer.run(key.closing)
  }

  /** Both events of a key update name the other's key, in front of the other headers (RelationalChangeRecordEmitter). */
  private keyUpdateHeaders(op: RowOperation, other: RowImage, writer: JsonWriter): HeaderSet {
    if (this.headerKey === undefined) return this.headers
    const start = writer.position
    this.writeKey(this.headerKey, other, writer)
    return [{ name: op === 'd' ? '__debezium.newkey' : '__debezium.oldkey', value: writer.take(start) }, ...this.headers]
  }
}

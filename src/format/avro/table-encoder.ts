import { byteRun, EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent, RowOperation } from '../../event/change-event.ts'
import type { Field } from '../../event/schema.ts'
import type { RowCodec, RowImage, TableVersion } from '../../event/table.ts'
import { envelopeSchema, keySchema } from '../envelope-schema.ts'
import type { HeaderSet } from '../format.ts'
import { adjustFields, adjustSchemaName } from '../name-adjustment.ts'
import { ABSENT, type RecordBatch } from '../record-batch.ts'
import { topicName } from '../topic-name.ts'
import { checkFieldNames, checkSchemaName } from './avro-name.ts'
import type { AvroNode } from './avro-node.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import { fieldNode } from './field-node.ts'
import { KeyHeader } from './key-header.ts'
import type { ProcessingTime } from './processing-time.ts'
import { wireHeader, type NamedSchema, type Registrable, type SchemaIds } from './registration.ts'
import { SourceEncoder } from './source-encoder.ts'
import { subjectName } from './subject-name.ts'
import { writeTransactionBlock } from './transaction-block.ts'

/** The branches of an optional record. */
const NULL = 0
const PRESENT = 2
const AFTER: ByteRun = byteRun(Buffer.of(PRESENT))
const NO_AFTER: ByteRun = byteRun(Buffer.of(NULL))

/** `transaction` null, and `op`, a text of one letter; and `op` alone. */
const CLOSINGS = closings(NULL)
const ORDERED_CLOSINGS = closings()

function closings(...before: number[]): Readonly<Record<RowOperation, ByteRun>> {
  const closing = (op: RowOperation): ByteRun => byteRun(Buffer.from([...before, 2, op.charCodeAt(0)]))
  return { c: closing('c'), u: closing('u'), d: closing('d'), r: closing('r'), t: closing('t') }
}

/** Writes the records of one table version: what does not change is prepared as runs of bytes. */
export class TableEncoder implements Registrable {
  readonly label: string
  readonly keySchema: NamedSchema | undefined
  readonly valueSchema: NamedSchema
  registered = false
  private readonly destination: string
  private readonly codec: RowCodec
  private readonly source: SourceEncoder
  private readonly tombstones: boolean
  private readonly headers: HeaderSet
  private readonly keyHeader: KeyHeader | undefined
  /** Where keys are not Avro. */
  private readonly jsonKey: KeyHeader | undefined
  private readonly keyNodes: readonly AvroNode[]
  private readonly rowNodes: readonly AvroNode[]
  private keyOpening: ByteRun = EMPTY_RUN
  /** Up to `before`'s first column, `after`'s first column, and `source`. */
  private before: ByteRun = EMPTY_RUN
  private after: ByteRun = EMPTY_RUN
  private neither: ByteRun = EMPTY_RUN

  constructor(table: TableVersion, headers: HeaderSet, settings: AvroSettings) {
    const { names, metaData, replaceNull, schemaNames, subjects } = settings
    this.label = `${table.schema}.${table.name}`
    this.destination = topicName(names.logicalName, settings.topicDelimiter, table.schema, table.name)
    this.codec = table.codec(settings.modes)
    this.tombstones = settings.tombstones
    this.headers = headers
    const name = (part: string): string => {
      const adjusted = adjustSchemaName(`${this.destination}.${part}`, schemaNames)
      checkSchemaName(adjusted, schemaNames !== 'none', this.label)
      return adjusted
    }
    const fieldsOf = (fields: readonly Field[]): readonly Field[] => {
      const adjusted = adjustFields(fields, settings.fieldNames, this.label)
      checkFieldNames(adjusted, this.label)
      return adjusted
    }
    const nodesOf = (fields: readonly Field[]): AvroNode[] => fields.map((field) => fieldNode(field.schema, replaceNull, `${this.label}.${field.name}`))

    const keyFields = this.codec.keyFields === undefined ? undefined : fieldsOf(this.codec.keyFields)
    const keyName = name('Key')
    this.keyNodes = nodesOf(keyFields ?? [])
    if (keyFields !== undefined) {
      if (settings.keys === 'json') this.jsonKey = new KeyHeader(this.codec, keyName, keyFields, settings.schemas.key)
      else this.keySchema = { name: keyName, subject: subjectName(subjects.key, this.destination, 'key', keyName), text: avroSchema(keySchema(keyName, keyFields), metaData) }
      this.keyHeader = new KeyHeader(this.codec, keyName, keyFields, settings.schemas.header)
    }
    const fields = fieldsOf(this.codec.fields)
    const envelope = name('Envelope')
    this.rowNodes = nodesOf(fields)
    const schema = envelopeSchema(envelope, name('Value'), fields, table.sourceLayout)
    this.valueSchema = { name: envelope, subject: subjectName(subjects.value, this.destination, 'value', envelope), text: avroSchema(schema, metaData) }
    this.source = new SourceEncoder(table.sourceLayout, names, replaceNull)
  }

  register({ key, value }: SchemaIds): void {
    if (key !== undefined) this.keyOpening = wireHeader(key)
    this.before = wireHeader(value, PRESENT)
    this.after = wireHeader(value, NULL, PRESENT)
    this.neither = wireHeader(value, NULL, NULL)
    this.registered = true
  }

  /** Appends the event's record, and the tombstone of a delete. */
  encode(event: ChangeEvent, op: RowOperation, into: RecordBatch, writer: AvroWriter, time: ProcessingTime): void {
    const keyImage = op === 't' || this.keyHeader === undefined ? undefined : event.keyImage
    let keyStart = ABSENT
    let keyEnd = ABSENT
    if (keyImage !== undefined) {
      keyStart = writer.position
      if (this.jsonKey !== undefined) writer.run(byteRun(this.jsonKey.encode(keyImage)))
      else {
        writer.run(this.keyOpening)
        writer.use(this.keyNodes)
        this.codec.writeKey(keyImage, writer)
      }
      keyEnd = writer.position
    }
    const start = writer.position
    this.writeRows(event.beforeImage, event.afterImage, writer)
    this.source.write(event, writer)
    if (event.order === undefined) writer.run(CLOSINGS[op])
    else {
      writeTransactionBlock(event.order, writer)
      writer.run(ORDERED_CLOSINGS[op])
    }
    writer.run(time.tail)
    const end = writer.position
    writer.end()
    const headers = event.otherKeyImage === undefined ? this.headers : this.keyUpdateHeaders(op, event.otherKeyImage)
    into.append(into.events, this.destination, keyStart, keyEnd, start, end, headers)
    if (op === 'd' && this.tombstones) into.append(into.events, this.destination, keyStart, keyEnd, ABSENT, ABSENT, headers)
  }

  private writeRows(before: RowImage | undefined, after: RowImage | undefined, writer: AvroWriter): void {
    if (before !== undefined) {
      writer.run(this.before)
      writer.use(this.rowNodes)
      this.codec.write(before, writer)
      if (after === undefined) return writer.run(NO_AFTER)
      writer.run(AFTER)
    } else {
      if (after === undefined) return writer.run(this.neither)
      writer.run(this.after)
      writer.use(this.rowNodes)
    }
    this.codec.write(after, writer)
  }

  /** Both events of a key update name the other's key, in front of the other headers (RelationalChangeRecordEmitter). */
  private keyUpdateHeaders(op: RowOperation, other: RowImage): HeaderSet {
    if (this.keyHeader === undefined) return this.headers
    return [{ name: op === 'd' ? '__debezium.newkey' : '__debezium.oldkey', value: this.keyHeader.encode(other) }, ...this.headers]
  }
}

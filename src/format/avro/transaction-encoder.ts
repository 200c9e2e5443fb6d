import { EMPTY_RUN, type ByteRun } from '../../byte/byte-run.ts'
import type { ChangeEvent } from '../../event/change-event.ts'
import type { TransactionMarker } from '../../event/transaction.ts'
import { NO_HEADERS } from '../../json/context-header.ts'
import type { RecordBatch } from '../record-batch.ts'
import { transactionTopic } from '../topic-name.ts'
import { TRANSACTION_FIELDS, TRANSACTION_KEY_SCHEMA, TRANSACTION_VALUE_SCHEMA, writeTransaction } from '../transaction-record.ts'
import type { AvroNode } from './avro-node.ts'
import { avroSchema } from './avro-schema.ts'
import type { AvroSettings } from './avro-settings.ts'
import type { AvroWriter } from './avro-writer.ts'
import { DetailKey } from './detail-key.ts'
import { fieldNode } from './field-node.ts'
import { wireHeader, type NamedSchema, type Registrable, type SchemaIds } from './registration.ts'
import { subjectName } from './subject-name.ts'

/** Writes transactions' beginnings and ends (Debezium's TransactionMonitor): a destination of their own and no context headers. */
export class TransactionEncoder implements Registrable {
  readonly label = 'transactions'
  readonly valueSchema: NamedSchema
  registered = false
  private readonly destination: string
  private readonly logicalName: string
  private readonly key: DetailKey
  private readonly nodes: readonly AvroNode[]
  private opening: ByteRun = EMPTY_RUN

  constructor(settings: AvroSettings) {
    const { names, topicDelimiter, transactionTopic: topic, subjects, metaData, replaceNull } = settings
    this.destination = transactionTopic(names.logicalName, topicDelimiter, topic)
    this.logicalName = names.logicalName
    this.key = new DetailKey(TRANSACTION_KEY_SCHEMA, this.destination, settings)
    const name = TRANSACTION_VALUE_SCHEMA.name!
    this.valueSchema = { name, subject: subjectName(subjects.value, this.destination, 'value', name), text: avroSchema(TRANSACTION_VALUE_SCHEMA, metaData) }
    this.nodes = TRANSACTION_FIELDS.map((field) => fieldNode(field.schema, replaceNull, `transaction.${field.name}`))
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
  encode(event: ChangeEvent, marker: TransactionMarker, into: RecordBatch, writer: AvroWriter): void {
    const keyStart = writer.position
    this.key.write(marker.id, writer)
    const start = writer.position
    writer.run(this.opening)
    writer.use(this.nodes)
    writeTransaction(marker, event.transaction, this.logicalName, writer)
    writer.end()
    into.append(into.events, this.destination, keyStart, start, start, writer.position, NO_HEADERS)
  }
}

import { TailraceError } from '../../error/tailrace-error.ts'
import { OFFSET_RECORDS, type OffsetRecords } from '../../kafka/offset-records.ts'
import type { OffsetStore, StoredOffset } from '../../offset/offset-store.ts'
import type { KafkaSinkOptions } from './options.ts'
import type { Outbox } from './outbox.ts'

/** Offsets that the sink stores with its records: what was handed to it with a batch is stored once its outbox is empty. */
export class JoinedOffsets implements OffsetStore {
  readonly records: OffsetRecords
  #stored: StoredOffset | undefined
  #outbox: Outbox | undefined

  constructor(records: OffsetRecords) {
    this.records = records
  }

  /** The sink is open: this was stored, and there it goes on. */
  attach(stored: StoredOffset | undefined, outbox: Outbox): void {
    this.#stored = stored
    this.#outbox = outbox
  }

  async load(): Promise<StoredOffset | undefined> {
    return this.#stored
  }

  async save(): Promise<void> {
    await this.#outbox?.flush(new AbortController().signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The topic behind a store. Errors: TR_CONFIG_INVALID, for a store that is elsewhere. */
export function offsetRecordsOf(offsets: OffsetStore, { brokers }: KafkaSinkOptions): OffsetRecords {
  const make = (offsets as { readonly [OFFSET_RECORDS]?: () => OffsetRecords })[OFFSET_RECORDS]
  if (make === undefined) throw new TailraceError('TR_CONFIG_INVALID', { message: 'exactlyOnce needs offsets in Kafka: kafkaOffsets(…)', where: { option: 'exactlyOnce' } })
  const records = make.call(offsets)
  if (records.connection.brokers.join() !== brokers.join()) throw new TailraceError('TR_CONFIG_INVALID', { message: 'exactlyOnce needs offsets on the same brokers as the records', where: { option: 'exactlyOnce' } })
  return records
}

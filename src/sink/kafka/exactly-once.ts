import { randomUUID } from 'node:crypto'
import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { Accumulator } from '../../kafka/accumulator.ts'
import { Backoff } from '../../kafka/backoff.ts'
import type { KafkaClient, KafkaProducer } from '../../kafka/client.ts'
import type { Codec } from '../../kafka/compression.ts'
import type { OffsetRecord, OffsetRecords } from '../../kafka/offset-records.ts'
import type { PartitionBatch } from '../../kafka/partition-batch.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'
import type { SinkContext } from '../sink.ts'
import { sameOffset } from './same-offset.ts'
import { Waiting, type Outbox } from './outbox.ts'

export interface ExactlyOnceOptions {
  readonly batchBytes: number
  readonly maxBufferedBytes: number
  readonly deliveryTimeoutMs: number
  readonly codec: Codec | undefined
}

/**
 * Records and offset in one transaction. One transaction is under way at a time; what comes meanwhile is the next one. Where its
 * outcome is unknown, the producer is made anew, which ends it, and the offset's record says whether it was committed: nothing is guessed.
 */
export class ExactlyOnce implements Outbox {
  readonly records: Accumulator
  readonly #client: KafkaClient
  readonly #producer: KafkaProducer
  readonly #offsets: OffsetRecords
  readonly #context: SinkContext
  readonly #options: ExactlyOnceOptions
  readonly #waiting = new Waiting()
  readonly #closing = new AbortController()
  readonly #backoff: Backoff
  readonly #instance = randomUUID()
  #transactions = 0
  /** The newest offset that was handed over, and what is stored. */
  #next: StoredOffset | undefined
  #stored: OffsetRecord | undefined
  #bytes = 0
  #running = false
  /** Hand-overs so far, and how many of them are committed. */
  #given = 0
  #committed = 0

  constructor(client: KafkaClient, producer: KafkaProducer, offsets: OffsetRecords, stored: OffsetRecord | undefined, context: SinkContext, options: ExactlyOnceOptions) {
    this.#client = client
    this.#producer = producer
    this.#offsets = offsets
    this.#stored = stored
    this.#context = context
    this.#options = options
    this.#backoff = new Backoff(context, options.deliveryTimeoutMs)
    this.records = new Accumulator(options.batchBytes)
  }

  dispatch(offset: StoredOffset | undefined): void {
    this.#next = offset
    this.#given++
    if (!this.#running && this.#waiting.failure === undefined) void this.#run()
  }

  async room(signal: AbortSignal): Promise<void> {
    await this.#waiting.until(() => this.#bytes + this.records.bytes <= this.#options.maxBufferedBytes, signal)
  }

  async flush(signal: AbortSignal): Promise<void> {
    const last = this.#given
    await this.#waiting.until(() => this.#committed >= last, signal)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#producer[Symbol.asyncDispose]()
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#given > this.#committed) {
        const given = this.#given
        const next = { offset: this.#next!, transaction: `${this.#instance}:${++this.#transactions}` }
        this.#bytes = this.records.bytes
        const batches = this.#take(next)
        this.#context.reach('kafka.transaction-before')
        await this.#commit(batches, next)
        this.#context.reach('kafka.transaction-after')
        this.records.recycle(batches)
        this.#stored = next
        this.#committed = given
        this.#bytes = 0
        this.#waiting.look()
      }
    } catch (error) {
      this.#waiting.fail(error as Error)
    } finally {
      this.#running = false
    }
  }

  #take({ offset, transaction }: OffsetRecord): PartitionBatch[] {
    const batches = this.records.take()
    const own = new Accumulator(this.#options.batchBytes)
    this.#offsets.append(own, offset, Number(this.#context.clock.nowMicros() / 1000n), transaction)
    const { codec } = this.#options
    if (codec !== undefined) for (const batch of batches) batch.compress(codec)
    return [...batches, ...own.take()]
  }

  async #commit(batches: readonly PartitionBatch[], next: OffsetRecord): Promise<void> {
    for (;;) {
      try {
        await this.#producer.transact(batches)
        this.#backoff.succeeded()
        return
      } catch (error) {
        const failure = error as TailraceError
        if (this.#closing.signal.aborted || !isOpen(failure)) throw failure
        const delayMs = this.#backoff.next(failure)
        if (delayMs === undefined) throw new TailraceError('TR_KAFKA_UNAVAILABLE', { message: `Kafka committed nothing for ${this.#options.deliveryTimeoutMs} ms`, cause: failure })
        this.#context.reach('kafka.transaction-unknown')
        await pause(delayMs, this.#context.clock, this.#closing.signal)
        // which fails where another instance has the transactional id by now
        await this.#producer.reset(this.#closing.signal)
        if (!this.#producer.neverBegun && (await this.#wasCommitted(next))) return
      }
    }
  }

  async #wasCommitted({ offset, transaction }: OffsetRecord): Promise<boolean> {
    const found = await this.#offsets.read(this.#client, offset.engine, this.#closing.signal)
    if (found?.transaction === transaction) return true
    if (found?.transaction === this.#stored?.transaction && sameOffset(found?.offset, this.#stored?.offset)) return false
    throw new TailraceError('TR_KAFKA_FENCED', { message: 'The stored offset is not of this instance: another one has gone on', where: { engine: offset.engine } })
  }
}

/** Errors that leave open what became of a transaction, or say that it was aborted; any other is final. */
function isOpen(error: TailraceError): boolean {
  return error.kind === 'transient' || error.code === 'TR_KAFKA_UNAVAILABLE' || error.code === 'TR_KAFKA_TRANSACTION'
}

import { Accumulator } from '../../kafka/accumulator.ts'
import type { KafkaProducer } from '../../kafka/client.ts'
import type { Codec } from '../../kafka/compression.ts'
import type { Clock } from '../../time/clock.ts'
import { Waiting, type Outbox } from './outbox.ts'

export interface AtLeastOnceOptions {
  readonly batchBytes: number
  readonly maxBufferedBytes: number
  readonly lingerMs: number
  readonly codec: Codec | undefined
  readonly clock: Clock
}

/** Sends that may be under way before records are rather collected: enough to keep a broker busy while the next ones are encoded. */
const SENDS_UNDER_WAY = 2

/** Sends what comes, several batches at once, each with what was collected while others were under way. */
export class AtLeastOnce implements Outbox {
  readonly records: Accumulator
  readonly #producer: KafkaProducer
  readonly #options: AtLeastOnceOptions
  readonly #waiting = new Waiting()
  /** Bytes under way. */
  #sentBytes = 0
  #sends = 0
  /** Sends begun so far, and how many of them have ended, from the first without a gap. */
  #begun = 0
  #ended = 0
  readonly #endedEarly = new Set<number>()
  #flushing = false
  #cancelLinger: (() => void) | undefined

  constructor(producer: KafkaProducer, options: AtLeastOnceOptions) {
    this.#producer = producer
    this.#options = options
    this.records = new Accumulator(options.batchBytes)
  }

  dispatch(): void {
    const { lingerMs, batchBytes, clock } = this.#options
    if (this.records.empty || this.#waiting.failure !== undefined) return
    const full = this.records.bytes >= batchBytes
    if (!this.#flushing && this.#sends >= SENDS_UNDER_WAY && this.#sentBytes + this.records.bytes < this.#options.maxBufferedBytes / 2) return
    if (lingerMs > 0 && !full && !this.#flushing) {
      this.#cancelLinger ??= clock.after(lingerMs, () => {
        this.#cancelLinger = undefined
        this.#send()
      })
      return
    }
    this.#send()
  }

  async room(signal: AbortSignal): Promise<void> {
    await this.#waiting.until(() => this.#sentBytes + this.records.bytes <= this.#options.maxBufferedBytes, signal)
  }

  async flush(signal: AbortSignal): Promise<void> {
    this.#flushing = true
    this.dispatch()
    this.#flushing = false
    const last = this.#begun
    await this.#waiting.until(() => this.#ended >= last, signal)
  }

  async close(): Promise<void> {
    this.#cancelLinger?.()
    await this.#producer[Symbol.asyncDispose]()
  }

  #send(): void {
    this.#cancelLinger?.()
    this.#cancelLinger = undefined
    const bytes = this.records.bytes
    const batches = this.records.take()
    const { codec } = this.#options
    if (codec !== undefined) for (const batch of batches) batch.compress(codec)
    const number = this.#begun++
    this.#sends++
    this.#sentBytes += bytes
    this.#producer.send(batches).then(
      () => {
        this.#sends--
        this.#sentBytes -= bytes
        this.records.recycle(batches)
        this.#endedEarly.add(number)
        while (this.#endedEarly.delete(this.#ended)) this.#ended++
        this.dispatch()
        this.#waiting.look()
      },
      (error: Error) => this.#waiting.fail(error),
    )
  }
}

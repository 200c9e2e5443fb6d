import type { ChangeBatch, ChangeStream } from '../source/source.ts'
import type { Reach } from '../observe/failpoint.ts'
import type { Batch, Sink } from '../sink/sink.ts'
import type { Clock } from '../time/clock.ts'
import type { TailraceError } from '../error/tailrace-error.ts'
import type { Delivery, Dispatcher } from './delivery.ts'
import type { Ledger } from './ledger.ts'
import { patiently } from '../async/abort.ts'
import { toSinkError, toTailraceError } from './retry.ts'

/** Milliseconds that a sink has to let go of its batch once it was told to. */
export const LET_GO_MS = 1_000

export interface PumpOptions {
  readonly sink: Sink
  readonly dispatcher: Dispatcher
  readonly ledger: Ledger
  readonly clock: Clock
  readonly reach: Reach
  /** Aborts a write that does not settle. */
  readonly signal: AbortSignal
  /** The sink stores the offset with the records. */
  readonly joined: boolean
  /** Units to deliver in all; Infinity without a limit. */
  readonly stopAfter: number
  readonly delivered: (delivery: Delivery) => void
}

/**
 * Moves batches from the stream to the sink, double-buffered: while the sink has batch N, batch N+1 is read and encoded.
 * Never two writes at once, so what the sink has taken is a prefix of the stream.
 */
export class Pump {
  readonly #options: PumpOptions
  #remaining: number
  #stopping = false
  #failure: TailraceError | undefined
  #wake: () => void = () => {}
  /** Settles when the batch in the sink's hands is durable; never rejects. */
  #inFlight: Promise<void> = Promise.resolve()
  #skip = 0

  constructor(options: PumpOptions) {
    this.#options = options
    this.#remaining = options.stopAfter
  }

  /** No further batch goes to the sink; {@link Pump.run} returns once the one in flight has settled. */
  stop(): void {
    this.#stopping = true
    this.#wake()
  }

  /** The error that ended it: no retry helps. */
  get failure(): TailraceError | undefined {
    return this.#failure
  }

  /** Ends {@link Pump.run} with this error, once the batch in flight has settled. */
  fail(error: TailraceError): void {
    this.#failure ??= error
    this.#wake()
  }

  /** Until the stream ends, the limit is reached, or {@link Pump.stop}: true when there is nothing more to do. Errors: of the stream and the sink. `skip` units were delivered before. */
  async run(stream: ChangeStream, skip: number): Promise<void> {
    this.#skip = skip
    try {
      await this.#move(stream)
    } finally {
      // nobody closes a sink that still writes, or resumes behind a batch that may yet arrive
      await this.#inFlight
    }
    await this.#settled()
  }

  async #move(stream: ChangeStream): Promise<void> {
    const iterator = stream[Symbol.asyncIterator]()
    while (!this.#stopping && this.#remaining > 0) {
      const delivery = await this.#next(iterator)
      if (delivery === undefined) break
      await this.#settled()
      if (this.#stopping) break
      this.#remaining -= delivery.units
      this.#skip = delivery.last === undefined ? this.#skip : 0
      this.#inFlight = this.#deliver(delivery)
      if (delivery.barrier) {
        await this.#settled()
        await this.#options.ledger.flush()
      }
    }
  }

  /** The next batch, ready for the sink. A function of its own, so that events that are encoded are not held while the sink is waited for. */
  async #next(iterator: AsyncIterator<ChangeBatch>): Promise<Delivery | undefined> {
    const { reach, dispatcher, clock, signal } = this.#options
    const pulled = await this.#pull(iterator)
    if (this.#failure !== undefined) throw this.#failure
    if (pulled === undefined) return undefined
    reach('pump.batch-pulled')
    const ready = dispatcher.ready(pulled.events, signal)
    if (ready !== undefined) await ready
    const delivery = dispatcher.prepare(pulled, clock.nowMicros(), this.#skip, this.#remaining)
    reach('pump.batch-encoded')
    return delivery
  }

  /** The next batch; undefined at the end of the stream or when asked to stop. A pull that is left behind ends with the stream. */
  async #pull(iterator: AsyncIterator<ChangeBatch>): Promise<ChangeBatch | undefined> {
    const pulled: { result: IteratorResult<ChangeBatch> | undefined; failure: unknown } = { result: undefined, failure: undefined }
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      iterator.next().then(
        (value) => {
          pulled.result = value
          resolve()
        },
        (error: unknown) => {
          pulled.failure = error
          resolve()
        },
      )
      if (this.#failure !== undefined || this.#stopping) resolve()
    })
    this.#wake = () => {}
    if (this.#failure !== undefined) throw this.#failure
    if (this.#stopping) return undefined
    const { result, failure } = pulled
    // The closures above are old objects by the time the next batch comes, and V8's scavenger keeps whatever an old object refers to, dead or
    // alive: batch by batch all would be kept until a full collection.
    pulled.result = undefined
    if (failure !== undefined) throw toTailraceError(failure)
    return result === undefined || result.done === true ? undefined : result.value
  }

  async #settled(): Promise<void> {
    await this.#inFlight
    if (this.#failure !== undefined) throw this.#failure
  }

  async #write(batch: Batch): Promise<'durable' | 'accepted'> {
    const { sink, clock, signal } = this.#options
    try {
      return await patiently(sink.write(batch, signal), LET_GO_MS, clock, signal)
    } catch (error) {
      throw toSinkError(error)
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { ledger, reach } = this.#options
    try {
      ledger.send(delivery.position, delivery.partial)
      // a position that nothing came with is stored with the records too, so that there is one order of offsets
      if (delivery.units === 0 && !this.#options.joined) ledger.settle(delivery.position, delivery.partial, 0, 'durable')
      else {
        reach('pump.sink-before')
        const status = await this.#write(this.#options.joined ? { ...delivery.batch, offset: ledger.compose(delivery.position, delivery.partial) } : delivery.batch)
        reach('pump.sink-after')
        ledger.settle(delivery.position, delivery.partial, delivery.units, status)
      }
      this.#options.delivered(delivery)
    } catch (error) {
      this.fail(toTailraceError(error))
    }
  }
}

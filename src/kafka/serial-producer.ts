import { Backoff } from './backoff.ts'
import type { ClientContext, KafkaProducer, ProducerOptions } from './client.ts'
import type { PartitionBatch } from './partition-batch.ts'
import { TailraceError } from '../error/tailrace-error.ts'

/** A library's producer. Its errors are its own. */
export interface RecordSender {
  /** At most one batch a partition. Resolves once all in-sync replicas have them. */
  send(batches: readonly PartitionBatch[]): Promise<void>
  close(): Promise<void>
}

/** What a library's error means. `renew`: its producer is of no more use. */
export interface SenderFailure {
  readonly error: TailraceError
  readonly renew: boolean
}

/** A library's part in a {@link SerialProducer}. */
export interface SenderLibrary {
  /** An idempotent producer that is ready. */
  open(): Promise<RecordSender>
  failureOf(error: unknown, doing: string): SenderFailure
}

/** Bytes in one request, beyond one batch. */
const MAX_REQUEST_BYTES = 1024 * 1024

/**
 * Sends over a library's producer, one request after the other: what failed is sent again by the same producer, so that brokers know it by
 * its sequence number, before anything else is sent. Without transactions: see {@link unsupportedClient}.
 */
export class SerialProducer implements KafkaProducer {
  readonly neverBegun = false
  readonly #library: SenderLibrary
  readonly #backoff: Backoff
  readonly #closing = new AbortController()
  #sender: RecordSender | undefined
  #turn: Promise<void> = Promise.resolve()
  #failure: TailraceError | undefined

  constructor(library: SenderLibrary, options: ProducerOptions, context: ClientContext) {
    this.#library = library
    this.#backoff = new Backoff(context, options.deliveryTimeoutMs)
  }

  async send(batches: readonly PartitionBatch[]): Promise<void> {
    const sent = this.#turn.then(async () => this.#deliver(batches))
    this.#turn = sent.catch(() => {})
    await sent
  }

  async transact(): Promise<never> {
    throw unsupportedClient('transactions')
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#close()
    this.#sender = await this.#backoff.insist(() => this.#open(), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#failure ??= new TailraceError('TR_SINK_CLOSED', { message: 'The Kafka producer was closed' })
    await this.#close()
  }

  async #deliver(batches: readonly PartitionBatch[]): Promise<void> {
    for (const request of requestsOf(batches)) {
      if (this.#failure !== undefined) throw this.#failure
      try {
        await this.#backoff.insist(() => this.#attempt(request), this.#closing.signal)
      } catch (error) {
        throw (this.#failure ??= error as TailraceError)
      }
    }
  }

  async #attempt(request: readonly PartitionBatch[]): Promise<void> {
    const sender = (this.#sender ??= await this.#open())
    try {
      await sender.send(request)
    } catch (error) {
      const failure = this.#library.failureOf(error, 'sending records')
      // nobody fences a producer without a transactional id: the broker no longer knows it
      const unknown = failure.error.code === 'TR_KAFKA_FENCED'
      if (failure.renew || unknown) await this.#close()
      throw unknown ? new TailraceError('TR_KAFKA_CONNECT', { message: failure.error.message, cause: failure.error }) : failure.error
    }
  }

  async #open(): Promise<RecordSender> {
    try {
      return await this.#library.open()
    } catch (error) {
      throw this.#library.failureOf(error, 'making a producer').error
    }
  }

  async #close(): Promise<void> {
    const sender = this.#sender
    this.#sender = undefined
    await sender?.close().catch(() => {})
  }
}

/**
 * Why only one client has transactions: in the other libraries' public interfaces a producer that is made again after an answer was lost takes the
 * next epoch without a look at whether the last one was still its own, and so would fence its successor.
 */
export function unsupportedClient(what: string): TailraceError {
  return new TailraceError('TR_CONFIG_UNSUPPORTED', { message: `Only the Kafka client "kafkajs" has ${what}`, where: { option: 'client' }, remedy: 'Leave client out' })
}

/** In order; no partition twice in one request, for a library would make one batch of both. */
export function requestsOf(batches: readonly PartitionBatch[]): PartitionBatch[][] {
  const requests: PartitionBatch[][] = []
  let places = new Set<string>()
  let bytes = Infinity
  for (const batch of batches) {
    const place = `${batch.topic}:${batch.partition}`
    if (places.has(place) || bytes + batch.length > MAX_REQUEST_BYTES) {
      requests.push([])
      places = new Set()
      bytes = 0
    }
    places.add(place)
    bytes += batch.length
    requests.at(-1)!.push(batch)
  }
  return requests
}

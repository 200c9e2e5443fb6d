import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { ClientContext, KafkaProducer, ProducerOptions } from '../client.ts'
import { brokerFailure, brokerVerdict, DUPLICATE_SEQUENCE } from '../broker-error.ts'
import type { PartitionBatch } from '../partition-batch.ts'
import { Backoff } from '../backoff.ts'
import { Lane, placeOf, type Shipment } from './lane.ts'
import type { PrivateCluster } from './private-cluster.ts'
import { produce, type ProduceResult } from './produce-request.ts'
import { ProducerSession } from './producer-session.ts'
import { toKafkaError } from './connection-error.ts'

export interface BatchProducerOptions extends ProducerOptions {
  readonly requestTimeoutMs: number
}

/** After it a partition may have forgotten the producer: brokers do so after a day (`producer.id.expiration.ms`), or sooner where they are told to. */
const MOST_SILENCE_MS = 60_000
/** Bytes in one request, beyond one batch. */
const MAX_REQUEST_BYTES = 1024 * 1024

/**
 * Sends record batches over kafkajs's connections, idempotently: order and uniqueness within a partition are the broker's to
 * check, by sequence numbers. After a failure nothing more is sent until every request in flight is answered; then what failed is sent
 * again, in order and with the same sequence numbers, to whoever leads the partition by then.
 */
export class BatchProducer implements KafkaProducer {
  readonly #cluster: PrivateCluster
  readonly #session: ProducerSession
  readonly #options: BatchProducerOptions
  readonly #context: ClientContext
  readonly #backoff: Backoff
  readonly #lanes = new Map<number, Lane>()
  readonly #closing = new AbortController()
  #sequences = new Map<string, number>()
  /** Partitions that have acknowledged records of this producer, and when they last did: milliseconds of the monotonic clock. */
  readonly #known = new Map<string, number>()
  /**
   * Those that have the first ones under way, and get no others until they are answered: a broker that knows nothing of a producer takes any sequence number
   * (ProducerAppendInfo.checkSequence), so that the second request would overtake a first one that was refused, as by a partition that is being made.
   */
  readonly #asked = new Set<string>()
  #count = 0
  #inFlight = 0
  #failed: { readonly shipment: Shipment; readonly code: number | undefined; readonly cause: unknown }[] = []
  #recovering = false
  /** Answers to what was sent before the last reset are nobody's concern. */
  #generation = 0
  #failure: TailraceError | undefined
  /** How the last transaction failed to begin; undefined: it did not. */
  #beginning: 'refused' | 'unanswered' | undefined

  constructor(cluster: PrivateCluster, options: BatchProducerOptions, context: ClientContext) {
    this.#cluster = cluster
    this.#options = options
    this.#context = context
    this.#session = new ProducerSession(cluster, options, context)
    this.#backoff = new Backoff(context, options.deliveryTimeoutMs)
  }

  async reset(signal: AbortSignal): Promise<void> {
    this.#generation++
    this.#inFlight = 0
    this.#recovering = false
    this.#failed = []
    this.#lanes.clear()
    this.#sequences = new Map()
    this.#known.clear()
    this.#asked.clear()
    await this.#session.initialise(signal)
    this.#failure = undefined
  }

  async send(batches: readonly PartitionBatch[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const sent = batches.map(async (batch) => new Promise<void>((resolve, reject) => this.#route({ batch, number: this.#count++, sequence: undefined, resolve, reject })))
    this.#dispatch()
    await Promise.all(sent)
  }

  async transact(batches: readonly PartitionBatch[]): Promise<void> {
    this.#beginning = undefined
    try {
      await this.#beginTransaction(batches)
      await this.send(batches)
      this.#context.reach('kafka.transaction-sent')
      await this.#session.commit()
    } catch (error) {
      this.#failure ??= error instanceof TailraceError ? error : toKafkaError(error, 'sending a transaction')
      throw this.#failure
    }
  }

  get neverBegun(): boolean {
    return this.#beginning === 'refused' || (this.#beginning === 'unanswered' && this.#session.endedNothing)
  }

  async #beginTransaction(batches: readonly PartitionBatch[]): Promise<void> {
    try {
      await this.#session.addPartitions(batches)
    } catch (error) {
      // a coordinator takes all partitions or none
      this.#beginning = error instanceof TailraceError && error.where['error'] !== undefined ? 'refused' : 'unanswered'
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#fail(new TailraceError('TR_SINK_CLOSED', { message: 'The Kafka producer was closed' }))
  }

  /** To the lane of the partition's leader. Where there is none, to lane -1, which no broker serves: it is a failure to recover from. */
  #route(shipment: Shipment): void {
    const { topic, partition } = shipment.batch
    const leader = this.#cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1
    let lane = this.#lanes.get(leader)
    if (lane === undefined) this.#lanes.set(leader, (lane = new Lane(leader)))
    lane.add(shipment)
  }

  #dispatch(): void {
    if (this.#failed.length > 0 || this.#recovering || this.#failure !== undefined) return
    for (const lane of this.#lanes.values()) {
      while (lane.ready) {
        const shipments = lane.take(MAX_REQUEST_BYTES, this.#asked)
        if (shipments.length === 0) break
        for (const place of shipments.map(placeOf)) if (!this.#isKnown(place)) this.#asked.add(place)
        lane.inFlight++
        this.#inFlight++
        this.#guard(this.#ship(lane, shipments, this.#generation))
      }
    }
  }

  #isKnown(place: string): boolean {
    const acknowledged = this.#known.get(place)
    return acknowledged !== undefined && this.#context.clock.monotonicMs() - acknowledged < MOST_SILENCE_MS
  }

  async #ship(lane: Lane, shipments: readonly Shipment[], generation: number): Promise<void> {
    let results: readonly ProduceResult[] = []
    let cause: unknown
    try {
      for (const shipment of shipments) this.#stamp(shipment)
      const broker = await lane.inTurn(() => this.#cluster.findBroker({ nodeId: lane.nodeId }))
      results = await produce(broker, this.#options.transactionalId, this.#options.requestTimeoutMs, shipments.map(({ batch }) => batch))
    } catch (error) {
      cause = error
    }
    if (generation !== this.#generation) return
    lane.inFlight--
    this.#inFlight--
    for (const shipment of shipments) {
      const { topic, partition } = shipment.batch
      const code = results.find((result) => result.topic === topic && result.partition === partition)?.error
      this.#asked.delete(placeOf(shipment))
      if (code === 0 || code === DUPLICATE_SEQUENCE) {
        this.#known.set(placeOf(shipment), this.#context.clock.monotonicMs())
        this.#backoff.succeeded()
        shipment.resolve()
      } else this.#failed.push({ shipment, code, cause })
    }
    if (this.#failed.length === 0) this.#dispatch()
    else if (this.#options.transactionalId !== undefined && !this.#refusedForNow) this.#fail(this.#firstFailure().error)
    else if (this.#inFlight === 0 && !this.#recovering) this.#guard(this.#recover())
  }

  /** Brokers said that they did not take the records, and may later: such a request is repeated within its transaction, as by Kafka's own producer. */
  get #refusedForNow(): boolean {
    return this.#failed.every(({ code }) => code !== undefined && brokerVerdict(code) === 'retriable')
  }

  /** Nobody waits for this work itself: whatever goes wrong in it ends the delivery. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => this.#fail(toKafkaError(error, 'sending records')))
  }

  #stamp(shipment: Shipment): void {
    const { batch } = shipment
    const place = placeOf(shipment)
    if (shipment.sequence === undefined) {
      shipment.sequence = this.#sequences.get(place) ?? 0
      // beyond 2^31 - 1 sequence numbers begin again at 0 (DefaultRecordBatch.incrementSequence)
      this.#sequences.set(place, (shipment.sequence + batch.count) % 0x80000000)
    }
    const { id, epoch } = this.#session.identity
    batch.stamp(id, epoch, shipment.sequence, this.#options.transactionalId !== undefined)
    batch.sent++
  }

  /** The failure that came first in its partition's order: those behind it failed because it did. */
  #firstFailure(): { readonly verdict: string; readonly error: TailraceError } {
    const failures = [...this.#failed].sort((one, other) => one.shipment.number - other.shipment.number)
    const { shipment, code, cause } = failures[0]!
    const { topic, partition } = shipment.batch
    if (code !== undefined) return { verdict: brokerVerdict(code), error: brokerFailure(code, 'taking records', { topic, partition }) }
    const error = toKafkaError(cause, 'sending records')
    return { verdict: error.kind === 'transient' ? 'retriable' : error.code, error }
  }

  async #recover(): Promise<void> {
    this.#recovering = true
    const generation = this.#generation
    const shipments = this.#failed.map(({ shipment }) => shipment)
    let { verdict, error } = this.#firstFailure()
    for (;;) {
      const renew = verdict === 'sequence' || verdict === 'fenced'
      if (verdict !== 'retriable' && !renew) return this.#fail(error)
      const delayMs = this.#backoff.next(error)
      if (delayMs === undefined) return this.#fail(new TailraceError('TR_KAFKA_UNAVAILABLE', { message: `Kafka took nothing for ${this.#options.deliveryTimeoutMs} ms`, cause: error }))
      await pause(delayMs, this.#context.clock, this.#closing.signal)
      if (generation !== this.#generation) return
      if (this.#closing.signal.aborted) return this.#fail(error)
      try {
        await this.#cluster.refreshMetadata()
        if (renew) await this.#renew()
        break
      } catch (failure) {
        error = failure instanceof TailraceError ? failure : toKafkaError(failure, 'looking for the partitions’ leaders')
        verdict = error.kind === 'transient' ? (renew ? 'sequence' : 'retriable') : error.code
      }
    }
    if (generation !== this.#generation) return
    // what was given meanwhile waits in the lanes, and behind what failed
    const waiting = [...this.#lanes.values()].flatMap((lane) => lane.clear())
    this.#failed = []
    this.#lanes.clear()
    for (const shipment of [...shipments, ...waiting].sort((one, other) => one.number - other.number)) this.#route(shipment)
    this.#recovering = false
    this.#dispatch()
  }

  /** A new producer: what was not acknowledged is sent again and may be there twice, in order. */
  async #renew(): Promise<void> {
    await this.#session.begin(this.#closing.signal)
    this.#sequences = new Map()
    this.#known.clear()
    for (const { shipment } of this.#failed) shipment.sequence = undefined
  }

  #fail(error: TailraceError): void {
    this.#failure ??= error
    const all = [...this.#failed.map(({ shipment }) => shipment), ...[...this.#lanes.values()].flatMap((lane) => lane.clear())]
    this.#failed = []
    for (const shipment of all) shipment.reject(this.#failure)
  }
}


import { pause } from '../../async/abort.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import { Backoff } from '../backoff.ts'
import { brokerFailure, brokerVerdict } from '../broker-error.ts'
import type { ClientContext, ProducerOptions } from '../client.ts'
import type { PartitionBatch } from '../partition-batch.ts'
import { toKafkaError } from './connection-error.ts'
import type { PrivateBroker, PrivateCluster } from './private-cluster.ts'
import { addPartitions, describeTransaction, endTransaction, findCoordinator, initProducerId, NO_PRODUCER, type Answer, type ProducerIdentity } from './transaction-request.ts'

const CONCURRENT_TRANSACTIONS = 51
const PRODUCER_FENCED = 90
/** The markers of the transaction before are being written. */
const MARKERS_MS = 2

/** A producer's identity, and its transactions at their coordinator. */
export class ProducerSession {
  readonly #cluster: PrivateCluster
  readonly #options: ProducerOptions
  readonly #context: ClientContext
  #identity: ProducerIdentity = NO_PRODUCER
  #coordinator: PrivateBroker | undefined
  #endedNothing = false

  constructor(cluster: PrivateCluster, options: ProducerOptions, context: ClientContext) {
    this.#cluster = cluster
    this.#options = options
    this.#context = context
  }

  get identity(): ProducerIdentity {
    return this.#identity
  }

  /** Whether the last {@link ProducerSession.initialise} found that no transaction was begun since the one that was committed last, or since the one before it. */
  get endedNothing(): boolean {
    return this.#endedNothing
  }

  /** A new identity, without a claim to the one before. */
  async begin(signal: AbortSignal): Promise<void> {
    this.#identity = NO_PRODUCER
    await this.initialise(signal)
  }

  /** An identity: the first one, or the next epoch of the one there is, which ends its transaction. Errors: TR_KAFKA_FENCED where it is no longer ours. */
  async initialise(signal: AbortSignal): Promise<void> {
    const { transactionalId, transactionTimeoutMs, deliveryTimeoutMs } = this.#options
    const backoff = new Backoff(this.#context, deliveryTimeoutMs)
    const current = transactionalId === undefined ? NO_PRODUCER : this.#identity
    let lost = false
    this.#endedNothing = false
    for (;;) {
      let failure: TailraceError
      try {
        const broker = transactionalId === undefined ? await this.#anyBroker() : await this.#find()
        let error = current === NO_PRODUCER ? 0 : lost ? await this.#lostOwnership(broker, current) : await this.#abort(broker)
        if (error === 0) {
          // until an answer says whether there is a new epoch
          lost = true
          const made = await initProducerId(broker, transactionalId, transactionTimeoutMs, current)
          lost = made.error !== CONCURRENT_TRANSACTIONS
          // one may have been begun by a request that came late, and is being ended
          if (made.error === CONCURRENT_TRANSACTIONS) this.#endedNothing = false
          error = made.error
          if (error === 0) {
            this.#identity = made.result
            return
          }
        }
        this.#coordinator = undefined
        failure = brokerFailure(error, 'making a producer', this.#where())
        if (brokerVerdict(error) !== 'retriable') throw failure
      } catch (error) {
        if (error instanceof TailraceError && error.code !== 'TR_KAFKA_CONNECT') throw error
        this.#coordinator = undefined
        failure = toKafkaError(error, 'making a producer')
        if (failure.kind !== 'transient') throw failure
      }
      const delayMs = backoff.next(failure)
      if (delayMs === undefined || signal.aborted) throw failure
      await pause(delayMs, this.#context.clock, signal)
    }
  }

  /**
   * Ends the transaction as its owner, which proves to be the owner: brokers do not look at the epoch when a producer is made while
   * a transaction is open (TransactionCoordinator.prepareInitProducerIdTransit), so that a producer that was fenced would fence its successor.
   * Returns 0 where there is nothing left to end, also because it was committed.
   */
  async #abort(broker: PrivateBroker): Promise<number> {
    const { error } = await endTransaction(broker, this.#options.transactionalId!, this.#identity, false)
    if (brokerVerdict(error) !== 'transaction') return error
    this.#endedNothing = true
    return 0
  }

  /**
   * An epoch was asked for, and the answer was lost: the one we know may be an old one, which may ask for it again (KIP-360), but end
   * nothing. As long as no transaction is open, that fences nobody; one that is open is another producer's.
   */
  async #lostOwnership(broker: PrivateBroker, current: ProducerIdentity): Promise<number> {
    const { error, result } = await describeTransaction(broker, this.#options.transactionalId!)
    if (error !== 0 || result === undefined) return error
    const { state, producer } = result
    if (state === 'Ongoing' || (producer.id === current.id && producer.epoch > current.epoch + 1)) return PRODUCER_FENCED
    return state.startsWith('Prepare') ? CONCURRENT_TRANSACTIONS : 0
  }

  /** Makes partitions part of the transaction that begins with them. */
  async addPartitions(batches: readonly PartitionBatch[]): Promise<void> {
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of batches) {
      const partitions = topics.get(topic) ?? []
      if (!partitions.includes(partition)) topics.set(topic, [...partitions, partition])
    }
    await this.#ask('beginning a transaction', async (broker, id) => addPartitions(broker, id, this.#identity, topics))
  }

  async commit(): Promise<void> {
    await this.#ask('committing a transaction', async (broker, id) => endTransaction(broker, id, this.#identity, true))
  }

  /** Only waits for markers; whatever else happens, the outcome is for a reset to find out. */
  async #ask(doing: string, request: (broker: PrivateBroker, transactionalId: string) => Promise<Answer<unknown>>): Promise<void> {
    const { transactionalId } = this.#options
    if (transactionalId === undefined) throw new TailraceError('TR_ENGINE_INVARIANT', { message: 'A producer without a transactional id has no transactions' })
    for (;;) {
      try {
        const { error } = await request(await this.#find(), transactionalId)
        if (error === 0) return
        if (error !== CONCURRENT_TRANSACTIONS) throw brokerFailure(error, doing, this.#where())
      } catch (error) {
        this.#coordinator = undefined
        throw error
      }
      await pause(MARKERS_MS, this.#context.clock, new AbortController().signal)
    }
  }

  async #find(): Promise<PrivateBroker> {
    if (this.#coordinator !== undefined) return this.#coordinator
    const { error, result } = await findCoordinator(await this.#anyBroker(), this.#options.transactionalId!)
    if (error !== 0) throw brokerFailure(error, 'looking for the transaction coordinator', this.#where())
    return (this.#coordinator = await this.#cluster.findBroker({ nodeId: result }))
  }

  async #anyBroker(): Promise<PrivateBroker> {
    await this.#cluster.refreshMetadata()
    const nodes = this.#cluster.getNodeIds()
    return await this.#cluster.findBroker({ nodeId: nodes[Math.floor(this.#context.random() * nodes.length)]! })
  }

  #where(): Record<string, string> {
    return this.#options.transactionalId === undefined ? {} : { transactionalId: this.#options.transactionalId }
  }
}

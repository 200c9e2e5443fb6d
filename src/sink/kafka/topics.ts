import { TailraceError } from '../../error/tailrace-error.ts'
import { Backoff } from '../../kafka/backoff.ts'
import type { ClientContext, KafkaClient } from '../../kafka/client.ts'
import { partitionOfKey } from '../../kafka/murmur2.ts'
import type { TopicRule } from './options.ts'

const RECHECK_MS = 300_000

interface KnownTopic {
  readonly name: string
  partitions: number
  checkedAt: number
}

/** The topics that records go to: made where they are missing, and how many partitions they have. */
export class Topics {
  readonly #client: KafkaClient
  readonly #rules: readonly TopicRule[] | undefined
  readonly #warn: (error: TailraceError) => void
  readonly #backoff: Backoff
  readonly #known = new Map<string, KnownTopic>()
  #last: KnownTopic | undefined

  constructor(client: KafkaClient, rules: readonly TopicRule[] | undefined, context: ClientContext, deliveryTimeoutMs: number) {
    this.#client = client
    this.#rules = rules
    this.#warn = context.warn
    this.#backoff = new Backoff(context, deliveryTimeoutMs)
  }

  /** Whether {@link Topics.learn} has to be called first. */
  knows(name: string, nowMs: number): boolean {
    if (this.#last?.name !== name) this.#last = this.#known.get(name)
    return this.#last !== undefined && nowMs - this.#last.checkedAt < RECHECK_MS
  }

  /** Errors: TR_KAFKA_TOPIC_MISSING, and those of the client. */
  async learn(name: string, nowMs: number, signal: AbortSignal): Promise<void> {
    const partitions = await this.#backoff.insist(async () => this.#partitions(name, signal), signal)
    const known = this.#known.get(name)
    if (known !== undefined && known.partitions !== partitions) {
      this.#warn(new TailraceError('TR_KAFKA_PARTITIONS_CHANGED', { message: `${name} has ${partitions} partitions, it had ${known.partitions}: keys move, and records before and after may be read in another order`, where: { topic: name, partitions } }))
    }
    this.#known.set(name, { name, partitions, checkedAt: nowMs })
    this.#last = undefined
  }

  /** The partition of a key. Records without one, of tables without a key, stay in order: they go to the first partition. */
  partition(name: string, bytes: Buffer, keyStart: number, keyEnd: number): number {
    const { partitions } = this.#last?.name === name ? this.#last : this.#known.get(name)!
    return keyStart < 0 || partitions === 1 ? 0 : partitionOfKey(bytes, keyStart, keyEnd, partitions)
  }

  async #partitions(name: string, signal: AbortSignal): Promise<number> {
    const rule = this.#rules?.find(({ topics }) => matches(topics, name))
    const there = await this.#client.partitionsOf(name, rule === undefined, signal)
    if (there !== undefined) return there
    if (rule !== undefined) {
      await this.#client.createTopic(name, rule, signal)
      const made = await this.#client.partitionsOf(name, true, signal)
      if (made !== undefined) return made
    }
    throw new TailraceError('TR_KAFKA_TOPIC_MISSING', { message: `The topic ${name} does not exist, and nobody makes it`, where: { topic: name } })
  }
}

function matches(topics: TopicRule['topics'], name: string): boolean {
  if (topics === undefined) return true
  return typeof topics === 'string' ? topics === name : new RegExp(`^(?:${topics.source})$`, topics.flags.replace(/[gy]/g, '')).test(name)
}

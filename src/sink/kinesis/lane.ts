import { BackOff } from './back-off.ts'
import type { Chunk } from './buffer.ts'
import type { Settings } from './settings.ts'

/** A record that waits to be stored. */
export interface WaitingRecord {
  readonly data: Uint8Array
  readonly explicitHashKey: string | undefined
  /** Bytes as Kinesis counts them: data and partition key. */
  readonly size: number
  readonly chunk: Chunk
  /** When it was sent for the first time. */
  sentAt?: number
}

/** The records of one partition key, oldest first. What is under way leaves once it is stored. */
export interface KeyQueue {
  readonly partitionKey: string
  readonly records: WaitingRecord[]
  lane: Lane
  /** So many, from the first on, are in a request whose answer has not come: one, or those that are aggregated as one. */
  underWay: number
}

/** The keys of one shard: what is throttled together waits together. */
export class Lane {
  /** Undefined where the stream's shards are not known: then one lane is all of it. */
  readonly shard: string | undefined
  readonly backOff: BackOff
  readonly #most: number
  /** Records of this shard in one request: what was taken, or half, when it is throttled; a quarter more when all was taken. */
  window: number
  inFlight = 0
  /** Keys whose first record may be sent. Those that were sent before come first: their records are older. */
  #again: KeyQueue[] = []
  #fresh: KeyQueue[] = []
  #nextFresh = 0

  constructor(shard: string | undefined, settings: Settings, random: () => number) {
    this.shard = shard
    this.#most = this.window = settings.batchSize
    this.backOff = new BackOff(settings, random)
  }

  get ready(): boolean {
    return this.#again.length > 0 || this.#nextFresh < this.#fresh.length
  }

  /** A shard in trouble, or not long out of it, is asked by one request at a time. */
  get occupied(): boolean {
    return this.inFlight > 0 && (this.backOff.troubled || this.window < this.#most)
  }

  mayBeSent(now: number): boolean {
    return this.ready && now >= this.backOff.until && !this.occupied
  }

  add(key: KeyQueue): void {
    this.#fresh.push(key)
  }

  addAgain(keys: readonly KeyQueue[]): void {
    this.#again.push(...keys)
  }

  first(): KeyQueue | undefined {
    return this.#again[0] ?? this.#fresh[this.#nextFresh]
  }

  take(): void {
    if (this.#again.length > 0) this.#again.shift()
    else if (++this.#nextFresh >= 1_024 && this.#nextFresh * 2 > this.#fresh.length) {
      this.#fresh = this.#fresh.slice(this.#nextFresh)
      this.#nextFresh = 0
    }
  }

  /** An answer came: so many of its records were stored, were refused for being too many, or failed otherwise. */
  answered(stored: number, throttled: number, failed: number, sentAt: number, now: number): void {
    if (throttled + failed === 0) {
      this.backOff.succeeded(sentAt)
      this.window = Math.min(this.#most, Math.ceil(this.window * 1.25))
    } else if (this.backOff.failed(sentAt, now, stored > 0) && throttled > 0) this.window = Math.max(1, stored > 0 ? stored : this.window >>> 1)
  }
}

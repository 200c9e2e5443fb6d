import type { PutRecordsCommandOutput, PutRecordsRequestEntry, PutRecordsResultEntry } from '@aws-sdk/client-kinesis'
import { isTailraceError, TailraceError } from '../../error/tailrace-error.ts'
import { aggregable, aggregate } from './aggregate.ts'
import { BackOff } from './back-off.ts'
import { failureOf, type Failure } from './failure.ts'
import { Lane, type KeyQueue, type WaitingRecord } from './lane.ts'
import { isOver, prepareStream } from './prepare-stream.ts'
import { ShardMap } from './shard-map.ts'
import type { Surroundings } from './surroundings.ts'
import { WarningLimit } from './warning-limit.ts'

/** A request that is under way: entry i of the answer is about `entries[i]`, which is what is under way of `keys[i]`. */
interface Request {
  readonly keys: readonly KeyQueue[]
  readonly entries: PutRecordsRequestEntry[]
  readonly lanes: ReadonlySet<Lane>
  readonly sentAt: number
}

/** Milliseconds between two looks at the shards. */
const SHARDS_AGAIN_MS = 10_000

/**
 * Sends the records of one stream, those of a partition key one after the other: PutRecords may store a later record of a request and
 * refuse an earlier one ("doesn't guarantee the ordering of records",
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html), so a request holds at most one record of a key, and the next
 * one of that key is sent once it is known to be stored.
 */
export class StreamSender {
  readonly #stream: string
  readonly #with: Surroundings
  readonly #keys = new Map<string, KeyQueue>()
  readonly #backOff: BackOff
  readonly #warnings: WarningLimit
  #lanes = new Map<string | undefined, Lane>()
  #shards: ShardMap | undefined
  #shardsReadAt = 0
  #readingShards = false
  #inFlight = 0
  /** The lane that the next request begins with. */
  #turn = 0
  #cancelTimer: (() => void) | undefined

  constructor(stream: string, surroundings: Surroundings) {
    this.#stream = stream
    this.#with = surroundings
    this.#backOff = new BackOff(surroundings.settings, surroundings.context.random)
    this.#warnings = new WarningLimit(surroundings.context)
  }

  /** Until the stream can be written to. Errors: see {@link prepareStream}. */
  async prepare(patienceMs: number): Promise<void> {
    this.#shards = await prepareStream(this.#stream, this.#with, patienceMs)
    this.#shardsReadAt = this.#now()
    this.#assignLanes()
  }

  /** Whether the key has as many records waiting as it may. */
  isFull(partitionKey: string): boolean {
    return (this.#keys.get(partitionKey)?.records.length ?? 0) >= this.#with.settings.maxRecordsPerKey
  }

  /** To be sent after all records of its key that came before. */
  add(partitionKey: string, record: WaitingRecord): void {
    record.chunk.waiting++
    const known = this.#keys.get(partitionKey)
    if (known !== undefined) return void known.records.push(record)
    const key: KeyQueue = { partitionKey, records: [record], lane: this.#laneOf(partitionKey, record), underWay: 0 }
    this.#keys.set(partitionKey, key)
    key.lane.add(key)
  }

  /** Sends what may be sent now, and comes back by itself when more may be. Never throws: timers call it. */
  send(): void {
    try {
      this.#send()
    } catch (error) {
      this.#with.fail(finalError(error, this.#stream))
    }
  }

  #send(): void {
    const { settings, buffer, closing } = this.#with
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (this.#shards === undefined) return
    while (this.#inFlight < settings.maxInFlight && !closing.aborted && buffer.failure === undefined) {
      const now = this.#now()
      if (now < this.#backOff.until || (this.#backOff.troubled && this.#inFlight > 0)) break
      const request = this.#compose(now)
      if (request === undefined) break
      this.#put(request).catch((error: unknown) => this.#with.fail(finalError(error, this.#stream)))
    }
    this.#schedule()
  }

  close(): void {
    this.#cancelTimer?.()
  }

  #now(): number {
    return this.#with.context.clock.monotonicMs()
  }

  #compose(now: number): Request | undefined {
    const { settings } = this.#with
    const { batchSize } = settings
    const lanes = [...this.#lanes.values()]
    const keys: KeyQueue[] = []
    const entries: PutRecordsRequestEntry[] = []
    const used = new Set<Lane>()
    let room = settings.maxRequestBytes
    for (let offset = 0; offset < lanes.length && keys.length < batchSize; offset++) {
      const lane = lanes[(this.#turn + offset) % lanes.length]!
      if (!lane.mayBeSent(now)) continue
      for (let count = 0; count < lane.window && keys.length < batchSize; count++) {
        const key = lane.first()
        if (key === undefined) break
        const [record] = key.records as [WaitingRecord]
        if (record.size > room) break
        lane.take()
        record.sentAt ??= now
        const taken = settings.aggregate ? aggregable(key.partitionKey, key.records, Math.min(settings.maxRecordBytes, room)) : { count: 1, size: record.size }
        key.underWay = taken.count
        room -= taken.size
        keys.push(key)
        entries.push(entryOf(key, taken.size))
        used.add(lane)
      }
    }
    this.#turn = (this.#turn + 1) % Math.max(1, lanes.length)
    return keys.length === 0 ? undefined : { keys, entries, lanes: used, sentAt: now }
  }

  async #put(request: Request): Promise<void> {
    this.#inFlight++
    for (const lane of request.lanes) lane.inFlight++
    let answer: PutRecordsCommandOutput | undefined
    let failure: unknown
    try {
      answer = await this.#with.calls.putRecords(this.#stream, request.entries)
    } catch (error) {
      failure = error
    }
    this.#inFlight--
    for (const lane of request.lanes) lane.inFlight--
    if (this.#with.closing.aborted) return
    const results = answer === undefined ? undefined : resultsOf(answer, request.keys.length)
    if (results === undefined) this.#lost(request, failureOf(failure ?? new TailraceError('TR_KINESIS_CONNECT', { message: 'The answer does not say what became of each record' }), 'sending records', this.#stream))
    else this.#answered(request, results)
    this.#with.buffer.notify()
    this.send()
  }

  /** Nobody knows which of the records were stored: all are sent again, before anything else of their keys. */
  #lost(request: Request, failure: Failure): void {
    this.#again(request.keys)
    if (this.#isOver(failure, request.keys)) return
    this.#backOff.failed(request.sentAt, this.#now())
    this.#warnings.warn(failure.error)
  }

  #answered(request: Request, results: readonly PutRecordsResultEntry[]): void {
    const refused: KeyQueue[] = []
    const refusals = new Set<string>()
    const more: KeyQueue[] = []
    const tallies = new Map<Lane, { stored: number; throttled: number; failed: number }>([...request.lanes].map((lane) => [lane, { stored: 0, throttled: 0, failed: 0 }]))
    request.keys.forEach((key, index) => {
      const result = results[index]!
      const tally = tallies.get(key.lane)
      if (isStored(result)) {
        if (tally !== undefined) tally.stored++
        if (this.#stored(key, result.ShardId)) more.push(key)
        return
      }
      const throttled = result.ErrorCode === 'ProvisionedThroughputExceededException'
      if (tally !== undefined) tally[throttled ? 'throttled' : 'failed']++
      refused.push(key)
      refusals.add(result.ErrorCode ?? 'no reason')
    })
    this.#backOff.succeeded(request.sentAt)
    for (const [lane, { stored, throttled, failed }] of tallies) lane.answered(stored, throttled, failed, request.sentAt, this.#now())
    this.#again(refused)
    this.#again(more)
    if (refused.length > 0) this.#refused(refused, refusals, request.keys.length)
  }

  /** What was under way of it is stored; true where more follows. */
  #stored(key: KeyQueue, shard: string | undefined): boolean {
    for (const { chunk } of key.records.splice(0, key.underWay)) this.#with.buffer.stored(chunk)
    if (shard !== undefined && key.lane.shard !== undefined && shard !== key.lane.shard) this.#shardsChanged()
    if (key.records.length > 0) return true
    this.#keys.delete(key.partitionKey)
    return false
  }

  #refused(keys: readonly KeyQueue[], reasons: ReadonlySet<string>, sent: number): void {
    const failures = [...reasons].map((name) => failureOf({ name }, 'sending records', this.#stream))
    const { error: { code }, retry } = failures.find((failure) => failure.retry === 'never') ?? failures.find(({ error }) => error.code === 'TR_KINESIS_THROTTLED') ?? failures[0]!
    const where = { stream: this.#stream, refused: keys.length, sent, error: [...reasons].join() }
    const error = new TailraceError(code, { message: `${this.#stream} refused ${keys.length} of ${sent} records: ${where.error}`, where })
    if (!this.#isOver({ error, retry }, keys)) this.#warnings.warn(error)
  }

  #isOver(failure: Failure, keys: readonly KeyQueue[]): boolean {
    const { settings, fail } = this.#with
    const since = this.#now() - keys.reduce((oldest, { records: [record] }) => Math.min(oldest, record!.sentAt!), Infinity)
    if (!isOver(failure, since, settings.deliveryTimeoutMs)) return false
    fail(finalError(failure.error, this.#stream))
    return true
  }

  #again(keys: readonly KeyQueue[]): void {
    for (const key of keys) {
      key.underWay = 0
      key.lane.addAgain([key])
    }
  }

  #laneOf(partitionKey: string, { explicitHashKey }: WaitingRecord): Lane {
    const shard = this.#shards?.shardOf(partitionKey, explicitHashKey)
    let lane = this.#lanes.get(shard)
    if (lane === undefined) this.#lanes.set(shard, (lane = new Lane(shard, this.#with.settings, this.#with.context.random)))
    return lane
  }

  /** The shards are others than before. Answers that are still to come know their lanes by the requests. */
  #assignLanes(): void {
    this.#lanes = new Map()
    for (const key of this.#keys.values()) {
      key.lane = this.#laneOf(key.partitionKey, key.records[0]!)
      if (key.underWay === 0) key.lane.addAgain([key])
    }
  }

  /** An answer named another shard than was expected: the stream is being split or merged. */
  #shardsChanged(): void {
    const { calls, context } = this.#with
    if (this.#readingShards || this.#now() - this.#shardsReadAt < SHARDS_AGAIN_MS) return
    this.#readingShards = true
    const read = async (): Promise<void> => {
      try {
        this.#shards = new ShardMap(await calls.openShards(this.#stream))
        this.#assignLanes()
      } catch (error) {
        context.logger.info(failureOf(error, 'reading its shards', this.#stream).error.message)
      }
      this.#readingShards = false
      this.#shardsReadAt = this.#now()
      this.send()
    }
    void read()
  }

  /** Comes back when the earliest of what waits is due. */
  #schedule(): void {
    const { settings, context, closing, buffer } = this.#with
    // what is under way comes back with its answer
    if (this.#inFlight >= settings.maxInFlight || (this.#backOff.troubled && this.#inFlight > 0) || closing.aborted || buffer.failure !== undefined) return
    let due = Infinity
    for (const lane of this.#lanes.values()) if (lane.ready && !lane.occupied) due = Math.min(due, lane.backOff.until)
    if (due === Infinity) return
    this.#cancelTimer = context.clock.after(Math.max(1, Math.max(due, this.#backOff.until) - this.#now()), () => this.send())
  }
}

/** What is under way of a key, as Kinesis takes it. */
function entryOf({ partitionKey, records, underWay }: KeyQueue, size: number): PutRecordsRequestEntry {
  const { data, explicitHashKey } = records[0]!
  return { PartitionKey: partitionKey, Data: underWay === 1 ? data : aggregate(partitionKey, records.slice(0, underWay), size), ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }) }
}

/** One for each entry sent; undefined where the answer does not add up. */
function resultsOf({ Records, FailedRecordCount }: PutRecordsCommandOutput, sent: number): readonly PutRecordsResultEntry[] | undefined {
  if (!Array.isArray(Records) || Records.length !== sent) return undefined
  const refused = Records.reduce((count, result) => count + (isStored(result) ? 0 : 1), 0)
  return (FailedRecordCount ?? 0) > refused ? undefined : Records
}

function isStored({ ErrorCode, SequenceNumber }: PutRecordsResultEntry): boolean {
  return (ErrorCode === undefined || ErrorCode === null) && typeof SequenceNumber === 'string' && SequenceNumber !== ''
}

/** What may heal is final once the time is over. */
export function finalError(error: unknown, stream: string): TailraceError {
  if (!isTailraceError(error)) return new TailraceError('TR_ENGINE_INVARIANT', { cause: error })
  if (error.kind !== 'transient') return error
  return new TailraceError('TR_KINESIS_TIMEOUT', { message: `Records for ${stream} could not be stored in the time allowed: ${error.message}`, where: { ...error.where, stream }, cause: error })
}

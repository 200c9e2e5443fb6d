import { createHash } from 'node:crypto'

/** A record as it was stored. */
export interface StoredRecord {
  readonly partitionKey: string
  readonly data: Buffer
  readonly shard: string
  /** Of the whole stream: the order in which records were stored. */
  readonly sequence: number
}

export interface PutEntry {
  readonly Data: string
  readonly PartitionKey: string
  readonly ExplicitHashKey?: string
}

export interface Shard {
  readonly id: string
  readonly start: bigint
  readonly end: bigint
  closed: boolean
}

export interface ShardLimits {
  readonly recordsPerSecond: number
  readonly bytesPerSecond: number
}

const SPACE = 1n << 128n

/** Streams of shards that divide the 128-bit space of hash keys, each with its own rate, as Kinesis describes them. */
export class StoredStream {
  readonly name: string
  readonly shards: Shard[]
  readonly records: StoredRecord[] = []
  readonly activeAt: number
  readonly #rates = new Map<string, { at: number; records: number; bytes: number }>()

  constructor(name: string, shardCount: number, activeAt: number) {
    this.name = name
    this.activeAt = activeAt
    const share = SPACE / BigInt(shardCount)
    this.shards = Array.from({ length: shardCount }, (_, index) => ({
      id: shardId(index), start: share * BigInt(index), end: index === shardCount - 1 ? SPACE - 1n : share * BigInt(index + 1) - 1n, closed: false,
    }))
  }

  shardOf({ PartitionKey, ExplicitHashKey }: Pick<PutEntry, 'PartitionKey' | 'ExplicitHashKey'>): string {
    const hash = ExplicitHashKey === undefined ? BigInt(`0x${createHash('md5').update(PartitionKey).digest('hex')}`) : BigInt(ExplicitHashKey)
    return this.shards.find(({ start, end, closed }) => !closed && start <= hash && hash <= end)!.id
  }

  put(entry: PutEntry): StoredRecord {
    const record = { partitionKey: entry.PartitionKey, data: Buffer.from(entry.Data, 'base64'), shard: this.shardOf(entry), sequence: this.records.length + 1 }
    this.records.push(record)
    return record
  }

  /** Of one key, in order. */
  of(partitionKey: string): StoredRecord[] {
    return this.records.filter((record) => record.partitionKey === partitionKey)
  }

  /** The shard is closed, two new ones take a half each. */
  split(id: string): void {
    const parent = this.shards.find((shard) => shard.id === id)!
    parent.closed = true
    const middle = parent.start + (parent.end - parent.start) / 2n
    this.shards.push({ id: shardId(this.shards.length), start: parent.start, end: middle, closed: false })
    this.shards.push({ id: shardId(this.shards.length), start: middle + 1n, end: parent.end, closed: false })
  }

  /** Whether the shard's rate allows the record now; a bucket that holds one second. */
  allows(entry: PutEntry, limits: ShardLimits): boolean {
    const shard = this.shardOf(entry)
    const now = performance.now()
    const rate = this.#rates.get(shard) ?? { at: now, records: limits.recordsPerSecond, bytes: limits.bytesPerSecond }
    this.#rates.set(shard, rate)
    const seconds = (now - rate.at) / 1_000
    rate.at = now
    rate.records = Math.min(limits.recordsPerSecond, rate.records + seconds * limits.recordsPerSecond)
    rate.bytes = Math.min(limits.bytesPerSecond, rate.bytes + seconds * limits.bytesPerSecond)
    const size = sizeOf(entry)
    if (rate.records < 1 || rate.bytes < Math.min(size, limits.bytesPerSecond)) return false
    rate.records -= 1
    rate.bytes -= size
    return true
  }
}

/** Data and partition key. */
export function sizeOf({ Data, PartitionKey }: PutEntry): number {
  return Buffer.byteLength(Data, 'base64') + Buffer.byteLength(PartitionKey)
}

function shardId(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`
}

import { createHash } from 'node:crypto'
import { TailraceError } from '../../error/tailrace-error.ts'

/** An open shard, and the first of the 128-bit hash keys that it takes. */
export interface OpenShard {
  readonly id: string
  /** Decimal, as Kinesis writes it. */
  readonly startingHashKey: string
}

/** Hash keys as 32 hexadecimal digits: text compares as the numbers do. */
const DIGITS = 32
const LIMIT = 1n << 128n

/**
 * Which shard a key falls into: MD5 of the partition key as a 128-bit number, or the explicit hash key, within the shards' ranges
 * (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). A map that is out of date costs nothing but a back-off
 * for the wrong records.
 */
export class ShardMap {
  readonly #starts: readonly string[]
  readonly #ids: readonly string[]

  constructor(shards: readonly OpenShard[]) {
    const sorted = shards.map(({ id, startingHashKey }) => ({ id, start: hexadecimal(BigInt(startingHashKey)) })).sort((one, other) => (one.start < other.start ? -1 : 1))
    this.#starts = sorted.map(({ start }) => start)
    this.#ids = sorted.map(({ id }) => id)
  }

  /** Undefined where the shards are not known. */
  shardOf(partitionKey: string, explicitHashKey: string | undefined): string | undefined {
    if (this.#starts.length === 0) return undefined
    const hash = explicitHashKey === undefined ? createHash('md5').update(partitionKey).digest('hex') : hexadecimal(BigInt(explicitHashKey))
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#starts[middle]! <= hash) low = middle
      else high = middle
    }
    return this.#ids[low]
  }
}

function hexadecimal(hash: bigint): string {
  return hash.toString(16).padStart(DIGITS, '0')
}

/** What the option `explicitHashKey` returned. Errors: TR_CONFIG_INVALID. */
export function checkedHashKey(destination: string, hashKey: unknown): string | undefined {
  if (hashKey === undefined) return undefined
  if (typeof hashKey === 'string' && /^(0|[1-9]\d{0,38})$/.test(hashKey) && BigInt(hashKey) < LIMIT) return hashKey
  throw new TailraceError('TR_CONFIG_INVALID', { message: `explicitHashKey returned no decimal number from 0 to 2^128 - 1 for the destination ${destination}`, where: { destination } })
}

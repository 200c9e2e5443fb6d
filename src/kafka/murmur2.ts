import { word32 } from '../byte/little-endian.ts'

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** The hash that Kafka's Java client places keys by (org.apache.kafka.common.utils.Utils.murmur2), of bytes [start, end), as a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  let hash = SEED ^ length
  let at = start
  for (const last = end - 3; at < last; at += 4) {
    let k = word32(bytes, at) | 0
    k = Math.imul(k, M)
    k ^= k >>> R
    hash = Math.imul(hash, M) ^ Math.imul(k, M)
  }
  const rest = end - at
  if (rest > 2) hash ^= bytes[at + 2]! << 16
  if (rest > 1) hash ^= bytes[at + 1]! << 8
  if (rest > 0) hash = Math.imul(hash ^ bytes[at]!, M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

/** The partition that Kafka's Java producer chooses for a key (BuiltInPartitioner.partitionForKey). */
export function partitionOfKey(bytes: Uint8Array, start: number, end: number, partitions: number): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions
}

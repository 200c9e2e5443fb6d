import { createHash } from 'node:crypto'
import type { WaitingRecord } from './lane.ts'

/**
 * The Kinesis Producer Library's aggregated record: a magic number, a protobuf message, and the message's MD5
 * (https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md). Here all records of it have one partition key.
 *
 *     message AggregatedRecord { repeated string partition_key_table = 1; repeated string explicit_hash_key_table = 2; repeated Record records = 3; }
 *     message Record { required uint64 partition_key_index = 1; optional uint64 explicit_hash_key_index = 2; required bytes data = 3; }
 */
const MAGIC = 0xf3899ac2
const DIGEST_BYTES = 16
/** Tags: the field's number, and that its length follows. */
const KEY_TABLE = 0x0a
const HASH_KEY_TABLE = 0x12
const RECORDS = 0x1a
/** Both indexes are 0. */
const KEY_INDEX = Buffer.from([0x08, 0x00])
const BOTH_INDEXES = Buffer.from([0x08, 0x00, 0x10, 0x00])
const DATA = 0x1a

/** What the Kinesis Producer Library aggregates to by default; a larger record would be throttled as a whole. */
const MOST_BYTES = 51_200

/** How many records, from the first on, may go as one of at most `room` bytes, and the size of that one with its partition key. */
export function aggregable(partitionKey: string, records: readonly WaitingRecord[], room: number): { readonly count: number; readonly size: number } {
  const [first] = records as readonly [WaitingRecord]
  const { explicitHashKey } = first
  const limit = Math.min(MOST_BYTES, room)
  const keyBytes = Buffer.byteLength(partitionKey)
  let size = 4 + DIGEST_BYTES + keyBytes + fieldSize(keyBytes) + (explicitHashKey === undefined ? 0 : fieldSize(explicitHashKey.length))
  let count = 0
  for (const record of records) {
    const more = fieldSize(innerSize(record))
    if (size + more > limit || record.explicitHashKey !== explicitHashKey) break
    size += more
    count++
  }
  // one alone goes as it is
  return count > 1 ? { count, size } : { count: 1, size: first.size }
}

/** The data of the one that these records go as. `size` is what {@link aggregable} said. */
export function aggregate(partitionKey: string, records: readonly WaitingRecord[], size: number): Buffer {
  const into = Buffer.allocUnsafe(size - Buffer.byteLength(partitionKey))
  const { explicitHashKey } = records[0]!
  let at = into.writeUInt32BE(MAGIC)
  const start = at
  at = writeField(into, at, KEY_TABLE, Buffer.from(partitionKey))
  if (explicitHashKey !== undefined) at = writeField(into, at, HASH_KEY_TABLE, Buffer.from(explicitHashKey))
  const indexes = explicitHashKey === undefined ? KEY_INDEX : BOTH_INDEXES
  for (const record of records) {
    at = into.writeUInt8(RECORDS, at)
    at = writeVarint(into, at, innerSize(record))
    at += indexes.copy(into, at)
    at = writeField(into, at, DATA, record.data)
  }
  createHash('md5').update(into.subarray(start, at)).digest().copy(into, at)
  return into
}

function innerSize({ data, explicitHashKey }: WaitingRecord): number {
  return (explicitHashKey === undefined ? KEY_INDEX : BOTH_INDEXES).length + fieldSize(data.length)
}

/** Tag, length, bytes. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = rest >>> 7) size++
  return size
}

function writeField(into: Buffer, at: number, tag: number, bytes: Uint8Array): number {
  const start = writeVarint(into, into.writeUInt8(tag, at), bytes.length)
  into.set(bytes, start)
  return start + bytes.length
}

function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value
  let next = at
  for (; rest >= 0x80; rest = rest >>> 7) into[next++] = (rest & 0x7f) | 0x80
  into[next] = rest
  return next + 1
}

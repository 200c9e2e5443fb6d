import type { HeaderSet } from '../format/format.ts'
import { crc32c } from './crc32c.ts'
import type { Codec } from './compression.ts'
import { varintSize, writeVarint } from './varint.ts'

/*
  RecordBatch => baseOffset int64, batchLength int32, partitionLeaderEpoch int32, magic int8 (2), crc uint32,
                 attributes int16 (0-2 compression, 4 transactional), lastOffsetDelta int32, baseTimestamp int64, maxTimestamp int64,
                 producerId int64, producerEpoch int16, baseSequence int32, records int32, then the records
  Record      => length varint, attributes int8, timestampDelta varint, offsetDelta varint,
                 keyLength varint (-1: null), key, valueLength varint (-1: null), value, headers varint, each: name and value with their lengths
  https://kafka.apache.org/documentation/#recordbatch
*/
const AT = { length: 8, leaderEpoch: 12, magic: 16, crc: 17, attributes: 21, lastOffsetDelta: 23, baseTimestamp: 27, maxTimestamp: 35, producerId: 43, producerEpoch: 51, baseSequence: 53, count: 57, records: 61 } as const
const TRANSACTIONAL = 0x10
/** What a record may need beside key, value and headers: five varints and the attributes. */
const RECORD_ROOM = 32

/** Longer slices are copied by memmove, shorter ones by a loop. */
const LONG_SLICE = 48

/** One record's place in bytes of others; ABSENT (-1) starts stand for null. */
export interface RecordSlices {
  readonly bytes: Buffer
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** Records of one partition as one record batch, written in place: what it holds is what goes over the wire. */
export class PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly firstTimestampMs: number
  /** The batch is bytes [0, length). */
  bytes: Buffer
  length: number = AT.records
  count = 0
  /** How often it was sent. */
  sent = 0
  #compressed: Codec | undefined
  #lastTimestampMs: number

  /** `into`: bytes to write to, or how many to begin with. */
  constructor(topic: string, partition: number, timestampMs: number, into: Buffer | number) {
    this.topic = topic
    this.partition = partition
    this.firstTimestampMs = this.#lastTimestampMs = timestampMs
    this.bytes = typeof into === 'number' ? Buffer.allocUnsafeSlow(Math.max(into, AT.records)) : into
  }

  /** Copies a record behind the others. `headers` are {@link encodedHeaders}. */
  append(record: RecordSlices, headers: Buffer, timestampMs: number): void {
    const key = record.keyStart < 0 ? -1 : record.keyEnd - record.keyStart
    const value = record.valueStart < 0 ? -1 : record.valueEnd - record.valueStart
    const delta = timestampMs - this.firstTimestampMs
    const length = 1 + varintSize(delta) + varintSize(this.count) + varintSize(key) + Math.max(key, 0) + varintSize(value) + Math.max(value, 0) + headers.length
    const out = this.#room(length + RECORD_ROOM)
    let w = writeVarint(out, this.length, length)
    out[w++] = 0
    w = writeVarint(out, w, delta)
    w = writeVarint(out, w, this.count)
    w = writeSlice(out, w, record.bytes, record.keyStart, key)
    w = writeSlice(out, w, record.bytes, record.valueStart, value)
    w = copy(out, w, headers, 0, headers.length)
    this.length = w
    this.count++
    this.#lastTimestampMs = Math.max(this.#lastTimestampMs, timestampMs)
  }

  /** Compresses; no record is added afterwards. */
  compress(codec: Codec): void {
    const compressed = codec.compress(this.bytes.subarray(AT.records, this.length))
    // as Java's client, which sends what it has compressed even where that is longer
    this.length = AT.records
    compressed.copy(this.#room(compressed.length), AT.records)
    this.length = AT.records + compressed.length
    this.#compressed = codec
  }

  /** Fills in the header, for one producer and its next sequence number. May be called again for another producer. */
  stamp(producerId: bigint, producerEpoch: number, sequence: number, transactional: boolean): void {
    const { bytes } = this
    bytes.fill(0, 0, AT.length)
    bytes.writeInt32BE(this.length - AT.leaderEpoch, AT.length)
    bytes.writeInt32BE(-1, AT.leaderEpoch)
    bytes[AT.magic] = 2
    bytes.writeInt16BE((this.#compressed?.id ?? 0) | (transactional ? TRANSACTIONAL : 0), AT.attributes)
    bytes.writeInt32BE(this.count - 1, AT.lastOffsetDelta)
    bytes.writeBigInt64BE(BigInt(this.firstTimestampMs), AT.baseTimestamp)
    bytes.writeBigInt64BE(BigInt(this.#lastTimestampMs), AT.maxTimestamp)
    bytes.writeBigInt64BE(producerId, AT.producerId)
    bytes.writeInt16BE(producerEpoch, AT.producerEpoch)
    bytes.writeInt32BE(sequence, AT.baseSequence)
    bytes.writeInt32BE(this.count, AT.count)
    bytes.writeUInt32BE(crc32c(bytes, AT.attributes, this.length), AT.crc)
  }

  /** The records as they were appended, before a compression. */
  get uncompressed(): Buffer {
    return this.bytes.subarray(AT.records, this.length)
  }

  #room(size: number): Buffer {
    const needed = this.length + size
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, this.length)
      this.bytes = grown
    }
    return this.bytes
  }
}

const encoded = new WeakMap<HeaderSet, Buffer>()

/** Headers as they stand in a record. Sets are shared by many records, so each is encoded once. */
export function encodedHeaders(headers: HeaderSet): Buffer {
  let bytes = encoded.get(headers)
  if (bytes === undefined) encoded.set(headers, (bytes = encodeHeaders(headers)))
  return bytes
}

function encodeHeaders(headers: HeaderSet): Buffer {
  const names = headers.map(({ name }) => Buffer.from(name))
  const size = headers.reduce((sum, { value }, index) => sum + names[index]!.length + value.length + 10, 5)
  const out = Buffer.alloc(size)
  let w = writeVarint(out, 0, headers.length)
  headers.forEach(({ value }, index) => {
    w = writeSlice(out, w, names[index]!, 0, names[index]!.length)
    w = writeSlice(out, w, value, 0, value.length)
  })
  return out.subarray(0, w)
}

function writeSlice(out: Buffer, at: number, bytes: Buffer, start: number, length: number): number {
  const w = writeVarint(out, at, length)
  return length <= 0 ? w : copy(out, w, bytes, start, length)
}

function copy(out: Buffer, at: number, bytes: Buffer, start: number, length: number): number {
  if (length > LONG_SLICE) out.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), at)
  else for (let index = 0; index < length; index++) out[at + index] = bytes[start + index]!
  return at + length
}

/*
  Transaction_payload => fields, each: packed kind, packed length, packed value; kind 0 ends them and has nothing behind it:
    1 bytes of the payload, 2 compression (0 zstd, 255 none), 3 bytes of it in plain, others: to be passed over; then the payload:
    the events of a transaction, from BEGIN to its end, each with its header, without checksums
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Transaction__payload__event.html,
  Transaction_payload::decode (libs/mysql/binlog/event/codecs/binary.cpp)
*/
import zlib from 'node:zlib'
import { EVENT_HEADER } from './event-header.ts'
import { EventReader } from './event-reader.ts'
import { malformed, tooLarge } from './malformed.ts'
import { ZstdFrames } from './zstd-frames.ts'

/** One event of the transaction, with its header. */
export interface InnerEvent {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** Content, piece after piece. Undefined: it is at its end. */
interface Pieces {
  next(): Buffer | undefined
}

const NAME = 'Transaction_payload'
const END = 0
const PAYLOAD_BYTES = 1
const COMPRESSION = 2
const PLAIN_BYTES = 3
const ZSTD = 0
const NONE = 255
const SIZE_OFFSET = 9
/** Up to this size everything is decompressed at once, where Node can: it takes a tenth of the time for small transactions. */
const AT_ONCE_BYTES = 1_048_576

type ZstdDecompress = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer
const nativeZstd = (zlib as unknown as { readonly zstdDecompressSync?: ZstdDecompress }).zstdDecompressSync

/** The events in a compressed transaction, one at a time. Needs memory for the largest of them, not for all. */
export class PayloadReader {
  readonly #pieces: Pieces
  readonly #limit: number
  #piece: Buffer = Buffer.alloc(0)
  #at = 0

  /** Of [start, end), the event's body. `maxEventBytes`: of one inner event. */
  constructor(bytes: Buffer, start: number, end: number, maxEventBytes: number) {
    this.#pieces = openPayload(bytes, start, end)
    this.#limit = maxEventBytes
  }

  /** Undefined: there are no more. Errors: TR_MYSQL_EVENT_TOO_LARGE. */
  next(): InnerEvent | undefined {
    const header = this.#take(EVENT_HEADER)
    if (header === undefined) return undefined
    const size = header.readUInt32LE(SIZE_OFFSET)
    if (size < EVENT_HEADER) throw malformed(NAME, `it has an event of ${size} bytes`)
    if (size > this.#limit) throw tooLarge(NAME, size, this.#limit)
    const before = this.#at - EVENT_HEADER
    // most lie in one piece, where nothing is copied
    if (before >= 0 && before + size <= this.#piece.length) {
      this.#at = before + size
      return { bytes: this.#piece, start: before, end: before + size }
    }
    const rest = this.#take(size - EVENT_HEADER)
    if (rest === undefined && size > EVENT_HEADER) throw malformed(NAME, 'its last event has no end')
    const bytes = rest === undefined ? header : Buffer.concat([header, rest])
    return { bytes, start: 0, end: bytes.length }
  }

  /** Exactly so many bytes, joined from pieces if need be. Undefined: there are none at all. */
  #take(count: number): Buffer | undefined {
    const parts: Buffer[] = []
    let missing = count
    while (missing > 0) {
      if (this.#at === this.#piece.length && !this.#advance()) break
      const part = this.#piece.subarray(this.#at, this.#at + missing)
      parts.push(part)
      this.#at += part.length
      missing -= part.length
    }
    if (missing === count) return undefined
    if (missing > 0) throw malformed(NAME, 'its last event has no end')
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  #advance(): boolean {
    const piece = this.#pieces.next()
    if (piece === undefined) return false
    this.#piece = piece
    this.#at = 0
    return true
  }
}

function openPayload(bytes: Buffer, start: number, end: number): Pieces {
  const reader = new EventReader(NAME, bytes, start, end)
  const fields = readFields(reader)
  const size = fields.get(PAYLOAD_BYTES)
  if (size !== reader.left) throw malformed(NAME, `a payload of ${size ?? 'unknown many'} bytes, where ${reader.left} are`)
  const compression = fields.get(COMPRESSION)
  if (compression === NONE) return single(bytes.subarray(reader.at, end))
  if (compression !== ZSTD) throw malformed(NAME, `compression ${compression ?? 'unknown'}`)
  const plain = fields.get(PLAIN_BYTES)
  if (nativeZstd !== undefined && plain !== undefined && plain <= AT_ONCE_BYTES) return single(decompress(nativeZstd, bytes.subarray(reader.at, end), plain))
  return new ZstdFrames(bytes, reader.at, end)
}

function readFields(reader: EventReader): Map<number, number> {
  const fields = new Map<number, number>()
  for (;;) {
    const kind = reader.packed()
    if (kind === END) return fields
    const length = reader.packed()
    const from = reader.at
    if (kind === PAYLOAD_BYTES || kind === COMPRESSION || kind === PLAIN_BYTES) fields.set(kind, reader.packed())
    else reader.skip(length)
    if (reader.at - from !== length) throw malformed(NAME, 'a field is not as long as it says')
  }
}

function decompress(native: ZstdDecompress, bytes: Buffer, plain: number): Buffer {
  try {
    return native(bytes, { maxOutputLength: Math.max(1, plain) })
  } catch {
    throw malformed(NAME, 'it does not decompress to what it claims')
  }
}

function single(piece: Buffer): Pieces {
  let left: Buffer | undefined = piece
  return {
    next: () => {
      const one = left
      left = undefined
      return one
    },
  }
}

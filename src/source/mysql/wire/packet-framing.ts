import { word24 } from '../../../byte/little-endian.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'

/*
  Packet => 3 bytes length (little-endian), 1 byte sequence id, payload. A payload of 0xffffff bytes is continued by the next packet,
    which is an empty one where nothing is left. Sequence ids begin at 0 with each command, wrap at 255, and count replies as well.
  https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
*/
const HEADER = 4
const FULL = 0xffffff
/** First byte of an error packet. */
const ERR = 0xff

/**
 * Takes one payload at a time, synchronously. `bytes` is memory that nobody reuses: slices may be kept.
 * Returns false to hold the rest back until {@link PacketFraming.release}.
 */
export type TakePacket = (bytes: Buffer, start: number, end: number) => boolean

/** A payload as packets, from sequence id 0. */
export function toPackets(payload: Buffer): Buffer {
  const count = Math.floor(payload.length / FULL) + 1
  const packets = Buffer.allocUnsafe(payload.length + count * HEADER)
  for (let index = 0; index < count; index++) {
    const from = index * FULL
    const length = Math.min(FULL, payload.length - from)
    const at = from + index * HEADER
    packets.writeUIntLE(length, at, 3)
    packets[at + 3] = index & 0xff
    payload.copy(packets, at + HEADER, from, from + length)
  }
  return packets
}

/**
 * Cuts the byte stream into payloads. One that lies in a single chunk is handed on where it lies; only those that straddle chunks
 * or packets are joined, and only once all of their bytes are there, so that a lying length never allocates more than was received.
 */
export class PacketFraming {
  readonly #take: TakePacket
  #maxPacketBytes: number
  #queue: Buffer[] = []
  #offset = 0
  #buffered = 0
  #held = false
  /** Of the next packet. */
  #sequence = 0
  /** Lengths of the parts of the payload that is being joined, as far as their headers are known. */
  #parts: number[] = []
  /** Bytes that these parts take with their headers, and the sum of their lengths. */
  #span = 0
  #length = 0

  constructor(take: TakePacket, maxPacketBytes: number) {
    this.#take = take
    this.#maxPacketBytes = maxPacketBytes
  }

  /** Bytes received that are not handed on yet. */
  get buffered(): number {
    return this.#buffered
  }

  get held(): boolean {
    return this.#held
  }

  set maxPacketBytes(limit: number) {
    this.#maxPacketBytes = limit
  }

  /** A command of `packets` packets was sent: its replies are numbered from there. */
  commandSent(packets: number): void {
    this.#sequence = packets & 0xff
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#queue.push(chunk)
    this.#buffered += chunk.length
    if (!this.#held) this.#drain()
  }

  release(): void {
    this.#held = false
    this.#drain()
  }

  #drain(): void {
    while (!this.#held && this.#queue.length > 0) {
      const chunk = this.#queue[0]!
      const limit = chunk.length
      let at = this.#offset
      while (this.#parts.length === 0 && limit - at >= HEADER) {
        const length = word24(chunk, at)
        const end = at + HEADER + length
        if (length === FULL || end > limit) break
        if (length > this.#maxPacketBytes) throw this.#tooLarge(length)
        this.#expect(chunk[at + 3]!, chunk[at + HEADER], length)
        this.#held = !this.#take(chunk, at + HEADER, end)
        at = end
        if (this.#held) break
      }
      this.#buffered -= at - this.#offset
      this.#offset = at
      if (at === limit) {
        this.#queue.shift()
        this.#offset = 0
      } else if (!this.#held && !this.#join()) return
    }
  }

  /** Joins the payload that straddles, and hands it on. False while bytes are missing. */
  #join(): boolean {
    while (this.#parts.length === 0 || this.#parts.at(-1) === FULL) {
      if (this.#buffered < this.#span + HEADER) return false
      const { length, sequence, first } = this.#headerAt(this.#span)
      if (this.#length + length > this.#maxPacketBytes) throw this.#tooLarge(this.#length + length)
      // an empty payload has no first byte
      if (length > 0 && first === undefined) return false
      this.#length += length
      this.#expect(sequence, this.#parts.length === 0 ? first : undefined, length)
      this.#parts.push(length)
      this.#span += HEADER + length
    }
    if (this.#buffered < this.#span) return false
    const payload = this.#gather()
    this.#held = !this.#take(payload, 0, payload.length)
    return true
  }

  /** Copies the parts into one piece of memory, letting go of each chunk as it is done. */
  #gather(): Buffer {
    const payload = Buffer.allocUnsafeSlow(this.#length)
    const queue = this.#queue
    let filled = 0
    let index = 0
    let offset = this.#offset
    for (const part of this.#parts) {
      let skip = HEADER
      for (let missing = part; skip > 0 || missing > 0; ) {
        const chunk = queue[index]!
        const skipped = Math.min(skip, chunk.length - offset)
        skip -= skipped
        offset += skipped
        const taken = skip > 0 ? 0 : Math.min(missing, chunk.length - offset)
        chunk.copy(payload, filled, offset, offset + taken)
        filled += taken
        missing -= taken
        offset += taken
        if (offset === chunk.length) {
          queue[index++] = NOTHING
          offset = 0
        }
      }
    }
    queue.splice(0, index)
    this.#offset = offset
    this.#buffered -= this.#span
    this.#parts = []
    this.#span = this.#length = 0
    return payload
  }

  /** The packet header that stands `ahead` bytes ahead, and the byte behind it; chunks may end anywhere in it. */
  #headerAt(ahead: number): { length: number; sequence: number; first: number | undefined } {
    let index = 0
    let at = this.#offset + ahead
    const next = (): number | undefined => {
      while (index < this.#queue.length && at >= this.#queue[index]!.length) at -= this.#queue[index++]!.length
      return this.#queue[index]?.[at++]
    }
    const length = next()! | (next()! << 8) | (next()! << 16)
    return { length, sequence: next()!, first: length === 0 ? undefined : next() }
  }

  #expect(sequence: number, first: number | undefined, length: number): void {
    const expected = this.#sequence
    this.#sequence = (sequence + 1) & 0xff
    // what a server says when it ends a connection of its own accord is numbered anew
    if (sequence === expected || (first === ERR && sequence === 0)) return
    throw new TailraceError('TR_MYSQL_PROTOCOL', { message: `A packet is numbered ${sequence}, where ${expected} follows`, where: { expected, sequence, length } })
  }

  #tooLarge(length: number): TailraceError {
    const limit = this.#maxPacketBytes
    return new TailraceError('TR_MYSQL_EVENT_TOO_LARGE', { message: `A packet of ${length} bytes or more exceeds the limit of ${limit}`, where: { length, limit } })
  }
}

const NOTHING = Buffer.alloc(0)

import { bigWord32 } from '../../../byte/big-endian.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'

/**
 * Takes one message at a time, synchronously. `bytes` is memory that nobody reuses: slices may be kept.
 * Returns false to hold the rest back until {@link Framing.release}.
 */
export type TakeMessage = (type: number, bytes: Buffer, start: number, end: number) => boolean

const HEADER = 5 // type byte, int32 length that counts itself but not the type

/**
 * Cuts the byte stream into backend messages (https://www.postgresql.org/docs/current/protocol-overview.html). A message
 * inside one chunk is handed on where it lies; only one that straddles chunks is joined, and only once all of it is
 * there, so that a lying length never allocates more than was received.
 */
export class Framing {
  readonly #take: TakeMessage
  readonly #maxMessageBytes: number
  readonly #queue: Buffer[] = []
  #offset = 0
  #buffered = 0
  #held = false
  /** Size of the straddling message, once its header is known. */
  #needed = 0

  constructor(take: TakeMessage, maxMessageBytes: number) {
    this.#take = take
    this.#maxMessageBytes = maxMessageBytes
  }

  /** Bytes received that are not handed on yet. */
  get buffered(): number {
    return this.#buffered
  }

  get held(): boolean {
    return this.#held
  }

  push(chunk: Buffer): void {
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
      while (this.#needed === 0 && limit - at >= HEADER) {
        const end = at + this.#size(chunk, at)
        if (end > limit) break
        this.#held = !this.#take(chunk[at]!, chunk, at + HEADER, end)
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

  /** Size of the message at `at`, type byte included. */
  #size(bytes: Buffer, at: number): number {
    const length = bigWord32(bytes, at + 1)
    if (length < 4 || length > 0x7fffffff) throw new TailraceError('TR_PG_PROTOCOL', { message: `A message of type ${bytes[at]} claims ${length} bytes`, where: { type: bytes[at]!, length } })
    if (length > this.#maxMessageBytes) {
      throw new TailraceError('TR_PG_MESSAGE_TOO_LARGE', { message: `A message of ${length} bytes exceeds the limit of ${this.#maxMessageBytes}`, where: { length, limit: this.#maxMessageBytes } })
    }
    return length + 1
  }

  /** Joins the message that straddles chunks and hands it on. False while bytes are missing. */
  #join(): boolean {
    if (this.#needed === 0) {
      if (this.#buffered < HEADER) return false
      this.#needed = this.#size(this.#copy(HEADER, false), 0)
    }
    if (this.#buffered < this.#needed) return false
    const message = this.#copy(this.#needed, true)
    this.#needed = 0
    this.#held = !this.#take(message[0]!, message, HEADER, message.length)
    return true
  }

  #copy(size: number, consume: boolean): Buffer {
    const joined = Buffer.allocUnsafeSlow(size)
    let filled = 0
    let index = 0
    let offset = this.#offset
    while (filled < size) {
      const chunk = this.#queue[index]!
      const taken = Math.min(size - filled, chunk.length - offset)
      chunk.copy(joined, filled, offset, offset + taken)
      filled += taken
      offset += taken
      if (offset === chunk.length) {
        index++
        offset = 0
      }
    }
    if (consume) {
      this.#queue.splice(0, index)
      this.#offset = offset
      this.#buffered -= size
    }
    return joined
  }
}

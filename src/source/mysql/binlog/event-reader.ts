import { word16, word24, word32, word48, word64 } from '../../../byte/little-endian.ts'
import { malformed } from './malformed.ts'

/*
  Packed integer => uint8 below 251 | 252, uint16 | 253, uint24 | 254, uint64. 251 stands for NULL in other places, 255 for nothing.
  All integers of the log are little-endian.
  https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_dt_integers.html#sect_protocol_basic_dt_int_le
*/

/** Reads an event's body from front to back; reading beyond its end is TR_MYSQL_PROTOCOL. For events that are read once a transaction, not once a row. */
export class EventReader {
  readonly #event: string
  readonly #bytes: Buffer
  readonly #end: number
  at: number

  constructor(event: string, bytes: Buffer, start: number, end: number) {
    this.#event = event
    this.#bytes = bytes
    this.#end = end
    this.at = start
    if (start > end) throw malformed(event, 'it is too short')
  }

  get left(): number {
    return this.#end - this.at
  }

  /** Steps over so many bytes; returns where they begin. */
  skip(count: number): number {
    const from = this.at
    if (count > this.#end - from) throw malformed(this.#event, 'it is too short')
    this.at = from + count
    return from
  }

  uint8(): number {
    return this.#bytes[this.skip(1)]!
  }

  uint16(): number {
    return word16(this.#bytes, this.skip(2))
  }

  uint24(): number {
    return word24(this.#bytes, this.skip(3))
  }

  uint32(): number {
    return word32(this.#bytes, this.skip(4))
  }

  uint48(): number {
    return word48(this.#bytes, this.skip(6))
  }

  uint64(): bigint {
    return word64(this.#bytes, this.skip(8))
  }

  /** A uint64 that counts bytes, or is an offset: below 2^53. */
  natural64(): number {
    const at = this.skip(8)
    const high = word32(this.#bytes, at + 4)
    if (high > 0x1fffff) throw malformed(this.#event, 'a number is out of range')
    return high * 4_294_967_296 + word32(this.#bytes, at)
  }

  /** A packed integer. */
  packed(): number {
    const first = this.uint8()
    if (first < 251) return first
    if (first === 252) return this.uint16()
    if (first === 253) return this.uint24()
    if (first === 254) return this.natural64()
    throw malformed(this.#event, `a packed integer begins with ${first}`)
  }

  /** UTF-8: names, statements. */
  text(length: number): string {
    const from = this.skip(length)
    return this.#bytes.toString('utf8', from, from + length)
  }

  /** A view of the event's own bytes. */
  slice(length: number): Buffer {
    const from = this.skip(length)
    return this.#bytes.subarray(from, from + length)
  }

  /** `length` bytes of text and a zero behind it. */
  terminated(length: number): string {
    const text = this.text(length)
    if (this.uint8() !== 0) throw malformed(this.#event, 'a name has no end')
    return text
  }

  /** All has been read. */
  expectEnd(): void {
    if (this.left !== 0) throw malformed(this.#event, `${this.left} bytes are left over`)
  }
}

import { signed16, word16, word32 } from '../../../byte/little-endian.ts'
import { malformed } from '../binlog/malformed.ts'

/*
  MySQL's binary JSON (sql-common/json_binary.h). Integers are little-endian.

    document   ::= type value
    object     ::= count size key-entry* value-entry* key* value*       count, size, offset: 2 bytes, in large ones 4
    array      ::= count size value-entry* value*
    key-entry  ::= offset length(2)                                     sorted by length, then by bytes
    value-entry::= type (offset | value, where it fits and is a literal or an integer of 16 bits, in large ones 32)
    string     ::= length bytes                                         length: 7 bits a byte, the lowest first, the eighth says that more follow
    opaque     ::= field-type length bytes

  Offsets count from the object's or array's count. What lies between the parts has no meaning: updates in place leave gaps.
*/

export const JSONB = {
  smallObject: 0, largeObject: 1, smallArray: 2, largeArray: 3, literal: 4, int16: 5, uint16: 6, int32: 7, uint32: 8, int64: 9, uint64: 10, double: 11, string: 12, opaque: 15,
} as const

/** JSON_DOCUMENT_MAX_DEPTH (sql-common/json_syntax_check.h). */
export const MAX_DEPTH = 100

export function isContainer(type: number): boolean {
  return type <= JSONB.largeArray
}

/** Whether a value entry holds the value itself. */
export function isInline(type: number, large: boolean): boolean {
  return type === JSONB.literal || type === JSONB.int16 || type === JSONB.uint16 || (large && (type === JSONB.int32 || type === JSONB.uint32))
}

export function readOffset(bytes: Buffer, at: number, large: boolean): number {
  return large ? word32(bytes, at) : word16(bytes, at)
}

export const damaged = (why: string): Error => malformed('JSON document', why)

/** Throws where fewer than `size` bytes are left. */
export function need(at: number, size: number, end: number): void {
  if (end - at < size) throw damaged('it ends too early')
}

/** Where the parts of an object or array are. Read again and again: documents are read without making objects. */
export class Container {
  large = false
  object = false
  count = 0
  /** Of its count. */
  at = 0
  end = 0
  /** Where the key entries, the value entries and what they lead to begin. */
  keys = 0
  values = 0
  data = 0

  /** `at`: of the count; `end` bounds it. */
  read(bytes: Buffer, type: number, at: number, end: number): this {
    this.large = type === JSONB.largeObject || type === JSONB.largeArray
    this.object = type === JSONB.smallObject || type === JSONB.largeObject
    this.at = at
    const width = this.large ? 4 : 2
    need(at, 2 * width, end)
    this.count = readOffset(bytes, at, this.large)
    const size = readOffset(bytes, at + width, this.large)
    need(at, size, end)
    this.end = at + size
    this.keys = at + 2 * width
    this.values = this.keys + (this.object ? this.count * (width + 2) : 0)
    this.data = this.values + this.count * (width + 1)
    if (this.data > this.end) throw damaged('it has more members than bytes')
    return this
  }

  keyEntry(index: number): number {
    return this.keys + index * (this.large ? 6 : 4)
  }

  /** Where the key begins. */
  keyAt(bytes: Buffer, entry: number): number {
    return this.inside(readOffset(bytes, entry, this.large))
  }

  keyEnd(bytes: Buffer, entry: number, start: number): number {
    const length = readOffset(bytes, entry + (this.large ? 4 : 2), false)
    need(start, length, this.end)
    return start + length
  }

  valueEntry(index: number): number {
    return this.values + index * (this.large ? 5 : 3)
  }

  /** Where the value of a value entry begins. */
  valueAt(bytes: Buffer, entry: number): number {
    return isInline(bytes[entry]!, this.large) ? entry + 1 : this.inside(readOffset(bytes, entry + 1, this.large))
  }

  /** The signed integer of 16 bits that a value entry holds. */
  inlineInteger(bytes: Buffer, entry: number): number {
    return signed16(bytes, entry + 1)
  }

  /** Where the bytes of a value entry's short string begin, behind the one byte of their length; -1 where it is something else. */
  shortString(bytes: Buffer, entry: number): number {
    if (this.large || bytes[entry] !== JSONB.string) return -1
    const at = this.at + word16(bytes, entry + 1)
    if (at < this.data || at >= this.end) return -1
    const length = bytes[at]!
    return length > 0x7f || at + length >= this.end ? -1 : at + 1
  }

  private inside(offset: number): number {
    const at = this.at + offset
    if (at < this.data || at > this.end) throw damaged('an offset leads outside')
    return at
  }
}

/** Length of a string or opaque value, and where its bytes begin: it holds what was read last. */
export class VariableLength {
  length = 0
  start = 0

  read(bytes: Buffer, at: number, end: number): void {
    let length = 0
    for (let i = 0, unit = 1; i < 5; i++, unit *= 128) {
      need(at + i, 1, end)
      const byte = bytes[at + i]!
      length += (byte & 0x7f) * unit
      if (byte < 0x80) {
        this.start = at + i + 1
        this.length = length
        return need(this.start, length, end)
      }
    }
    throw damaged('a length has no end')
  }
}

import { WORD, type ByteRun } from '../../byte/byte-run.ts'
import type { RowWriter } from '../../event/cell-writer.ts'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { RecordBatch } from '../record-batch.ts'
import { UnscaledDecimal } from '../unscaled-decimal.ts'
import { type AvroNode, NO_UNION } from './avro-node.ts'
import { parseFloating } from './floating.ts'
import { LONG_ROOM, writeCount, writeDigits, writeLong, writeTicks } from './zigzag.ts'

/** Text around the digits of a number, in a field that is a string. */
export interface Composed {
  readonly begin: Buffer
  readonly end: Buffer
}

const NOTHING: Buffer = Buffer.alloc(0)
const NOT_COMPOSED: readonly (Composed | undefined)[] = []
/** Longer slices are copied by memmove, shorter ones by a loop: the call alone costs as much as about this many bytes. */
const LONG_SLICE = 48

/** Writes Avro's binary encoding as Java's GenericDatumWriter does, straight into a {@link RecordBatch}'s buffer. */
export class AvroWriter implements RowWriter {
  private batch: RecordBatch | undefined
  /** The batch's buffer, and where the next byte goes. */
  private o: Buffer = NOTHING
  private view: DataView = new DataView(NOTHING.buffer, 0, 0)
  private w = 0
  private nodes: readonly AvroNode[] = []
  private composed: readonly (Composed | undefined)[] = NOT_COMPOSED
  private index = 0
  /** The place that the next value is for. */
  private node: AvroNode | undefined
  private readonly unscaled = new UnscaledDecimal()
  /** Open arrays, maps and records: the place, where its count stands, and how many members it has so far. */
  private depth = 0
  private readonly opened: AvroNode[] = []
  private readonly starts: number[] = []
  private readonly counts: number[] = []

  /** Continues at the end of `batch`. */
  begin(batch: RecordBatch): void {
    this.batch = batch
    if (this.o !== batch.bytes) this.adopt(batch.bytes)
    this.w = batch.length
    this.depth = 0
  }

  /** Offset of the next byte in the batch's buffer. */
  get position(): number {
    return this.w
  }

  /** Makes what was written part of the batch. */
  end(): void {
    this.batch!.length = this.w
  }

  /** Fields that follow are these; `composed` by field. */
  use(nodes: readonly AvroNode[], composed: readonly (Composed | undefined)[] = NOT_COMPOSED): void {
    this.nodes = nodes
    this.composed = composed
  }

  /** Prepared bytes. */
  run({ bytes, words }: ByteRun): void {
    const { length } = bytes
    if (this.w + length + WORD > this.o.length) this.grow(length + WORD)
    const { view, w } = this
    if (words.length === 0) this.o.set(bytes, w)
    else for (let i = 0; i < words.length; i++) view.setInt32(w + i * WORD, words[i]!, true)
    this.w = w + length
  }

  column(index: number): void {
    const node = this.nodes[index]!
    this.index = index
    if (node.lead.bytes.length > 0) this.run(node.lead)
    this.enter(node)
  }

  /** A value is what mostly comes: null takes the branch back. */
  private enter(node: AvroNode): void {
    this.node = node
    if (node.branch !== NO_UNION) this.byte(node.branch)
  }

  null(): void {
    const { missing, branch, place } = this.node!
    if (missing === undefined) {
      const message = `${place} is null inside, where Debezium’s schema does not allow it`
      throw new TailraceError('TR_VALUE_CONVERSION', { message, where: { column: place }, remedy: 'Avro cannot carry it: leave the column out, or keep nulls out of it' })
    }
    if (branch !== NO_UNION) this.w--
    this.run(missing)
  }

  /** Where no placeholder fits the column's type (numeric, for example) Debezium writes null. */
  unavailable(): void {
    this.null()
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  integer(value: number): void {
    const o = this.room(LONG_ROOM)
    this.w = writeLong(o, this.w, value)
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    if (this.composed !== NOT_COMPOSED) {
      const around = this.composed[this.index]
      if (around !== undefined) return this.compose(around, bytes, start, end)
    }
    const o = this.room(LONG_ROOM)
    this.w = writeDigits(o, this.w, bytes, start, end)
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    const o = this.room(LONG_ROOM)
    this.w = writeDigits(o, this.w, bytes, start, end)
  }

  ticks(seconds: number, fraction: number, scale: number): void {
    const o = this.room(LONG_ROOM)
    this.w = writeTicks(o, this.w, seconds, fraction, scale)
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    this.room(8)
    this.view.setFloat64(this.w, parseFloating(bytes, start, end), true)
    this.w += 8
  }

  float(bytes: Uint8Array, start: number, end: number): void {
    this.room(4)
    this.view.setFloat32(this.w, parseFloating(bytes, start, end), true)
    this.w += 4
  }

  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void {
    const { unscaled } = this
    unscaled.parse(bytes, start, end, scale)
    this.bytes(unscaled.bytes, 0, unscaled.length)
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    this.bytes(bytes, start, end)
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    this.bytes(bytes, start, end)
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    this.bytes(bytes, start, end)
  }

  string(value: string): void {
    const { length } = value
    const o = this.room(length + LONG_ROOM)
    const start = this.w
    let w = writeCount(o, start, length)
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        const bytes = Buffer.from(value)
        return this.bytes(bytes, 0, bytes.length)
      }
      o[w++] = unit
    }
    this.w = w
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    const o = this.room(length + LONG_ROOM)
    this.w = writeCount(o, this.w, length)
    this.copy(bytes, start, end)
  }

  beginArray(): void {
    this.open()
    this.byte(0)
  }

  element(): void {
    const top = this.depth - 1
    this.counts[top]!++
    this.enter(this.opened[top]!.items!)
  }

  /** One block: its count, the elements, and an empty block. */
  endArray(): void {
    const top = --this.depth
    const start = this.starts[top]!
    const count = this.counts[top]!
    if (count === 0) return
    const o = this.room(LONG_ROOM + 1)
    if (count > 0x3f) {
      const more = writeCount(o, this.w, count) - this.w - 1
      o.copyWithin(start + 1 + more, start + 1, this.w)
      this.w += more
    }
    writeCount(o, start, count)
    o[this.w++] = 0
  }

  /** A record has no bytes of its own; a map is written like an array. */
  beginStruct(): void {
    this.open()
    if (this.node!.members === undefined) this.byte(0)
  }

  member(name: string): void {
    const top = this.depth - 1
    const node = this.opened[top]!
    const index = this.counts[top]!++
    const { members } = node
    if (members === undefined) {
      if (node.keyBranch !== NO_UNION) this.byte(node.keyBranch)
      this.string(name)
      this.enter(node.items!)
    } else if (node.names[index] === name) this.enter(members[index]!)
    else throw new TailraceError('TR_ENGINE_INVARIANT', { message: `Member ${name} of ${node.place} is not where its schema has it` })
  }

  endStruct(): void {
    const top = this.depth - 1
    const { members, place } = this.opened[top]!
    if (members === undefined) return this.endArray()
    if (this.counts[top] !== members.length) throw new TailraceError('TR_ENGINE_INVARIANT', { message: `${place} has too few members` })
    this.depth = top
  }

  private open(): void {
    const { depth } = this
    this.opened[depth] = this.node!
    this.starts[depth] = this.w
    this.counts[depth] = 0
    this.depth = depth + 1
  }

  private compose({ begin, end: closing }: Composed, bytes: Uint8Array, start: number, end: number): void {
    const length = begin.length + end - start + closing.length
    const o = this.room(length + LONG_ROOM)
    this.w = writeCount(o, this.w, length)
    this.copy(begin, 0, begin.length)
    this.copy(bytes, start, end)
    this.copy(closing, 0, closing.length)
  }

  private byte(value: number): void {
    const o = this.room(1)
    o[this.w++] = value
  }

  /** The room must be there. */
  private copy(bytes: Uint8Array, start: number, end: number): void {
    const { o } = this
    const length = end - start
    let w = this.w
    // A plain view costs a third of Buffer.subarray.
    if (length > LONG_SLICE) o.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), w)
    else for (let p = start; p < end; p++) o[w++] = bytes[p]!
    this.w += length
  }

  /** The buffer, with at least `size` bytes after `w`. */
  private room(size: number): Buffer {
    return this.w + size <= this.o.length ? this.o : this.grow(size)
  }

  private grow(size: number): Buffer {
    const batch = this.batch!
    batch.length = this.w
    this.adopt(batch.reserve(size))
    return this.o
  }

  private adopt(buffer: Buffer): void {
    this.o = buffer
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  }
}

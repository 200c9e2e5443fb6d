import { EMBED_GROWTH, EMBED_MORE, type EmbedJson, type RowWriter } from '../event/cell-writer.ts'
import type { RecordBatch } from '../format/record-batch.ts'
import { isSpecial } from './ascii-word.ts'
import { BASE64, BASE64_URL, base64Length, writeBase64, writeHex } from './base64.ts'
import { ESCAPE, ESCAPED, LENGTH_SHIFT, LONG_ESCAPE, MAX_EXPANSION, escapedBytes, writeEscape, escapedText, isTorn } from './json-escape.ts'
import type { JsonLayout } from './json-layout.ts'
import { INTEGER_ROOM, floatingRoom, writeFloating, writeTicks } from './json-number.ts'
import { writeInteger } from '../byte/digits.ts'
import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../byte/json-sign.ts'
import { EMPTY_RUN, WORD, byteRun, type ByteRun } from '../byte/byte-run.ts'
import { ViewCache } from '../byte/view-cache.ts'
import { UnscaledDecimal } from '../format/unscaled-decimal.ts'

const NULL: ByteRun = byteRun('null')
const TRUE: ByteRun = byteRun('true')
const FALSE: ByteRun = byteRun('false')
const NOTHING: Buffer = Buffer.alloc(0)

/** Longer slices are copied by memmove, shorter ones by a loop: the call alone costs as much as about this many bytes. */
const LONG_SLICE = 48
/** Text is escaped in pieces of this size, because it may have a gigabyte and six times that is never reserved at once. */
const PIECE = 128
/** Room for an escaped piece, one character that ends behind it, two quotes. */
const PIECE_ROOM = PIECE * MAX_EXPANSION + 16
/** Room for longer documents is not reserved beforehand. */
const MAX_EMBEDDED = 4096
/** Shorter text is not worth reading in words. */
const WORTH_WORDS = 8

/** Writes JSON as Kafka's JsonConverter does, as bytes, straight into a {@link RecordBatch}'s buffer. */
export class JsonWriter implements RowWriter {
  private batch: RecordBatch | undefined
  /** The batch's buffer, and where the next byte goes. */
  private o: Buffer = NOTHING
  private view: DataView = new DataView(NOTHING.buffer, 0, 0)
  private w = 0
  private runs: readonly ByteRun[] = []
  private nulls: readonly ByteRun[] = []
  private missing: ByteRun = NULL
  private readonly unscaled = new UnscaledDecimal()
  private readonly views = new ViewCache()

  /** Continues at the end of `batch`. */
  begin(batch: RecordBatch): void {
    this.batch = batch
    if (this.o !== batch.bytes) this.adopt(batch.bytes)
    this.w = batch.length
    this.missing = NULL
  }

  /** Offset of the next byte in the batch's buffer. */
  get position(): number {
    return this.w
  }

  /** Makes what was written part of the batch. */
  end(): void {
    this.batch!.length = this.w
  }

  /** A copy of what was written from `start` on. */
  written(start: number): Buffer {
    return Buffer.from(this.o.subarray(start, this.w))
  }

  /** Removes what was written from `start` on and returns a copy of it. */
  take(start: number): Buffer {
    const taken = this.written(start)
    this.w = start
    return taken
  }

  /** Columns that follow are those of `layout`. */
  use(layout: JsonLayout): void {
    this.runs = layout.runs
    this.nulls = layout.nulls
    if (layout.lead !== EMPTY_RUN) this.run(layout.lead)
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

  /** What stands at [start, end) of the batch, once more. */
  repeat(start: number, end: number): void {
    const o = this.room(end - start)
    o.copyWithin(this.w, start, end)
    this.w += end - start
  }

  /** Prepared bytes that are written too seldom to be a {@link ByteRun}. */
  raw(bytes: Uint8Array): void {
    this.copy(bytes, 0, bytes.length)
  }

  column(index: number): void {
    this.missing = this.nulls[index]!
    this.run(this.runs[index]!)
  }

  null(): void {
    this.run(this.missing)
  }

  /** Where no placeholder fits the column's type (numeric, for example) Debezium writes null. */
  unavailable(): void {
    this.null()
  }

  boolean(value: boolean): void {
    this.run(value ? TRUE : FALSE)
  }

  integer(value: number): void {
    this.w = writeInteger(this.room(INTEGER_ROOM), this.w, value)
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    this.copy(bytes, start, end)
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    this.copy(bytes, start, end)
  }

  ticks(seconds: number, fraction: number, scale: number): void {
    this.w = writeTicks(this.room(INTEGER_ROOM), this.w, seconds, fraction, scale)
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    const o = this.room(floatingRoom(end - start))
    this.w = writeFloating(o, this.w, bytes, start, end, 64)
  }

  float(bytes: Uint8Array, start: number, end: number): void {
    const o = this.room(floatingRoom(end - start))
    this.w = writeFloating(o, this.w, bytes, start, end, 32)
  }

  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void {
    const { unscaled } = this
    unscaled.parse(bytes, start, end, scale)
    this.base64(unscaled.bytes, 0, unscaled.length, BASE64)
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    const o = this.room(PIECE_ROOM)
    o[this.w++] = QUOTE
    let p = start
    while (end - p > PIECE) {
      p = this.escape(bytes, p, p + PIECE, end)
      this.room(PIECE_ROOM)
    }
    if (p < end) this.escape(bytes, p, end, end)
    this.o[this.w++] = QUOTE
  }

  /** Writes text from `start` to `stop`, or a little further where a character ends behind it; returns how far it got. */
  private escape(bytes: Uint8Array, start: number, stop: number, end: number): number {
    let p = stop - start >= WORTH_WORDS ? this.escapeWords(bytes, start, stop) : start
    const { o, view } = this
    let { w } = this
    for (; p < stop; p++) {
      const written = ESCAPED[bytes[p]!]!
      if (written < LONG_ESCAPE) {
        view.setInt16(w, written, true)
        w += written >> LENGTH_SHIFT
      } else {
        w = writeEscape(o, w, bytes, p, end)
        p += escapedBytes(bytes, p, end) - 1
      }
    }
    this.w = w
    return p
  }

  /**
   * Whole words up to the first long escape; returns how far it got. Where one escape is, in JSON for example, more are: from there on no
   * branch, which cannot be foreseen, asks for each byte whether it is one.
   */
  private escapeWords(bytes: Uint8Array, start: number, stop: number): number {
    const { view } = this
    const source = this.views.of(bytes)
    const last = stop - WORD
    let { w } = this
    let p = start
    for (; p <= last; p += WORD, w += WORD) {
      const word = source.getInt32(p, true)
      if (isSpecial(word)) break
      view.setInt32(w, word, true)
    }
    for (; p <= last; p += WORD) {
      const word = source.getInt32(p, true)
      const first = ESCAPED[word & 0xff]!
      const second = ESCAPED[(word >> 8) & 0xff]!
      const third = ESCAPED[(word >> 16) & 0xff]!
      const fourth = ESCAPED[word >>> 24]!
      if ((first | second | third | fourth) >= LONG_ESCAPE) break
      view.setInt16(w, first, true)
      w += first >> LENGTH_SHIFT
      view.setInt16(w, second, true)
      w += second >> LENGTH_SHIFT
      view.setInt16(w, third, true)
      w += third >> LENGTH_SHIFT
      view.setInt16(w, fourth, true)
      w += fourth >> LENGTH_SHIFT
    }
    this.w = w
    return p
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    this.byte(QUOTE)
    this.copy(bytes, start, end)
    this.byte(QUOTE)
  }

  string(value: string): void {
    const { length } = value
    const o = this.room(length + 2)
    let w = this.w
    o[w++] = QUOTE
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f || ESCAPE[unit] !== 0) {
        if (isTorn(value)) return this.wholeText(value)
        const bytes = Buffer.from(value)
        return this.text(bytes, 0, bytes.length)
      }
      o[w++] = unit
    }
    o[w++] = QUOTE
    this.w = w
  }

  private wholeText(value: string): void {
    const text = escapedText(value)
    this.byte(QUOTE)
    this.copy(text, 0, text.length)
    this.byte(QUOTE)
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.base64(bytes, start, end, BASE64)
  }

  /** Raw bytes as URL-safe base64 text. */
  base64Url(bytes: Uint8Array, start: number, end: number): void {
    this.base64(bytes, start, end, BASE64_URL)
  }

  /** Raw bytes as lower-case hex text. */
  hex(bytes: Uint8Array, start: number, end: number): void {
    const o = this.room((end - start) * 2 + 2)
    o[this.w] = QUOTE
    const w = writeHex(o, this.w + 1, bytes, start, end)
    o[w] = QUOTE
    this.w = w + 1
  }

  private base64(bytes: Uint8Array, start: number, end: number, alphabet: Buffer): void {
    const o = this.room(base64Length(end - start) + 2)
    o[this.w] = QUOTE
    const w = writeBase64(o, this.w + 1, bytes, start, end, alphabet)
    o[w] = QUOTE
    this.w = w + 1
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    this.text(bytes, start, end)
  }

  embed(write: EmbedJson, bytes: Buffer, start: number, end: number): boolean {
    if (end - start > MAX_EMBEDDED) return false
    const o = this.room(EMBED_GROWTH * (end - start) + EMBED_MORE)
    const w = write(bytes, start, end, o, this.w + 1)
    if (w < 0) return false
    o[this.w] = o[w] = QUOTE
    this.w = w + 1
    return true
  }

  beginArray(): void {
    this.missing = NULL
    this.byte(OPEN_BRACKET)
  }

  /** A value never ends with an opening bracket, so the byte before tells the first element. */
  element(): void {
    const o = this.room(1)
    if (o[this.w - 1] !== OPEN_BRACKET) o[this.w++] = COMMA
  }

  endArray(): void {
    this.byte(CLOSE_BRACKET)
  }

  beginStruct(): void {
    this.missing = NULL
    this.byte(OPEN_BRACE)
  }

  member(name: string): void {
    const o = this.room(1)
    if (o[this.w - 1] !== OPEN_BRACE) o[this.w++] = COMMA
    this.string(name)
    this.byte(COLON)
  }

  endStruct(): void {
    this.byte(CLOSE_BRACE)
  }

  private byte(value: number): void {
    this.room(1)[this.w++] = value
  }

  private copy(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    const o = this.room(length)
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

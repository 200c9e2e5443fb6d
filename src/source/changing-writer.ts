import type { CellWriter } from '../event/cell-writer.ts'
import type { ValueChange } from './column-change.ts'

/** UTF-8 needs at most three bytes for a UTF-16 code unit, and four for the two that a cut may fall between. */
const MOST_BYTES = 3

/** Passes one column's values on to another writer: texts, and bytes that are too long, are changed, inside of arrays and structs nothing is. */
export class ChangingWriter implements CellWriter {
  readonly #text: ((text: string) => string) | undefined
  /** Undefined: of any length. */
  readonly #longest: number | undefined
  #to!: CellWriter
  #depth = 0

  constructor(change: Exclude<ValueChange, { constant: string }>) {
    this.#text = 'text' in change ? change.text : undefined
    this.#longest = 'longest' in change ? change.longest : undefined
  }

  /** This writer, in front of another one. */
  onto(writer: CellWriter): this {
    this.#to = writer
    this.#depth = 0
    return this
  }

  null(): void {
    this.#to.null()
  }

  unavailable(): void {
    this.#to.unavailable()
  }

  boolean(value: boolean): void {
    this.#to.boolean(value)
  }

  integer(value: number): void {
    this.#to.integer(value)
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    this.#to.digits(bytes, start, end)
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    this.#to.long(bytes, start, end)
  }

  ticks(seconds: number, fraction: number, scale: number): void {
    this.#to.ticks(seconds, fraction, scale)
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    this.#to.double(bytes, start, end)
  }

  float(bytes: Uint8Array, start: number, end: number): void {
    this.#to.float(bytes, start, end)
  }

  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void {
    this.#to.decimal(bytes, start, end, scale)
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stays(end - start)) this.#to.text(bytes, start, end)
    else this.string(this.#decode(bytes, start, end))
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stays(end - start)) this.#to.plain(bytes, start, end)
    else this.string(this.#decode(bytes, start, end))
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stays(end - start)) this.#to.json(bytes, start, end)
    else this.string(this.#decode(bytes, start, end))
  }

  string(value: string): void {
    if (this.#depth > 0) this.#to.string(value)
    else if (this.#text === undefined) this.#to.string(value.slice(0, this.#longest))
    else this.#to.string(this.#text(value))
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    const last = this.#longest === undefined || this.#depth > 0 ? end : Math.min(end, start + this.#longest)
    this.#to.bytes(bytes, start, last)
  }

  beginArray(): void {
    this.#depth++
    this.#to.beginArray()
  }

  element(): void {
    this.#to.element()
  }

  endArray(): void {
    this.#depth--
    this.#to.endArray()
  }

  beginStruct(): void {
    this.#depth++
    this.#to.beginStruct()
  }

  member(name: string): void {
    this.#to.member(name)
  }

  endStruct(): void {
    this.#depth--
    this.#to.endStruct()
  }

  /** A text of so many bytes has no more characters than that. */
  #stays(length: number): boolean {
    return this.#depth > 0 || (this.#longest !== undefined && length <= this.#longest)
  }

  /** As much as can be needed: a value of many megabytes is not decoded for its first characters. */
  #decode(bytes: Uint8Array, start: number, end: number): string {
    const last = this.#longest === undefined ? end : Math.min(end, start + (this.#longest + 1) * MOST_BYTES)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, last)
  }
}

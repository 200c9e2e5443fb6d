import { doubleText } from '../../../byte/float-text.ts'
import type { CellWriter } from '../../../event/cell-writer.ts'

/** Keeps the one value that is written to it. */
export class Captured implements CellWriter {
  /** `other`: a moment, an array, or a struct. */
  kind: 'null' | 'unavailable' | 'number' | 'text' | 'other' = 'null'
  /** Of a number, its digits. */
  content = ''

  null(): void {
    this.#keep('null', '')
  }

  unavailable(): void {
    this.#keep('unavailable', '')
  }

  boolean(value: boolean): void {
    this.#keep('number', value ? '1' : '0')
  }

  integer(value: number): void {
    this.#keep('number', String(value))
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('number', decode(bytes, start, end))
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('number', decode(bytes, start, end))
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('number', decode(bytes, start, end))
  }

  /** As Java widens it: the double that the 32 bits are. */
  float(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('number', doubleText(Math.fround(Number(decode(bytes, start, end)))))
  }

  decimal(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('number', decode(bytes, start, end))
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('text', decode(bytes, start, end))
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('text', decode(bytes, start, end))
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('text', decode(bytes, start, end))
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.#keep('text', decode(bytes, start, end))
  }

  string(value: string): void {
    this.#keep('text', value)
  }

  ticks(): void {
    this.#keep('other', '')
  }

  beginArray(): void {}

  element(): void {}

  endArray(): void {
    this.#keep('other', '')
  }

  beginStruct(): void {}

  member(): void {}

  endStruct(): void {
    this.#keep('other', '')
  }

  #keep(kind: Captured['kind'], content: string): void {
    this.kind = kind
    this.content = content
  }
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end)
}

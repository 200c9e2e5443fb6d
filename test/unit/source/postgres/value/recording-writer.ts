import type { RowWriter } from '../../../../../src/event/cell-writer.ts'
import type { WriteValue } from '../../../../../src/event/schema.ts'

/** What a reader said to the writer, as text: `int 5`, `decimal(2) 1.50`, `[digits 1, null]`, `{scale: int 0, value: decimal(0) 1}`. */
export class RecordingWriter implements RowWriter {
  /** One entry a column, or one for a single value. */
  readonly values: string[] = []
  readonly #open: { close: ']' | '}'; items: string[]; named: string | undefined; ready: boolean }[] = []

  column(index: number): void {
    if (this.#open.length > 0 || index !== this.values.length) throw new Error(`column ${index} out of turn`)
  }

  null(): void {
    this.#put('null')
  }

  unavailable(): void {
    this.#put('unavailable')
  }

  boolean(value: boolean): void {
    this.#put(String(value))
  }

  integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error('an integer that a double does not hold exactly')
    this.#put(`int ${value}`)
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`digits ${ascii(bytes, start, end, /^-?\d{1,10}$/)}`)
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`long ${ascii(bytes, start, end, /^-?\d{1,19}$/)}`)
  }

  ticks(seconds: number, fraction: number, scale: number): void {
    if (!Number.isSafeInteger(seconds) || !Number.isInteger(fraction) || fraction < 0 || fraction >= 10 ** scale) throw new Error('ticks out of range')
    this.#put(`ticks(${scale}) ${BigInt(seconds) * 10n ** BigInt(scale) + BigInt(fraction)}`)
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`double ${ascii(bytes, start, end, /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$/)}`)
  }

  float(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`float ${ascii(bytes, start, end, /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$/)}`)
  }

  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void {
    this.#put(`decimal(${scale}) ${ascii(bytes, start, end, /^-?\d+(\.\d+)?$/)}`)
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`text ${JSON.stringify(view(bytes, start, end).toString('utf8'))}`)
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`plain ${JSON.stringify(ascii(bytes, start, end, /^[ !#-[\]-~]*$/))}`)
  }

  string(value: string): void {
    this.#put(`string ${JSON.stringify(value)}`)
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`bytes ${view(bytes, start, end).toString('hex')}`)
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    this.#put(`json ${view(bytes, start, end).toString('utf8')}`)
  }

  beginArray(): void {
    this.#open.push({ close: ']', items: [], named: undefined, ready: false })
  }

  element(): void {
    const inner = this.#open.at(-1)
    if (inner?.close !== ']' || inner.ready) throw new Error('an element outside an array, or without a value')
    inner.ready = true
  }

  endArray(): void {
    this.#end(']')
  }

  beginStruct(): void {
    this.#open.push({ close: '}', items: [], named: undefined, ready: false })
  }

  member(name: string): void {
    const inner = this.#open.at(-1)
    if (inner?.close !== '}' || inner.ready) throw new Error('a member outside a struct, or without a value')
    inner.ready = true
    inner.named = name
  }

  endStruct(): void {
    this.#end('}')
  }

  #end(close: ']' | '}'): void {
    const inner = this.#open.pop()
    if (inner?.close !== close || inner.ready) throw new Error(`${close} does not close anything, or a value is missing`)
    this.#put(`${close === ']' ? '[' : '{'}${inner.items.join(', ')}${close}`)
  }

  #put(value: string): void {
    const inner = this.#open.at(-1)
    if (inner === undefined) this.values.push(value)
    else {
      if (!inner.ready) throw new Error('a value without element() or member()')
      inner.items.push(inner.named === undefined ? value : `${inner.named}: ${value}`)
      inner.ready = false
      inner.named = undefined
    }
  }

  /** All values; throws where a begin has no end. */
  get finished(): readonly string[] {
    if (this.#open.length > 0) throw new Error('a begin without an end')
    return this.values
  }
}

function view(bytes: Uint8Array, start: number, end: number): Buffer {
  if (start < 0 || start > end || end > bytes.length) throw new Error(`a slice outside the bytes: ${start} to ${end} of ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
}

function ascii(bytes: Uint8Array, start: number, end: number, grammar: RegExp): string {
  const text = view(bytes, start, end).toString('latin1')
  if (!grammar.test(text)) throw new Error(`not what this primitive takes: ${text}`)
  return text
}

/** The one value that `write` writes. */
export function recorded(write: WriteValue): string {
  const writer = new RecordingWriter()
  write(writer)
  const { finished } = writer
  if (finished.length !== 1) throw new Error(`${finished.length} values instead of one`)
  return finished[0]!
}

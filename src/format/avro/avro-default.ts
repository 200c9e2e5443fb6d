import type { CellWriter } from '../../event/cell-writer.ts'
import type { Schema, WriteValue } from '../../event/schema.ts'
import { floatingRoom, writeFloating } from '../../json/json-number.ts'
import { UnscaledDecimal } from '../unscaled-decimal.ts'

/**
 * A column's default, as far as an Avro schema can carry it: it has no NaN and no infinities, and a schema with them is refused.
 */
export function defaultOf(schema: Schema): WriteValue | undefined {
  const preset = schema.default
  if (preset === undefined || (schema.type !== 'double' && schema.type !== 'float')) return preset
  return /^-?\d/.test(defaultText(preset)) ? preset : undefined
}

/** Where the default is: a float is a double in a field's `default`, which Java makes of it (JacksonUtils), and a float in `connect.default`. */
export function defaultText(write: WriteValue, floatsAsDoubles = false): string {
  const writer = new DefaultText(floatsAsDoubles)
  write(writer)
  return writer.out
}

/** JSON text as Jackson prints it to characters: control characters in upper-case hexadecimal, everything else as it is. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) => (escape.length > 2 ? `\\u${escape.slice(2).toUpperCase()}` : escape))
}

/** Writes a value as JSON in the form of Avro's defaults: bytes are text of one character a byte. */
class DefaultText implements CellWriter {
  out = ''
  private readonly floatsAsDoubles: boolean

  constructor(floatsAsDoubles: boolean) {
    this.floatsAsDoubles = floatsAsDoubles
  }

  null(): void {
    this.out += 'null'
  }

  unavailable(): void {
    this.null()
  }

  boolean(value: boolean): void {
    this.out += String(value)
  }

  integer(value: number): void {
    this.out += String(value)
  }

  digits(bytes: Uint8Array, start: number, end: number): void {
    this.out += slice(bytes, start, end).toString('latin1')
  }

  long(bytes: Uint8Array, start: number, end: number): void {
    this.digits(bytes, start, end)
  }

  ticks(seconds: number, fraction: number, scale: number): void {
    this.out += String(BigInt(seconds) * 10n ** BigInt(scale) + BigInt(fraction))
  }

  double(bytes: Uint8Array, start: number, end: number): void {
    this.out += floating(slice(bytes, start, end), 64)
  }

  float(bytes: Uint8Array, start: number, end: number): void {
    const text = slice(bytes, start, end)
    this.out += this.floatsAsDoubles ? floating(Buffer.from(String(Math.fround(Number(text.toString('latin1'))))), 64) : floating(text, 32)
  }

  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void {
    const unscaled = new UnscaledDecimal()
    unscaled.parse(bytes, start, end, scale)
    this.bytes(unscaled.bytes, 0, unscaled.length)
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    this.string(slice(bytes, start, end).toString())
  }

  plain(bytes: Uint8Array, start: number, end: number): void {
    this.text(bytes, start, end)
  }

  json(bytes: Uint8Array, start: number, end: number): void {
    this.text(bytes, start, end)
  }

  string(value: string): void {
    this.out += jsonString(value)
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.string(slice(bytes, start, end).toString('latin1'))
  }

  beginArray(): void {
    this.out += '['
  }

  element(): void {
    if (!this.out.endsWith('[')) this.out += ','
  }

  endArray(): void {
    this.out += ']'
  }

  beginStruct(): void {
    this.out += '{'
  }

  member(name: string): void {
    if (!this.out.endsWith('{')) this.out += ','
    this.out += `${jsonString(name)}:`
  }

  endStruct(): void {
    this.out += '}'
  }
}

function slice(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
}

/** As Java spells it. */
function floating(text: Buffer, bits: 32 | 64): string {
  const out = Buffer.alloc(floatingRoom(text.length))
  return out.toString('latin1', 0, writeFloating(out, 0, text, 0, text.length, bits))
}

import type { RowImage } from '../../../event/table.ts'
import { beginRow } from '../../../byte/row-text.ts'
import { UNAVAILABLE } from '../../../event/unavailable.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { MysqlTableShape } from '../column.ts'
import type { MysqlRowImage } from '../row-image.ts'
import { createDecoder, type Decode, type Parsers } from './decoder.ts'
import { cellWidths, IS_NULL, locateCells } from './row-cells.ts'

export type { Parsers } from './decoder.ts'

/** Rows as JavaScript objects, properties in column order. */
export interface RowDecoder {
  /** Columns that the image does not carry (`binlog_row_image`) are UNAVAILABLE. */
  toObject(image: RowImage): Record<string, unknown>
  /** The key columns in key order; null for a table without a key. */
  toKey(image: RowImage): Record<string, unknown> | null
}

/** `logged`: of the table map; undefined for rows of the text protocol. */
export function createRowDecoder(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, parsers: Parsers): RowDecoder {
  return new MysqlRowDecoder(shape, logged, parsers)
}

class MysqlRowDecoder implements RowDecoder {
  readonly #table: string
  readonly #names: readonly string[]
  readonly #decoders: readonly Decode[]
  readonly #widths: Int8Array | undefined
  readonly #key: readonly number[]
  readonly #lastKeyColumn: number
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  /** Copied for each row: all objects have one hidden class, and a column called `__proto__` is a property like any other. */
  readonly #template: Readonly<Record<string, unknown>>
  readonly #keyTemplate: Readonly<Record<string, unknown>>

  constructor(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, parsers: Parsers) {
    this.#table = `${shape.database}.${shape.name}`
    this.#names = shape.columns.map(({ name }) => name)
    this.#decoders = shape.columns.map((column, position) => createDecoder(column, logged?.[position], parsers))
    this.#widths = logged === undefined ? undefined : cellWidths(logged, this.#table)
    this.#key = shape.key
    this.#lastKeyColumn = Math.max(-1, ...shape.key)
    this.#starts = new Int32Array(shape.columns.length)
    this.#ends = new Int32Array(shape.columns.length)
    this.#template = template(this.#names)
    this.#keyTemplate = template(shape.key.map((column) => this.#names[column]!))
  }

  toObject(image: RowImage): Record<string, unknown> {
    const names = this.#names
    beginRow(image.bytes, image.start, this.#locate(image as MysqlRowImage, names.length - 1))
    const object: Record<string, unknown> = { ...this.#template }
    for (let column = 0; column < names.length; column++) object[names[column]!] = this.#value(image.bytes, column)
    return object
  }

  toKey(image: RowImage): Record<string, unknown> | null {
    if (this.#key.length === 0) return null
    this.#locate(image as MysqlRowImage, this.#lastKeyColumn)
    const object: Record<string, unknown> = { ...this.#keyTemplate }
    for (const column of this.#key) object[this.#names[column]!] = this.#value(image.bytes, column)
    return object
  }

  #locate(image: MysqlRowImage, last: number): number {
    return locateCells(image, this.#widths, last, this.#table, this.#starts, this.#ends)
  }

  #value(bytes: Buffer, column: number): unknown {
    const start = this.#starts[column]!
    if (start >= 0) return this.#decoders[column]!(bytes, start, this.#ends[column]!)
    return start === IS_NULL ? null : UNAVAILABLE
  }
}

/** An object with these properties. Assigning to a `__proto__` that an object does not have would set its prototype. */
function template(names: readonly string[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const name of names) {
    if (name === '__proto__') Object.defineProperty(object, name, { value: null, enumerable: true, configurable: true, writable: true })
    else object[name] = null
  }
  return object
}

import { UNAVAILABLE } from '../../../event/unavailable.ts'
import type { RowImage } from '../../../event/table.ts'
import type { PgTableShape } from '../column.ts'
import { TUPLE, type PgRowImage } from '../row-image.ts'
import { createDecoder, type Decode, type Parsers } from './decoder.ts'
import { cellEnd, firstCell, IS_NULL, isNullLength, locateCells, malformedRow, NULL, TEXT, UNCHANGED } from './row-cells.ts'

export type { Parsers } from './decoder.ts'

/** Rows as JavaScript objects, properties in column order. */
export interface RowDecoder {
  /** What the log did not carry (unchanged out-of-line values, columns outside a key image) is UNAVAILABLE. */
  toObject(image: RowImage): Record<string, unknown>
  /** The key columns in key order; null for a table without a key. */
  toKey(image: RowImage): Record<string, unknown> | null
}

/** Compiles the decoders of a table's columns. */
export function createRowDecoder(shape: PgTableShape, parsers: Parsers): RowDecoder {
  return new PgRowDecoder(shape, parsers)
}

class PgRowDecoder implements RowDecoder {
  readonly #table: string
  readonly #names: readonly string[]
  readonly #decoders: readonly Decode[]
  readonly #key: readonly number[]
  readonly #lastKeyColumn: number
  readonly #starts: number[]
  readonly #ends: number[]
  /** Copied for each row: all objects have one hidden class, and a column called `__proto__` is a property like any other. */
  readonly #template: Readonly<Record<string, unknown>>
  readonly #keyTemplate: Readonly<Record<string, unknown>>

  constructor(shape: PgTableShape, parsers: Parsers) {
    this.#table = `${shape.schema}.${shape.name}`
    this.#names = shape.columns.map(({ name }) => name)
    this.#decoders = shape.columns.map((column) => createDecoder(column, parsers))
    this.#key = shape.key
    this.#lastKeyColumn = Math.max(-1, ...shape.key)
    this.#starts = new Array<number>(shape.columns.length).fill(0)
    this.#ends = new Array<number>(shape.columns.length).fill(0)
    this.#template = template(this.#names)
    this.#keyTemplate = template(shape.key.map((column) => this.#names[column]!))
  }

  toObject(image: RowImage): Record<string, unknown> {
    const row = image as PgRowImage
    const { bytes } = row
    const names = this.#names
    const decoders = this.#decoders
    const tuple = row.layout === TUPLE
    const nothing = row.extent === 'row' ? null : UNAVAILABLE
    const object: Record<string, unknown> = { ...this.#template }
    let at = firstCell(row, names.length, this.#table)
    for (let i = 0; i < names.length; i++) {
      const kind = tuple ? bytes[at++] : TEXT
      let value: unknown
      if (kind === NULL) value = nothing
      else if (kind === UNCHANGED) value = UNAVAILABLE
      else if (kind !== TEXT) throw malformedRow(this.#table, `a cell is of kind ${kind}`)
      else if (!tuple && isNullLength(bytes, at)) {
        value = null
        at += 4
      } else {
        const end = cellEnd(bytes, at, this.#table)
        value = decoders[i]!(bytes, at + 4, end)
        at = end
      }
      object[names[i]!] = value
    }
    return object
  }

  toKey(image: RowImage): Record<string, unknown> | null {
    if (this.#key.length === 0) return null
    const row = image as PgRowImage
    const starts = this.#starts
    locateCells(row, this.#names.length, this.#lastKeyColumn, this.#table, starts, this.#ends)
    const object: Record<string, unknown> = { ...this.#keyTemplate }
    for (const column of this.#key) {
      const start = starts[column]!
      const value = start >= 0 ? this.#decoders[column]!(row.bytes, start, this.#ends[column]!) : start === IS_NULL && row.extent === 'row' ? null : UNAVAILABLE
      object[this.#names[column]!] = value
    }
    return object
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

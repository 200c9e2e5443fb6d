import { UNAVAILABLE } from '../../../event/unavailable.ts'
import type { RowImage } from '../../../event/table.ts'
import type { PgTableShape } from '../column.ts'
import { createObjectMaker, type Cells, type MakeObject } from '../../object-maker.ts'
import type { PgRowImage } from '../row-image.ts'
import { createDecoder, type Parsers } from './decoder.ts'
import { IS_NULL, locateCells } from './row-cells.ts'

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
  readonly #columns: number
  readonly #lastKeyColumn: number
  readonly #cells: Cells
  readonly #makeObject: MakeObject
  /** Undefined: the table has no key. */
  readonly #makeKey: MakeObject | undefined
  /** What NULL stands for: nothing in a row, and in a key image for what is not part of the key. */
  #null: null | typeof UNAVAILABLE = null

  constructor(shape: PgTableShape, parsers: Parsers) {
    const { columns, key } = shape
    this.#table = `${shape.schema}.${shape.name}`
    this.#columns = columns.length
    this.#lastKeyColumn = Math.max(-1, ...key)
    this.#cells = { starts: new Int32Array(columns.length), ends: new Int32Array(columns.length), missing: (start) => (start === IS_NULL ? this.#null : UNAVAILABLE) }
    const properties = columns.map((column, cell) => ({ name: column.name, cell, decode: createDecoder(column, parsers) }))
    this.#makeObject = createObjectMaker(properties, this.#cells)
    this.#makeKey = key.length === 0 ? undefined : createObjectMaker(key.map((column) => properties[column]!), this.#cells)
  }

  toObject(image: RowImage): Record<string, unknown> {
    this.#locate(image as PgRowImage, this.#columns - 1)
    return this.#makeObject(image.bytes)
  }

  toKey(image: RowImage): Record<string, unknown> | null {
    if (this.#makeKey === undefined) return null
    this.#locate(image as PgRowImage, this.#lastKeyColumn)
    return this.#makeKey(image.bytes)
  }

  #locate(image: PgRowImage, last: number): void {
    this.#null = image.extent === 'row' ? null : UNAVAILABLE
    locateCells(image, this.#columns, last, this.#table, this.#cells.starts, this.#cells.ends)
  }
}

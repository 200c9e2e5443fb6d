import type { RowImage } from '../../../event/table.ts'
import { beginRow } from '../../../byte/row-text.ts'
import { UNAVAILABLE } from '../../../event/unavailable.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { MysqlTableShape } from '../column.ts'
import type { MysqlRowImage } from '../row-image.ts'
import { createObjectMaker, type Cells, type MakeObject } from '../../object-maker.ts'
import { createDecoder, type Parsers } from './decoder.ts'
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
  readonly #widths: Int8Array | undefined
  readonly #lastColumn: number
  readonly #lastKeyColumn: number
  readonly #cells: Cells
  readonly #makeObject: MakeObject
  /** Undefined: the table has no key. */
  readonly #makeKey: MakeObject | undefined

  constructor(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, parsers: Parsers) {
    const { columns, key } = shape
    this.#table = `${shape.database}.${shape.name}`
    this.#widths = logged === undefined ? undefined : cellWidths(logged, this.#table)
    this.#lastColumn = columns.length - 1
    this.#lastKeyColumn = Math.max(-1, ...key)
    this.#cells = { starts: new Int32Array(columns.length), ends: new Int32Array(columns.length), missing: (start) => (start === IS_NULL ? null : UNAVAILABLE) }
    const properties = columns.map((column, cell) => ({ name: column.name, cell, decode: createDecoder(column, logged?.[cell], parsers) }))
    this.#makeObject = createObjectMaker(properties, this.#cells)
    this.#makeKey = key.length === 0 ? undefined : createObjectMaker(key.map((column) => properties[column]!), this.#cells)
  }

  toObject(image: RowImage): Record<string, unknown> {
    beginRow(image.bytes, image.start, this.#locate(image as MysqlRowImage, this.#lastColumn))
    return this.#makeObject(image.bytes)
  }

  toKey(image: RowImage): Record<string, unknown> | null {
    if (this.#makeKey === undefined) return null
    this.#locate(image as MysqlRowImage, this.#lastKeyColumn)
    return this.#makeKey(image.bytes)
  }

  #locate(image: MysqlRowImage, last: number): number {
    return locateCells(image, this.#widths, last, this.#table, this.#cells.starts, this.#cells.ends)
  }
}

import type { TailraceError } from '../../../error/tailrace-error.ts'
import type { RowWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { Field } from '../../../event/schema.ts'
import type { RowCodec, RowImage } from '../../../event/table.ts'
import { changeCells } from '../../column-change.ts'
import type { ColumnChange } from '../../column-rule.ts'
import type { PgTableShape } from '../column.ts'
import { TUPLE, type PgRowImage } from '../row-image.ts'
import { compileColumn, type CompiledColumn } from './column-codec.ts'
import { cellEnd, firstCell, IS_NULL, IS_UNCHANGED, isNullLength, locateCells, malformedRow, NULL, TEXT, UNCHANGED } from './row-cells.ts'

/** A compiled column and the index of its field. */
interface Slot extends CompiledColumn {
  readonly index: number
}

/** Compiles the columns of a table for one set of handling modes. `warn` hears of values that became null. `changes`: what rules make of the columns. */
export function createRowCodec(shape: PgTableShape, modes: HandlingModes, warn: (error: TailraceError) => void, changes?: readonly (ColumnChange | undefined)[]): RowCodec {
  return new PgRowCodec(shape, modes, warn, changes)
}

class PgRowCodec implements RowCodec {
  readonly fields: readonly Field[]
  readonly keyFields: readonly Field[] | undefined
  readonly #table: string
  /** By column; undefined for those that are left out: they are stepped over. */
  readonly #slots: readonly (Slot | undefined)[]
  /** The same in the key, where rules change nothing. */
  readonly #keySlots: readonly (Slot | undefined)[]
  /** Columns of the key that are not left out, in key order. */
  readonly #key: readonly number[]
  readonly #lastKeyColumn: number
  readonly #starts: Int32Array
  readonly #ends: Int32Array

  constructor(shape: PgTableShape, modes: HandlingModes, warn: (error: TailraceError) => void, changes: readonly (ColumnChange | undefined)[] | undefined) {
    this.#table = `${shape.schema}.${shape.name}`
    let count = 0
    const keySlots = shape.columns.map((column): Slot | undefined => {
      const compiled = compileColumn(column, modes, warn, { schema: shape.schema, table: shape.name })
      return compiled === undefined ? undefined : { ...compiled, index: count++ }
    })
    const slots = changes === undefined ? keySlots : keySlots.map((slot, column) => (slot === undefined || changes[column] === undefined ? slot : changeCells(slot, changes[column])))
    this.#slots = slots
    this.#keySlots = keySlots
    this.fields = slots.flatMap((slot) => slot?.field ?? [])
    this.#key = shape.key.filter((column) => slots[column] !== undefined)
    this.#lastKeyColumn = Math.max(-1, ...this.#key)
    this.keyFields = this.#key.length === 0 ? undefined : this.#key.map((column) => keySlots[column]!.field)
    this.#starts = new Int32Array(shape.columns.length)
    this.#ends = new Int32Array(shape.columns.length)
  }

  write(image: RowImage, writer: RowWriter): void {
    const row = image as PgRowImage
    const { bytes } = row
    const slots = this.#slots
    const tuple = row.layout === TUPLE
    const wholeRow = row.extent === 'row'
    let at = firstCell(row, slots.length, this.#table)
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]
      if (tuple) {
        const kind = bytes[at++]
        if (kind !== TEXT) {
          if (kind !== NULL && kind !== UNCHANGED) throw malformedRow(this.#table, `a cell is of kind ${kind}`)
          if (slot === undefined) continue
          writer.column(slot.index)
          if (kind === UNCHANGED) slot.unavailable(writer)
          else if (!wholeRow) slot.missing(writer)
          else if (slot.nothing === undefined) writer.null()
          else slot.nothing(writer)
          continue
        }
      } else if (isNullLength(bytes, at)) {
        at += 4
        if (slot === undefined) continue
        writer.column(slot.index)
        if (slot.nothing === undefined) writer.null()
        else slot.nothing(writer)
        continue
      }
      const end = cellEnd(bytes, at, this.#table)
      if (slot !== undefined) {
        writer.column(slot.index)
        slot.read(writer, bytes, at + 4, end)
      }
      at = end
    }
  }

  writeKey(image: RowImage, writer: RowWriter): void {
    const row = image as PgRowImage
    const starts = this.#starts
    const key = this.#key
    locateCells(row, this.#slots.length, this.#lastKeyColumn, this.#table, starts, this.#ends)
    for (let i = 0; i < key.length; i++) {
      const column = key[i]!
      const slot = this.#keySlots[column]!
      const start = starts[column]!
      writer.column(i)
      if (start >= 0) slot.read(writer, row.bytes, start, this.#ends[column]!)
      else if (start === IS_UNCHANGED) slot.unavailable(writer)
      else if (start === IS_NULL && row.extent === 'row') writer.null()
      else slot.missing(writer)
    }
  }
}

import type { TailraceError } from '../../../error/tailrace-error.ts'
import type { RowWriter } from '../../../event/cell-writer.ts'
import type { HandlingModes } from '../../../event/handling-mode.ts'
import type { Field } from '../../../event/schema.ts'
import type { RowCodec, RowImage } from '../../../event/table.ts'
import { changeCells } from '../../column-change.ts'
import type { ColumnChange } from '../../column-rule.ts'
import type { LoggedColumn } from '../binlog/logged-column.ts'
import type { MysqlTableShape } from '../column.ts'
import type { MysqlRowImage } from '../row-image.ts'
import { compileColumn, type CompiledColumn } from './column-codec.ts'
import type { Convert } from './conversion.ts'
import { cellWidths, IS_NULL, locateCells } from './row-cells.ts'

/** A compiled column and the index of its field. */
interface Slot extends CompiledColumn {
  readonly index: number
}

/** What options make of a table's columns. */
export interface ColumnForms {
  /** By column, in values; undefined where none changes. */
  readonly changes?: readonly (ColumnChange | undefined)[] | undefined
  readonly convert?: Convert | undefined
}

/** Compiles the columns of a table for one set of handling modes. `logged`: of the table map; undefined for rows of the text protocol. `warn` hears of values that became null. */
export function createRowCodec(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, modes: HandlingModes, warn: (error: TailraceError) => void, forms: ColumnForms = {}): RowCodec {
  return new MysqlRowCodec(shape, logged, modes, warn, forms)
}

class MysqlRowCodec implements RowCodec {
  readonly fields: readonly Field[]
  readonly keyFields: readonly Field[] | undefined
  readonly #table: string
  readonly #widths: Int8Array | undefined
  /** By column; undefined for those that are left out. */
  readonly #slots: readonly (Slot | undefined)[]
  /** The same in the key, where rules change nothing. */
  readonly #keySlots: readonly (Slot | undefined)[]
  /** Columns of the key that are not left out, in key order. */
  readonly #key: readonly number[]
  readonly #lastKeyColumn: number
  readonly #starts: Int32Array
  readonly #ends: Int32Array

  constructor(shape: MysqlTableShape, logged: readonly LoggedColumn[] | undefined, modes: HandlingModes, warn: (error: TailraceError) => void, { changes, convert }: ColumnForms) {
    this.#table = `${shape.database}.${shape.name}`
    this.#widths = logged === undefined ? undefined : cellWidths(logged, this.#table)
    let count = 0
    const keySlots = shape.columns.map((column, position): Slot | undefined => {
      const compiled = compileColumn(column, logged?.[position], modes, warn, { database: shape.database, table: shape.name }, convert)
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
    const slots = this.#slots
    this.#locate(image as MysqlRowImage, slots.length - 1)
    for (let column = 0; column < slots.length; column++) {
      const slot = slots[column]
      if (slot === undefined) continue
      writer.column(slot.index)
      this.#cell(slot, column, image.bytes, writer)
    }
  }

  writeKey(image: RowImage, writer: RowWriter): void {
    const key = this.#key
    this.#locate(image as MysqlRowImage, this.#lastKeyColumn)
    for (let i = 0; i < key.length; i++) {
      writer.column(i)
      this.#cell(this.#keySlots[key[i]!]!, key[i]!, image.bytes, writer)
    }
  }

  #locate(image: MysqlRowImage, last: number): void {
    locateCells(image, this.#widths, last, this.#table, this.#starts, this.#ends)
  }

  #cell(slot: Slot, column: number, bytes: Buffer, writer: RowWriter): void {
    const start = this.#starts[column]!
    if (start >= 0) slot.read(writer, bytes, start, this.#ends[column]!)
    else if (start !== IS_NULL) slot.unavailable(writer)
    else if (slot.nothing === undefined) writer.null()
    else slot.nothing(writer)
  }
}

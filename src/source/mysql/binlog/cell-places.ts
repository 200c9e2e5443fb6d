import type { ColumnSet, TableMap } from './logged-column.ts'
import { prefixedEnd } from './rows.ts'

/** Where a cell lies, the length before it included. */
export interface CellPlace {
  /** Undefined: NULL. */
  readonly start: number | undefined
  readonly end: number
}

/** An image that was stepped over before, by {@link rowEnd}. */
export interface Image {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly present: ColumnSet
}

/** Where the cells of an image lie, by column. */
export function cellPlaces({ bytes, start: at, end, present }: Image, { widths }: TableMap): Map<number, CellPlace> {
  const places = new Map<number, CellPlace>()
  let cell = at + ((present.count + 7) >> 3)
  let bit = 0
  for (let column = 0; column < widths.length; column++) {
    if (!present.has(column)) continue
    const isNull = (bytes[at + (bit >> 3)]! & (1 << (bit & 7))) !== 0
    bit++
    const start = cell
    const width = widths[column]!
    if (!isNull) cell = width >= 0 ? cell + width : prefixedEnd(bytes, cell, end, width)
    places.set(column, { start: isNull ? undefined : start, end: cell })
  }
  return places
}

/** An image of these cells, in the order of their columns; undefined: NULL. */
export function toImage(cells: readonly (readonly Buffer[] | undefined)[]): Buffer {
  const nulls = Buffer.alloc((cells.length + 7) >> 3)
  for (const [bit, cell] of cells.entries()) if (cell === undefined) nulls[bit >> 3]! |= 1 << (bit & 7)
  return Buffer.concat([nulls, ...cells.flatMap((cell) => cell ?? [])])
}

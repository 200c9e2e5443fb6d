import { bigWord32 } from '../../../byte/big-endian.ts'
import { TailraceError } from '../../../error/tailrace-error.ts'
import { TUPLE, type PgRowImage } from '../row-image.ts'

export const TEXT = 0x74
export const NULL = 0x6e
export const UNCHANGED = 0x75

/** What {@link locateCells} puts in the place of a start. */
export const IS_NULL = -1
export const IS_UNCHANGED = -2

/** Bytes that are no row of this table. Nothing behind them can be trusted. */
export function malformedRow(table: string, why: string): TailraceError {
  return new TailraceError('TR_PG_PROTOCOL', { message: `A row of ${table} cannot be decoded: ${why}`, where: { table } })
}

/** Offset of the first cell, after the number of columns has been compared. */
export function firstCell(image: PgRowImage, columns: number, table: string): number {
  const { bytes, start } = image
  if (start + 2 > bytes.length) throw malformedRow(table, 'it is too short')
  const count = (bytes[start]! << 8) | bytes[start + 1]!
  if (count !== columns) throw malformedRow(table, `it has ${count} cells, the table ${columns} columns`)
  return start + 2
}

/** A length that must lie within the bytes that are left behind `at`. */
export function cellEnd(bytes: Buffer, at: number, table: string): number {
  if (bytes.length - at < 4) throw malformedRow(table, 'it is too short')
  const length = bigWord32(bytes, at) | 0
  if (length < 0 || length > bytes.length - at - 4) throw malformedRow(table, `a cell claims ${length} bytes`)
  return at + 4 + length
}

/** Whether a DataRow's cell at `at` is NULL: its length is -1. */
export function isNullLength(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] === 0xff && bytes[at + 2] === 0xff && bytes[at + 3] === 0xff
}

/** Finds the cells of the columns 0 to `last`: where each text begins and ends, or IS_NULL, IS_UNCHANGED as its start. */
export function locateCells(image: PgRowImage, columns: number, last: number, table: string, starts: Int32Array, ends: Int32Array): void {
  const { bytes } = image
  const tuple = image.layout === TUPLE
  let at = firstCell(image, columns, table)
  for (let i = 0; i <= last; i++) {
    if (tuple) {
      const kind = bytes[at++]
      if (kind !== TEXT) {
        if (kind !== NULL && kind !== UNCHANGED) throw malformedRow(table, `a cell is of kind ${kind}`)
        starts[i] = kind === NULL ? IS_NULL : IS_UNCHANGED
        continue
      }
    } else if (isNullLength(bytes, at)) {
      starts[i] = IS_NULL
      at += 4
      continue
    }
    starts[i] = at + 4
    at = ends[i] = cellEnd(bytes, at, table)
  }
}

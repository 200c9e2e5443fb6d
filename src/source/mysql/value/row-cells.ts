import { TailraceError } from '../../../error/tailrace-error.ts'
import { cellWidth } from '../binlog/column-type.ts'
import type { LoggedColumn, TableMap } from '../binlog/logged-column.ts'
import { BINLOG, type MysqlRowImage } from '../row-image.ts'

/** What {@link locateCells} puts in the place of a start. */
export const IS_NULL = -1
export const IS_ABSENT = -2

const NULL_CELL = 0xfb
const TWO_BYTES = 0xfc
const THREE_BYTES = 0xfd
const EIGHT_BYTES = 0xfe

/** Bytes that are no row of this table. Nothing behind them can be trusted. */
export function malformedRow(table: string, why: string): TailraceError {
  return new TailraceError('TR_MYSQL_PROTOCOL', { message: `A row of ${table} cannot be decoded: ${why}`, where: { table } })
}

/** The widths of a table's cells, as TableMap has them. */
export function cellWidths(columns: readonly LoggedColumn[], table: string): Int8Array {
  return Int8Array.from(columns, (column) => {
    const width = cellWidth(column)
    if (width === undefined) throw malformedRow(table, `the type ${column.type} is not known`)
    return width
  })
}

/**
 * Finds the cells of the columns 0 to `last`: where each begins and ends, or IS_NULL, IS_ABSENT as its start. Returns where the last one ends. `widths` undefined: a row of the
 * text protocol. There may be more of them than the definition has columns (hidden-column.ts).
 */
export function locateCells(image: MysqlRowImage, widths: TableMap['widths'] | undefined, last: number, table: string, starts: Int32Array, ends: Int32Array): number {
  if ((image.layout === BINLOG) !== (widths !== undefined)) throw malformedRow(table, 'it is of the other layout')
  if (widths === undefined) return locateText(image, last, table, starts, ends)
  if (image.present.all && image.present.count !== widths.length) throw malformedRow(table, `it has ${image.present.count} cells, the log ${widths.length} columns`)
  return locateLogged(image, widths, last, table, starts, ends)
}

function locateLogged(image: MysqlRowImage, widths: TableMap['widths'], last: number, table: string, starts: Int32Array, ends: Int32Array): number {
  const { bytes, start, present } = image
  const { all, count } = present
  let at = start + ((count + 7) >> 3)
  let bit = 0
  for (let column = 0; column <= last; column++) {
    if (!all && !present.has(column)) {
      starts[column] = IS_ABSENT
      continue
    }
    const isNull = (bytes[start + (bit >> 3)]! & (1 << (bit & 7))) !== 0
    bit++
    if (isNull) {
      starts[column] = IS_NULL
      continue
    }
    const width = widths[column]!
    const from = width >= 0 ? at : at - width
    starts[column] = from
    at = ends[column] = width >= 0 ? at + width : from + prefix(bytes, at, width)
    if (at > bytes.length) throw malformedRow(table, 'it is too short')
  }
  return at
}

/** The length before a cell, in `-width` bytes, little-endian. */
function prefix(bytes: Buffer, at: number, width: number): number {
  let length = bytes[at]!
  if (width < -1) length |= bytes[at + 1]! << 8
  if (width < -2) length |= bytes[at + 2]! << 16
  if (width < -3) length += bytes[at + 3]! * 0x1000000
  return length
}

function locateText({ bytes, start }: MysqlRowImage, last: number, table: string, starts: Int32Array, ends: Int32Array): number {
  let at = start
  for (let column = 0; column <= last; column++) {
    const first = bytes[at++]
    if (first === undefined) throw malformedRow(table, 'it is too short')
    if (first === NULL_CELL) {
      starts[column] = IS_NULL
      continue
    }
    let length = first
    if (first > NULL_CELL) {
      const size = first === TWO_BYTES ? 2 : first === THREE_BYTES ? 3 : first === EIGHT_BYTES ? 8 : 0
      if (size === 0 || bytes.length - at < size) throw malformedRow(table, 'a cell has no length')
      length = size === 8 ? bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32 : bytes.readUIntLE(at, size)
      at += size
    }
    if (length > bytes.length - at) throw malformedRow(table, `a cell claims ${length} bytes`)
    starts[column] = at
    at = ends[column] = at + length
  }
  return at
}

let beforeStarts = new Int32Array(64)
let beforeEnds = new Int32Array(64)
let afterStarts = new Int32Array(64)
let afterEnds = new Int32Array(64)

/** Whether an update left the key as it was: the raw cells are equal. A column that is absent from an image counts as unchanged. */
export function sameKey(before: MysqlRowImage, after: MysqlRowImage, map: TableMap, key: readonly number[]): boolean {
  const columns = map.widths.length
  if (columns > beforeStarts.length) [beforeStarts, beforeEnds, afterStarts, afterEnds] = [new Int32Array(columns), new Int32Array(columns), new Int32Array(columns), new Int32Array(columns)]
  let last = -1
  for (let i = 0; i < key.length; i++) if (key[i]! > last) last = key[i]!
  locateLogged(before, map.widths, last, map.name, beforeStarts, beforeEnds)
  locateLogged(after, map.widths, last, map.name, afterStarts, afterEnds)
  for (let i = 0; i < key.length; i++) if (!sameCell(before.bytes, after.bytes, key[i]!)) return false
  return true
}

function sameCell(before: Buffer, after: Buffer, column: number): boolean {
  const from = beforeStarts[column]!
  const to = afterStarts[column]!
  if (from === IS_ABSENT || to === IS_ABSENT) return true
  if (from < 0 || to < 0) return from === to
  const length = beforeEnds[column]! - from
  if (length !== afterEnds[column]! - to) return false
  for (let i = 0; i < length; i++) if (before[from + i] !== after[to + i]) return false
  return true
}

/*
  Rows (23 to 25, 30 to 32, 39) => uint48 number of the table map, uint16 flags (1: the statement's last), from 30 on: uint16 length of
    extra data, itself included, and the extra data; packed count of columns, a bit for each column that the images carry;
    for an update another such bitmap, of the images behind; then images to the end: one a row, for an update two
  Image => a bit for each column that it carries: NULL; then the cells of those that are not (column-type.ts)
  Extra data => uint8 kind: 0, uint8 length, itself and a format byte included, NDB's; 1, the partition: uint16, for an update two
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rows__event.html
*/
import { readColumnSet } from './column-set.ts'
import { EventReader } from './event-reader.ts'
import { EVENT } from './event-type.ts'
import type { ColumnSet, TableMap } from './logged-column.ts'
import { malformed } from './malformed.ts'

export interface Rows {
  readonly tableId: number
  /** Table maps do not hold behind it. */
  readonly statementEnd: boolean
  /** Undefined: there is no such image. */
  readonly before: ColumnSet | undefined
  readonly after: ColumnSet | undefined
  /** Where the first row begins. */
  readonly start: number
}

const NAME = 'rows'
const STATEMENT_END = 1
const LENGTH_BYTES = 2
/** MAX_FIELDS (sql/sql_const.h). */
const MOST_COLUMNS = 4096

export function readRows(bytes: Buffer, start: number, end: number, type: number): Rows {
  const reader = new EventReader(NAME, bytes, start, end)
  const tableId = reader.uint48()
  const flags = reader.uint16()
  if (type >= EVENT.writeRows) skipExtraData(reader)
  const columns = reader.packed()
  if (columns > MOST_COLUMNS) throw malformed(NAME, `it claims ${columns} columns`)
  const bitmapBytes = (columns + 7) >> 3
  const first = readColumnSet(bytes, reader.skip(bitmapBytes), columns)
  const isUpdate = type === EVENT.updateRows || type === EVENT.updateRowsV1 || type === EVENT.partialUpdateRows
  const second = isUpdate ? readColumnSet(bytes, reader.skip(bitmapBytes), columns) : undefined
  // else the rows would have no bytes, and no end
  if (first.count === 0 && (second?.count ?? 0) === 0 && reader.left > 0) throw malformed(NAME, 'its rows have no columns')
  const isWrite = type === EVENT.writeRows || type === EVENT.writeRowsV1
  return { tableId, statementEnd: (flags & STATEMENT_END) !== 0, before: isWrite ? undefined : first, after: isWrite ? first : second, start: reader.at }
}

/** The partition and NDB's notes are of no use here. */
function skipExtraData(reader: EventReader): void {
  const length = reader.uint16()
  if (length < LENGTH_BYTES) throw malformed(NAME, `${length} bytes of extra data`)
  reader.skip(length - LENGTH_BYTES)
}

/** Where the image that begins at `at` ends. Once a row: no allocation, and no look at types. */
export function rowEnd(bytes: Buffer, at: number, end: number, map: TableMap, present: ColumnSet): number {
  const { widths } = map
  const { count } = present
  let cell = at + ((count + 7) >> 3)
  if (cell > end) throw tooShort()
  if (!present.all) return someEnd(bytes, at, end, cell, widths, present)
  if (count !== widths.length) throw otherColumns(count, widths.length)
  for (let column = 0; column < count; column++) {
    if ((bytes[at + (column >> 3)]! & (1 << (column & 7))) !== 0) continue
    const width = widths[column]!
    cell = width >= 0 ? cell + width : prefixedEnd(bytes, cell, end, width)
  }
  if (cell > end) throw tooShort()
  return cell
}

/** The same for an image that has not all of the columns. */
function someEnd(bytes: Buffer, at: number, end: number, cells: number, widths: TableMap['widths'], present: ColumnSet): number {
  let cell = cells
  let bit = 0
  for (let column = 0; column < widths.length; column++) {
    if (!present.has(column)) continue
    const isNull = (bytes[at + (bit >> 3)]! & (1 << (bit & 7))) !== 0
    bit++
    if (isNull) continue
    const width = widths[column]!
    cell = width >= 0 ? cell + width : prefixedEnd(bytes, cell, end, width)
  }
  if (bit !== present.count) throw otherColumns(present.count, bit)
  if (cell > end) throw tooShort()
  return cell
}

/** The end of a cell whose length stands before it, in `-width` bytes. */
export function prefixedEnd(bytes: Buffer, cell: number, end: number, width: number): number {
  const content = cell - width
  if (content > end) throw tooShort()
  let length = bytes[cell]!
  if (width < -1) length |= bytes[cell + 1]! << 8
  if (width < -2) length |= bytes[cell + 2]! << 16
  if (width < -3) length += bytes[cell + 3]! * 0x1000000
  if (length > end - content) throw malformed(NAME, `a cell claims ${length} bytes`)
  return content + length
}

function tooShort(): Error {
  return malformed(NAME, 'it is too short')
}

function otherColumns(found: number, expected: number): Error {
  return malformed(NAME, `${found} columns, the table has ${expected}`)
}

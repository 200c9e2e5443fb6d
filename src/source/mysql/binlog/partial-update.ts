/*
  Image behind, in an event of type 39 => packed value options; with bit 0 set: a bit for each JSON column of the table, whether the image
    carries it or not: its cell holds differences; then as any image (rows.ts)
  Cell of differences => uint32 length, then each: uint8 operation (0 REPLACE, 1 INSERT, 2 REMOVE), packed length, path, and, but for
    REMOVE, packed length, a value in binary JSON. None at all: the document is as before.
  https://dev.mysql.com/worklog/task/?id=2955, start_partial_bits_reader (sql/rpl_record.cc), Json_diff_vector::read_binary (sql/json_diff.cc)
*/
import { applyDiffs } from '../json/json-diff.ts'
import { cellPlaces, toImage, type CellPlace, type Image } from './cell-places.ts'
import { withoutColumns } from './column-set.ts'
import { TYPE } from './column-type.ts'
import { EventReader } from './event-reader.ts'
import type { ColumnSet, TableMap } from './logged-column.ts'
import { malformed } from './malformed.ts'
import { rowEnd } from './rows.ts'

export interface PartialRow {
  /** Where the row ends. */
  readonly end: number
  /** The whole image behind, as a plain event would have it. Undefined: it was not asked for. */
  readonly image: Buffer | undefined
  /** Its columns: without those whose document before is not known (`binlog_row_image=MINIMAL`), so that nothing can be said of it behind. */
  readonly present: ColumnSet
}

const NAME = 'partial update'
const PARTIAL_JSON = 1n

/** The image before is [first, middle). With `wanted` the one behind is put together. */
export function readPartialRow(bytes: Buffer, first: number, middle: number, end: number, map: TableMap, beforeSet: ColumnSet, afterSet: ColumnSet, wanted: boolean): PartialRow {
  const reader = new EventReader(NAME, bytes, middle, end)
  const options = BigInt(reader.packed())
  if ((options & ~PARTIAL_JSON) !== 0n) throw malformed(NAME, `value options ${options}`)
  const partial = options === 0n ? [] : readPartialColumns(reader, map)
  const start = reader.at
  const rowsEnd = rowEnd(bytes, start, end, map, afterSet)
  if (!wanted) return { end: rowsEnd, image: undefined, present: afterSet }
  if (partial.length === 0) return { end: rowsEnd, image: bytes.subarray(start, rowsEnd), present: afterSet }
  const documents = cellPlaces({ bytes, start: first, end: middle, present: beforeSet }, map)
  const missing = partial.filter((column) => !beforeSet.has(column) && afterSet.has(column))
  const image = merge({ bytes, start, end: rowsEnd, present: afterSet }, documents, map, partial, missing)
  return { end: rowsEnd, image, present: missing.length === 0 ? afterSet : withoutColumns(afterSet, missing, map.widths.length) }
}

/** Indexes of the columns whose bit is set. */
function readPartialColumns(reader: EventReader, map: TableMap): number[] {
  const json = [...map.columns.keys()].filter((column) => map.columns[column]!.type === TYPE.json)
  const bits = reader.slice((json.length + 7) >> 3)
  return json.filter((_, bit) => (bits[bit >> 3]! & (1 << (bit & 7))) !== 0)
}

function merge({ bytes, ...rest }: Image, documents: ReadonlyMap<number, CellPlace>, map: TableMap, partial: readonly number[], missing: readonly number[]): Buffer {
  const cells = [...cellPlaces({ bytes, ...rest }, map)].filter(([column]) => !missing.includes(column))
  return toImage(cells.map(([column, { start, end }]) => {
    if (start === undefined) return undefined
    return partial.includes(column) ? wholeCell(bytes, start, end, documents.get(column)!, -map.widths[column]!) : [bytes.subarray(start, end)]
  }))
}

/** The cell of a document, from the one before and its differences. */
function wholeCell(bytes: Buffer, start: number, end: number, before: CellPlace, prefix: number): Buffer[] {
  if (before.start === undefined) throw malformed(NAME, 'differences to NULL')
  if (start + prefix === end) return [bytes.subarray(before.start, before.end)]
  const document = applyDiffs(bytes, before.start + prefix, before.end, bytes, start + prefix, end)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(document.length)
  return [length.subarray(0, prefix), document]
}

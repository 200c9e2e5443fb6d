import { cellPlaces, toImage, type Image } from './cell-places.ts'
import { unionOf } from './column-set.ts'
import { EVENT } from './event-type.ts'
import type { ColumnSet, TableMap } from './logged-column.ts'
import { readPartialRow } from './partial-update.ts'
import { rowEnd } from './rows.ts'

/** The image behind an update. */
export interface ImageBehind {
  readonly bytes: Buffer
  readonly start: number
  readonly present: ColumnSet
  /** Where the row ends in its event. */
  readonly next: number
}

/**
 * The image behind an update of the row that begins at `first`, for events whose images are not whole: what the update did not change is
 * missing with `binlog_row_image=MINIMAL`, and with MariaDB's FULL_NODUP, but is often in the image before; documents may be differences.
 * With `wanted` false, only `next` is of use.
 */
export function readImageBehind(bytes: Buffer, first: number, middle: number, end: number, type: number, map: TableMap, beforeSet: ColumnSet, afterSet: ColumnSet, wanted: boolean): ImageBehind {
  const logged = type === EVENT.partialUpdateRows ? readPartial(bytes, first, middle, end, map, beforeSet, afterSet, wanted) : { bytes, start: middle, present: afterSet, next: rowEnd(bytes, middle, end, map, afterSet) }
  if (!wanted || logged.present.all) return logged
  const present = unionOf(beforeSet, logged.present, map.widths.length)
  if (present.count === logged.present.count) return logged
  const before = { bytes, start: first, end: middle, present: beforeSet }
  const after = { bytes: logged.bytes, start: logged.start, end: logged.bytes === bytes ? logged.next : logged.bytes.length, present: logged.present }
  return { bytes: complete(before, after, map), start: 0, present, next: logged.next }
}

function readPartial(bytes: Buffer, first: number, middle: number, end: number, map: TableMap, beforeSet: ColumnSet, afterSet: ColumnSet, wanted: boolean): ImageBehind {
  const { end: next, image, present } = readPartialRow(bytes, first, middle, end, map, beforeSet, afterSet, wanted)
  return image === undefined ? { bytes, start: middle, present, next } : { bytes: image, start: 0, present, next }
}

/** What is in both is taken from the one behind. */
function complete(before: Image, after: Image, map: TableMap): Buffer {
  const old = cellPlaces(before, map)
  const changed = cellPlaces(after, map)
  const cells: (readonly Buffer[] | undefined)[] = []
  for (let column = 0; column < map.widths.length; column++) {
    const behind = changed.get(column)
    const place = behind ?? old.get(column)
    if (place === undefined) continue
    const { bytes } = behind === undefined ? before : after
    cells.push(place.start === undefined ? undefined : [bytes.subarray(place.start, place.end)])
  }
  return toImage(cells)
}

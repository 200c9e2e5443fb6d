/*
  Update => 'U' int32 relation oid, [ 'K' TupleData (old replica identity) | 'O' TupleData (old row) ], 'N' TupleData
  K is sent when the identity changed, O with REPLICA IDENTITY FULL.
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { malformed } from './malformed.ts'
import { scanTuple, type TupleScan } from './tuple.ts'

/** Filled anew by each {@link readUpdate}. */
export interface Update {
  /** Offset of the old tuple, -1 without one. */
  oldStart: number
  oldExtent: 'row' | 'key'
  newStart: number
  /** The new tuple has unchanged cells. */
  unchanged: boolean
  end: number
}

export function readUpdate(bytes: Buffer, start: number, end: number, columns: number, scan: TupleScan, into: Update): void {
  let at = start + 5
  const kind = bytes[at]
  into.oldStart = -1
  if (kind === 0x4b || kind === 0x4f) {
    into.oldStart = at + 1
    into.oldExtent = kind === 0x4b ? 'key' : 'row'
    scanTuple('Update', bytes, at + 1, end, columns, scan)
    at = scan.end
  }
  if (at >= end || bytes[at] !== 0x4e) throw malformed('Update', 'it has no new tuple')
  into.newStart = at + 1
  scanTuple('Update', bytes, at + 1, end, columns, scan)
  into.unchanged = scan.unchanged
  into.end = scan.end
}

/*
  TupleData => int16 columns, then each: 'n' (NULL) | 'u' (unchanged TOASTed value, not sent) | 't' int32 length, bytes
  ('b', binary, is never asked for.)
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { bigWord32 } from '../../../byte/big-endian.ts'
import { malformed } from './malformed.ts'

const NULL = 0x6e
const UNCHANGED = 0x75
const TEXT = 0x74

/** The end of a tuple, and whether it has an unchanged cell: one object, filled anew by each scan. */
export interface TupleScan {
  end: number
  unchanged: boolean
}

/** Steps over a tuple and checks it against the relation and the message's end. */
export function scanTuple(message: string, bytes: Buffer, start: number, end: number, columns: number, scan: TupleScan): void {
  let at = start + 2
  if (at > end) throw malformed(message, 'it is too short')
  const count = (bytes[start]! << 8) | bytes[start + 1]!
  if (count !== columns) throw malformed(message, `${count} columns, the relation has ${columns}`)
  scan.unchanged = false
  for (let index = 0; index < count; index++) {
    const kind = at < end ? bytes[at++]! : 0
    if (kind === TEXT) {
      if (end - at < 4) throw malformed(message, 'it is too short')
      const length = bigWord32(bytes, at) | 0
      if (length < 0 || length > end - at - 4) throw malformed(message, `a cell claims ${length} bytes`)
      at += 4 + length
    } else if (kind === UNCHANGED) scan.unchanged = true
    else if (kind !== NULL) throw malformed(message, `cell kind ${kind}`)
  }
  scan.end = at
}

/**
 * The new tuple with its unchanged cells taken from the old one: with REPLICA IDENTITY FULL the old tuple carries them.
 * Both have been scanned before.
 */
export function mergeUnchanged(bytes: Buffer, oldStart: number, newStart: number): Buffer {
  const count = bytes.readUInt16BE(newStart)
  const parts: Buffer[] = [bytes.subarray(newStart, newStart + 2)]
  let oldAt = oldStart + 2
  let newAt = newStart + 2
  for (let index = 0; index < count; index++) {
    const oldEnd = endOfCell(bytes, oldAt)
    const newEnd = endOfCell(bytes, newAt)
    parts.push(bytes[newAt] === UNCHANGED ? bytes.subarray(oldAt, oldEnd) : bytes.subarray(newAt, newEnd))
    oldAt = oldEnd
    newAt = newEnd
  }
  return Buffer.concat(parts)
}

function endOfCell(bytes: Buffer, at: number): number {
  return bytes[at] === TEXT ? at + 5 + bigWord32(bytes, at + 1) : at + 1
}

/** True when the two key tuples hold the same cells in the columns that `old` has values for. */
export function sameIdentity(bytes: Buffer, oldStart: number, newStart: number, key: readonly number[]): boolean {
  const count = bytes.readUInt16BE(oldStart)
  let oldAt = oldStart + 2
  let newAt = newStart + 2
  for (let index = 0; index < count; index++) {
    const oldEnd = endOfCell(bytes, oldAt)
    const newEnd = endOfCell(bytes, newAt)
    // an unchanged key cell is the same by definition
    if (key.includes(index) && bytes[newAt] !== UNCHANGED && bytes.compare(bytes, newAt, newEnd, oldAt, oldEnd) !== 0) return false
    oldAt = oldEnd
    newAt = newEnd
  }
  return true
}

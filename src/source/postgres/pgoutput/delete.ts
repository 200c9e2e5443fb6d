/*
  Delete => 'D' int32 relation oid, 'K' TupleData (replica identity) | 'O' TupleData (old row, REPLICA IDENTITY FULL)
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { malformed } from './malformed.ts'

/** What the old tuple, at `start + 6`, holds. */
export function deletedExtent(bytes: Buffer, start: number, end: number): 'row' | 'key' {
  const kind = end - start >= 8 ? bytes[start + 5] : 0
  if (kind === 0x4b) return 'key'
  if (kind === 0x4f) return 'row'
  throw malformed('Delete', 'it has no old tuple')
}

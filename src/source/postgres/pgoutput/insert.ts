/*
  Insert => 'I' int32 relation oid, 'N' TupleData
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { malformed } from './malformed.ts'

/** Offset of the new tuple. */
export function insertedTuple(bytes: Buffer, start: number, end: number): number {
  if (end - start < 8 || bytes[start + 5] !== 0x4e) throw malformed('Insert', 'it has no new tuple')
  return start + 6
}

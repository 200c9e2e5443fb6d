/*
  Truncate => 'T' int32 relations, int8 options (1 CASCADE, 2 RESTART IDENTITY), then an int32 oid each
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { expectEnd, malformed } from './malformed.ts'

export function truncatedRelations(bytes: Buffer, start: number, end: number): number[] {
  if (end - start < 6) throw malformed('Truncate', 'it is too short')
  const count = bytes.readUInt32BE(start + 1)
  if (count > (end - start - 6) / 4) throw malformed('Truncate', `it claims ${count} relations`)
  expectEnd('Truncate', start + 6 + 4 * count, end)
  return Array.from({ length: count }, (_, index) => bytes.readUInt32BE(start + 6 + 4 * index))
}

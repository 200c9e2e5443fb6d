/*
  Integer of MySQL's serialization library => 1 to 9 bytes: as many ones at the low end of the first byte as bytes follow, a zero, then
  the value; with eight ones, the value is all of the eight bytes that follow. Signed: the value's lowest bit is its sign, and
  the rest is n, or -(n + 1)
  https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html
*/
import type { EventReader } from './event-reader.ts'

export function readVarlen(reader: EventReader): bigint {
  const first = reader.uint8()
  let more = 0
  while (more < 8 && (first & (1 << more)) !== 0) more++
  if (more === 8) return reader.uint64()
  let value = BigInt(first >> (more + 1))
  for (let index = 0; index < more; index++) value |= BigInt(reader.uint8()) << BigInt(8 * index + 7 - more)
  return value
}

export function readSignedVarlen(reader: EventReader): bigint {
  const raw = readVarlen(reader)
  return (raw & 1n) === 0n ? raw >> 1n : -(raw >> 1n) - 1n
}

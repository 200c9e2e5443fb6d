/*
  Relation => 'R' int32 oid, cstring namespace (empty for pg_catalog), cstring name, int8 replica identity (d n f i),
              int16 columns, then each: int8 flags (1: part of the replica identity), cstring name, int32 type oid, int32 typmod
  https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
*/
import { expectEnd, malformed, readCString } from './malformed.ts'

export interface RelationColumn {
  readonly name: string
  readonly typeOid: number
  readonly typmod: number
  /** Part of the replica identity; with FULL every column is. */
  readonly identity: boolean
}

export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `d` default, `n` nothing, `f` full, `i` index. */
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  readonly columns: readonly RelationColumn[]
}

export function readRelation(bytes: Buffer, start: number, end: number): Relation {
  if (end - start < 10) throw malformed('Relation', 'it is too short')
  const schema = readCString('Relation', bytes, start + 5, end)
  const name = readCString('Relation', bytes, schema.next, end)
  let at = name.next
  if (end - at < 3) throw malformed('Relation', 'it is too short')
  const replicaIdentity = String.fromCharCode(bytes[at]!) as Relation['replicaIdentity']
  if (!'dnfi'.includes(replicaIdentity)) throw malformed('Relation', `replica identity ${replicaIdentity}`)
  const count = bytes.readUInt16BE(at + 1)
  at += 3
  const columns: RelationColumn[] = []
  for (let index = 0; index < count; index++) {
    const column = readCString('Relation', bytes, at + 1, end)
    if (end - column.next < 8) throw malformed('Relation', 'it is too short')
    columns.push({ name: column.text, identity: (bytes[at]! & 1) === 1, typeOid: bytes.readUInt32BE(column.next), typmod: bytes.readInt32BE(column.next + 4) })
    at = column.next + 8
  }
  expectEnd('Relation', at, end)
  return { oid: bytes.readUInt32BE(start + 1), schema: schema.text === '' ? 'pg_catalog' : schema.text, name: name.text, replicaIdentity, columns }
}

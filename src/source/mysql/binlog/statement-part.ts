/*
  What stands before a statement in statement format:
  Intvar   => uint8 (1 LAST_INSERT_ID, 2 INSERT_ID), uint64 value
  Rand     => uint64, uint64: the two seeds
  User_var => uint32 length, so many bytes of name, uint8 is NULL; unless it is: uint8 type (0 string, 1 real, 2 integer, 4 decimal),
              uint32 collation, uint32 length, so many bytes of value; then, not always, uint8 flags (1 unsigned)
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1User__var__event.html and its neighbours
*/
import { EventReader } from './event-reader.ts'

export function readIntvar(bytes: Buffer, start: number, end: number): { readonly variable: 'LAST_INSERT_ID' | 'INSERT_ID' | undefined; readonly value: bigint } {
  const reader = new EventReader('Intvar', bytes, start, end)
  const variable = ([undefined, 'LAST_INSERT_ID', 'INSERT_ID'] as const)[reader.uint8()]
  const value = reader.uint64()
  reader.expectEnd()
  return { variable, value }
}

export function readRand(bytes: Buffer, start: number, end: number): readonly [bigint, bigint] {
  const reader = new EventReader('Rand', bytes, start, end)
  const seeds = [reader.uint64(), reader.uint64()] as const
  reader.expectEnd()
  return seeds
}

export interface UserVar {
  readonly name: string
  /** As the server stores it: text, a double, an integer, or a binary decimal. Undefined: NULL. */
  readonly value: Buffer | undefined
  readonly type: number
  readonly collation: number | undefined
}

export function readUserVar(bytes: Buffer, start: number, end: number): UserVar {
  const reader = new EventReader('User_var', bytes, start, end)
  const name = reader.text(reader.uint32())
  if (reader.uint8() !== 0) {
    reader.expectEnd()
    return { name, value: undefined, type: 0, collation: undefined }
  }
  const type = reader.uint8()
  const collation = reader.uint32()
  const value = reader.slice(reader.uint32())
  if (reader.left > 0) reader.skip(1)
  reader.expectEnd()
  return { name, value, type, collation }
}

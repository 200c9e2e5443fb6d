/*
  Rotate => uint64 position of the next event in the next file, then the name of that file
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rotate__event.html
*/
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'

const NAME = 'Rotate'

export function readRotate(bytes: Buffer, start: number, end: number): { readonly file: string; readonly pos: number } {
  const reader = new EventReader(NAME, bytes, start, end)
  const pos = reader.natural64()
  const file = reader.text(reader.left)
  if (file === '') throw malformed(NAME, 'it names no file')
  return { file, pos }
}

/*
  Xid => uint64: number of the transaction in the server, which means nothing elsewhere
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Xid__event.html
*/
import { EventReader } from './event-reader.ts'

export function readXid(bytes: Buffer, start: number, end: number): bigint {
  const reader = new EventReader('Xid', bytes, start, end)
  const xid = reader.uint64()
  reader.expectEnd()
  return xid
}

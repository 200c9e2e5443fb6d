/*
  Rows_query => uint8 length, of which nobody takes notice, then the statement
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Rows__query__event.html
*/
import { EventReader } from './event-reader.ts'

export function readRowsQuery(bytes: Buffer, start: number, end: number): string {
  const reader = new EventReader('Rows_query', bytes, start, end)
  reader.skip(1)
  return reader.text(reader.left)
}

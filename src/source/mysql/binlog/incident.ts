/*
  Incident => uint16 number (1 LOST_EVENTS), uint8 length, so many bytes of message
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Incident__event.html
*/
import { EventReader } from './event-reader.ts'

export function readIncident(bytes: Buffer, start: number, end: number): { readonly incident: number; readonly message: string } {
  const reader = new EventReader('Incident', bytes, start, end)
  const incident = reader.uint16()
  const message = reader.text(reader.uint8())
  reader.expectEnd()
  return { incident, message }
}

/*
  Binlog_checkpoint => uint32 length, so many bytes: the name of the oldest file that a crash recovery would need
  https://mariadb.com/kb/en/binlog_checkpoint_event/
*/
import { EventReader } from './event-reader.ts'

export function readBinlogCheckpoint(bytes: Buffer, start: number, end: number): string {
  const reader = new EventReader('Binlog_checkpoint', bytes, start, end)
  const file = reader.text(reader.uint32())
  reader.expectEnd()
  return file
}

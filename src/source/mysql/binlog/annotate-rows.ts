/*
  Annotate_rows => the statement
  https://mariadb.com/kb/en/annotate_rows_event/
*/
import { EventReader } from './event-reader.ts'

export function readAnnotateRows(bytes: Buffer, start: number, end: number): string {
  const reader = new EventReader('Annotate_rows', bytes, start, end)
  return reader.text(reader.left)
}

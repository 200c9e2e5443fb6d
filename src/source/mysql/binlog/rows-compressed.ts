/*
  Rows_compressed (166 to 168: of 23 to 25, 169 to 171: of 30 to 32) => as Rows (rows.ts), but all of the images together are compressed
    (packed-bytes.ts)
  https://mariadb.com/kb/en/rows_event_v1v2-rows_compressed_event_v1/
*/
import { EventReader } from './event-reader.ts'
import { EVENT } from './event-type.ts'
import { unpack } from './packed-bytes.ts'
import { readRows } from './rows.ts'

const NAME = 'Rows_compressed'

/** The body and type of the event that it stands for. Errors: TR_MYSQL_EVENT_TOO_LARGE. */
export function plainRows(bytes: Buffer, start: number, end: number, type: number, maxEventBytes: number): { readonly bytes: Buffer; readonly type: number } {
  const plain = type >= EVENT.writeRowsCompressed ? type - EVENT.writeRowsCompressed + EVENT.writeRows : type - EVENT.writeRowsCompressedV1 + EVENT.writeRowsV1
  const { start: rows } = readRows(bytes, start, end, plain)
  return { bytes: unpack(NAME, new EventReader(NAME, bytes, rows, end), bytes.subarray(start, rows), maxEventBytes), type: plain }
}

/*
  Query_compressed => as Query (query.ts), but the statement is compressed (packed-bytes.ts)
  https://mariadb.com/kb/en/query_compressed_event/
*/
import { EventReader } from './event-reader.ts'
import { unpack } from './packed-bytes.ts'

const NAME = 'Query_compressed'
const DATABASE_LENGTH = 8
const VARIABLES_LENGTH = 11
const FIXED = 13

/** The body of the Query event that it stands for. Errors: TR_MYSQL_EVENT_TOO_LARGE. */
export function readCompressedQuery(bytes: Buffer, start: number, end: number, maxEventBytes: number): Buffer {
  const reader = new EventReader(NAME, bytes, start, end)
  reader.skip(FIXED)
  reader.skip(bytes.readUInt16LE(start + VARIABLES_LENGTH) + bytes[start + DATABASE_LENGTH]! + 1)
  return unpack(NAME, reader, bytes.subarray(start, reader.at), maxEventBytes)
}

/*
  Checksum => uint32: the CRC-32 of zlib over all of the event before it, its header included
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Log__event__footer.html
*/
import zlib from 'node:zlib'
import { crcOf } from '../../../byte/crc.ts'
import { word32 } from '../../../byte/little-endian.ts'
import { EVENT_HEADER } from './event-header.ts'

const CHECKSUM_BYTES = 4
/** Up to here the call of Node's, which needs a view of its own, costs more than the tables. */
const SHORT = 512

/** CRC-32 of bytes [start, end), as an unsigned 32-bit integer. The polynomial of IEEE 802.3, reflected (RFC 1952, section 8). */
export const tableCrc32: (bytes: Buffer, start: number, end: number) => number = crcOf(0xedb88320)

/** The same by Node, which has it from 20.15 and 22.2 on, in 21 it has not. */
export const crc32: (bytes: Buffer, start: number, end: number) => number = nativeCrc32() ?? tableCrc32

/** The last four bytes of the event at [start, end) are the checksum of the rest. */
export function checksumMatches(bytes: Buffer, start: number, end: number): boolean {
  const body = end - CHECKSUM_BYTES
  if (body - start < EVENT_HEADER) return false
  return word32(bytes, body) === (body - start < SHORT ? tableCrc32(bytes, start, body) : crc32(bytes, start, body))
}

function nativeCrc32(): typeof crc32 | undefined {
  const native = (zlib as { crc32?: typeof zlib.crc32 }).crc32
  return native === undefined ? undefined : (bytes, start, end) => native(bytes.subarray(start, end))
}

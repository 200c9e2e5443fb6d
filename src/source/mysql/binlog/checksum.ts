/*
  Checksum => uint32: the CRC-32 of zlib over all of the event before it, its header included
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Log__event__footer.html
*/
import zlib from 'node:zlib'
import { EVENT_HEADER } from './event-header.ts'

// the polynomial of IEEE 802.3, reflected (RFC 1952, section 8); four bytes a step
const POLYNOMIAL = 0xedb88320
const CHECKSUM_BYTES = 4
/** Up to here the call of Node's, which needs a view of its own, costs more than the tables. */
const SHORT = 256

/** CRC-32 of bytes [start, end), as an unsigned 32-bit integer. Node has it from 20.15 and 22.2 on, in 21 it has not. */
export const crc32: (bytes: Buffer, start: number, end: number) => number = nativeCrc32() ?? tableCrc32

/** The last four bytes of the event at [start, end) are the checksum of the rest. */
export function checksumMatches(bytes: Buffer, start: number, end: number): boolean {
  const body = end - CHECKSUM_BYTES
  if (body - start < EVENT_HEADER) return false
  return bytes.readUInt32LE(body) === (body - start < SHORT ? tableCrc32(bytes, start, body) : crc32(bytes, start, body))
}

function nativeCrc32(): typeof crc32 | undefined {
  const native = (zlib as { crc32?: typeof zlib.crc32 }).crc32
  return native === undefined ? undefined : (bytes, start, end) => native(bytes.subarray(start, end))
}

const [t0, t1, t2, t3] = makeTables() as readonly [Int32Array, Int32Array, Int32Array, Int32Array]

function makeTables(): readonly Int32Array[] {
  const made = Array.from({ length: 4 }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[0]![byte] = crc
  }
  for (let step = 1; step < 4; step++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = made[step - 1]![byte]!
      made[step]![byte] = (before >>> 8) ^ made[0]![before & 0xff]!
    }
  }
  return made
}

/** The same without Node's. */
export function tableCrc32(bytes: Buffer, start: number, end: number): number {
  let crc = -1
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc = t3[word & 0xff]! ^ t2[(word >>> 8) & 0xff]! ^ t1[(word >>> 16) & 0xff]! ^ t0[word >>> 24]!
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

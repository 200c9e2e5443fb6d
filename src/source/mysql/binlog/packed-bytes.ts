/*
  Compressed bytes (MariaDB, log_bin_compress) => uint8: its low 3 bits the bytes of the length that follows, its bits 4 to 6 the
    algorithm (0 zlib), bit 7 set; the length of the plain bytes, big-endian; a zlib stream
  binlog_buf_uncompress (sql/log_event.cc)
*/
import zlib from 'node:zlib'
import type { EventReader } from './event-reader.ts'
import { malformed, tooLarge } from './malformed.ts'

const MARK = 0x80
const ALGORITHM = 0x70
const LENGTH_BYTES = 0x07

/** All of what is left of `reader`, in plain, behind `head`. Errors: TR_MYSQL_EVENT_TOO_LARGE above `limit`, the head included. */
export function unpack(event: string, reader: EventReader, head: Buffer, limit: number): Buffer {
  const form = reader.uint8()
  const lengthBytes = form & LENGTH_BYTES
  if ((form & MARK) === 0 || (form & ALGORITHM) !== 0 || lengthBytes === 0 || lengthBytes > 4) throw malformed(event, `it is compressed in the form ${form}`)
  const length = reader.slice(lengthBytes).readUIntBE(0, lengthBytes)
  if (head.length + length > limit) throw tooLarge(event, head.length + length, limit)
  const plain = inflate(event, reader.slice(reader.left), length)
  if (plain.length !== length) throw malformed(event, `${plain.length} bytes, it claims ${length}`)
  return Buffer.concat([head, plain])
}

function inflate(event: string, bytes: Buffer, length: number): Buffer {
  try {
    return zlib.inflateSync(bytes, { maxOutputLength: Math.max(1, length) })
  } catch {
    throw malformed(event, 'it does not decompress to what it claims')
  }
}

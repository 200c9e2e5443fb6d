/*
  Format_description => uint16 version of the log (4), 50 bytes: the server's version, padded with zeros, uint32 when the file was
                        begun (seconds since 1970; 0 in the middle of a dump), uint8 length of event headers (19), then an uint8 for
                        each event type, from 1 on: the length of its post-header, then uint8 checksum (0 none, 1 CRC-32), and
                        the event's own checksum, whose room is there without checksums as well
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Format__description__event.html
*/
import { EVENT_HEADER } from './event-header.ts'
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'

export interface FormatDescription {
  readonly version: number
  readonly serverVersion: string
  /** Seconds since 1970, or 0. */
  readonly created: number
  /** What events have from here on. */
  readonly checksum: 'none' | 'crc32'
  /** By event type, which begin with 1. */
  readonly postHeaderLengths: Uint8Array
}

const NAME = 'Format_description'
const VERSION_BYTES = 50
/** The algorithm, and the checksum itself. */
const CHECKSUM_PART = 5

export function readFormatDescription(bytes: Buffer, start: number, end: number): FormatDescription {
  const reader = new EventReader(NAME, bytes, start, end)
  const version = reader.uint16()
  if (version !== 4) throw malformed(NAME, `version ${version} of the log`)
  const versionText = reader.text(VERSION_BYTES)
  const close = versionText.indexOf('\0')
  const created = reader.uint32()
  const headerLength = reader.uint8()
  if (headerLength !== EVENT_HEADER) throw malformed(NAME, `headers of ${headerLength} bytes`)
  const postHeaderLengths = Uint8Array.from(reader.slice(Math.max(0, reader.left - CHECKSUM_PART)))
  const algorithm = reader.uint8()
  if (algorithm > 1) throw malformed(NAME, `checksum ${algorithm}`)
  reader.skip(CHECKSUM_PART - 1)
  reader.expectEnd()
  return { version, serverVersion: close < 0 ? versionText : versionText.slice(0, close), created, checksum: algorithm === 1 ? 'crc32' : 'none', postHeaderLengths }
}

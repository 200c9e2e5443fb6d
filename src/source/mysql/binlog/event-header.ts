/*
  Event header => uint32 timestamp (seconds since 1970), uint8 type, uint32 server id, uint32 size of the event (header and
                  checksum included), uint32 position behind the event in its file (its low 32 bits; 0: not of a file), uint16 flags
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Log__event__header.html
*/
import { word16, word32 } from '../../../byte/little-endian.ts'
import { malformed } from './malformed.ts'

export const EVENT_HEADER = 19

export interface EventHeader {
  /** Seconds since 1970; 0 for events that the server makes up for a dump. */
  readonly timestamp: number
  readonly type: number
  readonly serverId: number
  readonly size: number
  readonly nextPosition: number
  readonly flags: number
}

/** [start, end) is one whole event. */
export function readEventHeader(bytes: Buffer, start: number, end: number): EventHeader {
  if (end - start < EVENT_HEADER) throw malformed('header', 'it is too short')
  const size = word32(bytes, start + 9)
  if (size !== end - start) throw malformed('header', `it claims ${size} bytes, and has ${end - start}`)
  return {
    timestamp: word32(bytes, start), type: bytes[start + 4]!, serverId: word32(bytes, start + 5), size,
    nextPosition: word32(bytes, start + 13), flags: word16(bytes, start + 17),
  }
}

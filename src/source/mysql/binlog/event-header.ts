/*
  Event header => uint32 timestamp (seconds since 1970), uint8 type, uint32 server id, uint32 size of the event (header and
                  checksum included), uint32 position behind the event in its file (its low 32 bits; 0: not of a file), uint16 flags
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Log__event__header.html
*/
import { word16, word32 } from '../../../byte/little-endian.ts'
import { malformed } from './malformed.ts'

export const EVENT_HEADER = 19

/** Read again and again: a decoder has one. */
export class EventHeader {
  /** Seconds since 1970; 0 for events that the server makes up for a dump. */
  timestamp = 0
  type = 0
  serverId = 0
  size = 0
  nextPosition = 0
  flags = 0

  /** [start, end) is one whole event. */
  read(bytes: Buffer, start: number, end: number): this {
    if (end - start < EVENT_HEADER) throw malformed('header', 'it is too short')
    this.size = word32(bytes, start + 9)
    if (this.size !== end - start) throw malformed('header', `it claims ${this.size} bytes, and has ${end - start}`)
    this.timestamp = word32(bytes, start)
    this.type = bytes[start + 4]!
    this.serverId = word32(bytes, start + 5)
    this.nextPosition = word32(bytes, start + 13)
    this.flags = word16(bytes, start + 17)
    return this
  }
}

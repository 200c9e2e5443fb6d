/*
  Heartbeat (27) => the file's name; the position is the header's. MariaDB, where the position has more than 32 bits and the header's
                    is 0: uint64 position, then the name
  Heartbeat (41) => fields, each: packed type, packed length, and so many bytes; type 0 ends them and has nothing behind it
                    1: the file's name, 2: packed position, others: to be passed over
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Heartbeat__event__v2.html and
  Heartbeat::decode (libs/mysql/binlog/event/codecs/binary.cpp); MariaDB: HB_SUB_HEADER_LEN (sql/log_event.h)
*/
import type { EventHeader } from './event-header.ts'
import { EventReader } from './event-reader.ts'
import { EVENT } from './event-type.ts'
import { malformed } from './malformed.ts'

const NAME = 'Heartbeat'
const END = 0
const FILE = 1
const POSITION = 2

/** Where the server's dump stands. */
export interface Heartbeat {
  readonly file: string
  readonly pos: number
}

export function readHeartbeat(bytes: Buffer, start: number, end: number, header: EventHeader): Heartbeat {
  const reader = new EventReader(NAME, bytes, start, end)
  return header.type === EVENT.heartbeatV2 ? readFields(reader) : readPlain(reader, header)
}

function readPlain(reader: EventReader, header: EventHeader): Heartbeat {
  const pos = header.nextPosition === 0 ? reader.natural64() : header.nextPosition
  const file = reader.text(reader.left)
  if (file === '') throw malformed(NAME, 'it names no file')
  return { file, pos }
}

function readFields(reader: EventReader): Heartbeat {
  let file = ''
  let pos = -1
  for (;;) {
    const type = reader.packed()
    if (type === END) break
    const length = reader.packed()
    const from = reader.at
    if (type === FILE) file = reader.text(length)
    else if (type === POSITION) pos = reader.packed()
    else reader.skip(length)
    if (reader.at - from !== length) throw malformed(NAME, 'a field is not as long as it says')
  }
  reader.expectEnd()
  if (file === '' || pos < 0) throw malformed(NAME, 'it says no position')
  return { file, pos }
}

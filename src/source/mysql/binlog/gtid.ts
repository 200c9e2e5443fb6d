/*
  Gtid (33), anonymous (34) => uint8 flags, 16 bytes: the server's UUID, int64 number, uint8 2: logical clock, int64 last committed,
    int64 sequence number, uint56 microseconds since 1970 when it was committed here; its bit 55 set: another uint56, when it was
    committed first; packed length of the transaction, uint32 server version (bit 31 set: another uint32, the first server's),
    uint64 ticket. Older servers end it at any of the commas behind the number.
  Gtid (42) => a message, see tagged-gtid.ts
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Gtid__event.html
*/
import { joinWords } from '../../../byte/little-endian.ts'
import type { Gtid } from '../gtid/gtid-position.ts'
import { MAX_NUMBER, MysqlGtid } from '../gtid/mysql-gtid.ts'
import { EventReader } from './event-reader.ts'
import { EVENT } from './event-type.ts'
import { malformed } from './malformed.ts'
import { readTaggedGtid } from './tagged-gtid.ts'
import { repeatedUuidText } from './uuid-text.ts'

export interface GtidEvent {
  /** Undefined: anonymous, as it is without gtid_mode. */
  readonly gtid: Gtid | undefined
  /** When it was committed where it was written, and on the server that sent it: microseconds since 1970, 0: not said. */
  readonly originalMicros: bigint
  readonly immediateMicros: bigint
  /** Bytes of the whole transaction, 0: not said. */
  readonly transactionLength: number
}

const NAME = 'Gtid'
const LOGICAL_CLOCK = 2
/** Of the upper 24 bits of a time: another one follows. */
const TWO_TIMES = 0x800000

export function readGtid(bytes: Buffer, start: number, end: number, type: number): GtidEvent {
  const reader = new EventReader(NAME, bytes, start, end)
  if (type === EVENT.taggedGtid) return readTaggedGtid(reader)
  reader.skip(1)
  const uuid = repeatedUuidText(bytes, reader.skip(16))
  const number = reader.uint64()
  if (type === EVENT.gtid ? number < 1n || number > MAX_NUMBER : number !== 0n) throw malformed(NAME, `number ${number}`)
  return readClocks(reader, type === EVENT.gtid ? new MysqlGtid(uuid, number) : undefined)
}

function readClocks(reader: EventReader, gtid: Gtid | undefined): GtidEvent {
  let originalMicros = 0n
  let immediateMicros = 0n
  let transactionLength = 0
  if (reader.left > 0) {
    const clock = reader.uint8()
    if (clock !== LOGICAL_CLOCK) throw malformed(NAME, `logical clock ${clock}`)
    reader.skip(16)
  }
  if (reader.left > 0) {
    const low = reader.uint32()
    const high = reader.uint24()
    immediateMicros = joinWords(high & ~TWO_TIMES, low)
    originalMicros = (high & TWO_TIMES) === 0 ? immediateMicros : readTime(reader)
  }
  if (reader.left > 0) transactionLength = reader.packed()
  if (reader.left > 0 && (reader.uint32() & 0x80000000) !== 0) reader.skip(4)
  if (reader.left > 0) reader.skip(8)
  reader.expectEnd()
  return { gtid, originalMicros, immediateMicros, transactionLength }
}

function readTime(reader: EventReader): bigint {
  const low = reader.uint32()
  return joinWords(reader.uint24(), low)
}

/*
  Gtid (42) => varlen version of the format (1), varlen size of the whole, varlen: the highest field that must be known, then fields in
    rising order, each: varlen number, value:
    0 flags, 1 UUID: 16 varlens, 2 signed number, 3 tag: varlen length, bytes, 4 signed last committed, 5 signed sequence number,
    6 microseconds when it was committed here, 7 when it was committed first (the same, if missing), 8 length of the transaction,
    9 server version, 10 the first server's, 11 ticket. Varlens: varlen.ts
  Gtid_event::define_fields (libs/mysql/binlog/event/control_events.h),
  https://dev.mysql.com/doc/dev/mysql-server/latest/PageLibsMysqlSerialization.html
*/
import type { EventReader } from './event-reader.ts'
import type { GtidEvent } from './gtid.ts'
import { malformed } from './malformed.ts'
import { MAX_NUMBER, MysqlGtid, TAG } from '../gtid/mysql-gtid.ts'
import { uuidText } from './uuid-text.ts'
import { readSignedVarlen, readVarlen } from './varlen.ts'

const NAME = 'Gtid_tagged'
const FORMAT = 1n
const TICKET = 11n
const TAG_BYTES = 32n

export function readTaggedGtid(reader: EventReader): GtidEvent {
  const whole = reader.left
  const format = readVarlen(reader)
  if (format !== FORMAT) throw malformed(NAME, `format ${format}`)
  const size = readVarlen(reader)
  if (size !== BigInt(whole)) throw malformed(NAME, `it claims ${size} bytes, and has ${whole}`)
  const needed = readVarlen(reader)
  if (needed > TICKET) throw malformed(NAME, `field ${needed} is not known`)
  const uuid = Buffer.alloc(16)
  const numbers = new Map<bigint, bigint>()
  let tag = ''
  while (reader.left > 0) {
    const field = readVarlen(reader)
    // what comes behind the known fields may be passed over, as their numbers only rise
    if (field > TICKET) reader.skip(reader.left)
    else if (field === 1n) for (let index = 0; index < 16; index++) uuid[index] = byteOf(readVarlen(reader))
    else if (field === 3n) tag = reader.text(tagLength(readVarlen(reader)))
    else numbers.set(field, field === 2n || field === 4n || field === 5n ? readSignedVarlen(reader) : readVarlen(reader))
  }
  if (tag !== '' && !TAG.test(tag)) throw malformed(NAME, 'its tag is none')
  const number = numbers.get(2n) ?? 0n
  if (number < 1n || number > MAX_NUMBER) throw malformed(NAME, `number ${number}`)
  const group = tag === '' ? uuidText(uuid, 0) : `${uuidText(uuid, 0)}:${tag}`
  const immediateMicros = numbers.get(6n) ?? 0n
  return {
    gtid: new MysqlGtid(group, number),
    originalMicros: numbers.get(7n) ?? immediateMicros, immediateMicros, transactionLength: Number(numbers.get(8n) ?? 0n),
  }
}

function byteOf(value: bigint): number {
  if (value > 255n) throw malformed(NAME, 'its UUID is none')
  return Number(value)
}

function tagLength(value: bigint): number {
  if (value > TAG_BYTES) throw malformed(NAME, `a tag of ${value} bytes`)
  return Number(value)
}

/*
  XA_prepare => uint8 (1: XA COMMIT … ONE PHASE), uint32 format, uint32 length of gtrid, uint32 length of bqual, gtrid, bqual;
                neither has more than 64 bytes
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1XA__prepare__event.html
*/
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'
import { xaText } from './xa-text.ts'

const NAME = 'XA_prepare'
const MOST_BYTES = 64

export function readXaPrepare(bytes: Buffer, start: number, end: number): { readonly xid: string; readonly onePhase: boolean } {
  const reader = new EventReader(NAME, bytes, start, end)
  const onePhase = reader.uint8() !== 0
  const format = reader.uint32()
  const gtridLength = reader.uint32()
  const bqualLength = reader.uint32()
  if (gtridLength > MOST_BYTES || bqualLength > MOST_BYTES) throw malformed(NAME, 'its identifier is too long')
  const gtrid = reader.slice(gtridLength)
  const bqual = reader.slice(bqualLength)
  reader.expectEnd()
  return { xid: xaText(gtrid, bqual, format), onePhase }
}

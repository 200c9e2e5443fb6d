/*
  Gtid (162) => uint64 number, uint32 domain, uint8 flags; the server is that of the header
    flag 2: uint64 number of the group commit; flags 64 or 128: uint32 format, uint8 length of gtrid, uint8 length of bqual, gtrid, bqual;
    then uint8 more flags, absent or 0 for none: 1: uint8 further engines; 4 or 8: uint64 number of the GTID that began the ALTER;
    16: uint32 connection id; then zeros up to 19 bytes
  https://mariadb.com/kb/en/gtid_event/, Gtid_log_event (sql/log_event.cc)
*/
import type { Gtid } from '../gtid/gtid-position.ts'
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'
import { xaText } from './xa-text.ts'

const NAME = 'Gtid'
const STANDALONE = 1
const GROUP_COMMIT = 2
const TRANSACTIONAL = 4
const DDL = 32
const PREPARED_XA = 64
const COMPLETED_XA = 128
const MORE_ENGINES = 1
const START_ALTER = 2
const COMMIT_ALTER = 4
const ROLLBACK_ALTER = 8
const THREAD = 16
const KNOWN = MORE_ENGINES | START_ALTER | COMMIT_ALTER | ROLLBACK_ALTER | THREAD

export interface MariadbGtidEvent {
  readonly gtid: Gtid
  readonly flags: number
  /** One event follows, and there is no COMMIT. */
  readonly standalone: boolean
  readonly ddl: boolean
  /** All of it can be rolled back, and so it was not. */
  readonly transactional: boolean
  readonly xa: { readonly kind: 'prepare' | 'complete'; readonly xid: string } | undefined
  /** `binlog_alter_two_phase`: the statement is logged when it begins, and once more when it is done, or has failed. */
  readonly alter: 'start' | 'commit' | 'rollback' | undefined
  /** Connection id, from 11.5 on. */
  readonly thread: number | undefined
}

export function readMariadbGtid(bytes: Buffer, start: number, end: number, serverId: number): MariadbGtidEvent {
  const reader = new EventReader(NAME, bytes, start, end)
  const number = reader.uint64()
  const domain = reader.uint32()
  const flags = reader.uint8()
  if ((flags & GROUP_COMMIT) !== 0) reader.skip(8)
  const xa = (flags & (PREPARED_XA | COMPLETED_XA)) === 0 ? undefined : readXa(reader, flags)
  const more = reader.left > 0 ? reader.uint8() : 0
  const { alter, thread } = readMore(reader, more)
  expectPadding(bytes, reader, more)
  return {
    gtid: { group: String(domain), server: serverId, number, text: `${domain}-${serverId}-${number}` },
    flags, standalone: (flags & STANDALONE) !== 0, ddl: (flags & DDL) !== 0, transactional: (flags & TRANSACTIONAL) !== 0, xa, alter, thread,
  }
}

function readXa(reader: EventReader, flags: number): MariadbGtidEvent['xa'] {
  const format = reader.uint32()
  const gtridLength = reader.uint8()
  const bqualLength = reader.uint8()
  const gtrid = reader.slice(gtridLength)
  return { kind: (flags & PREPARED_XA) === 0 ? 'complete' : 'prepare', xid: xaText(gtrid, reader.slice(bqualLength), format) }
}

function readMore(reader: EventReader, more: number): Pick<MariadbGtidEvent, 'alter' | 'thread'> {
  if ((more & MORE_ENGINES) !== 0) reader.skip(1)
  if ((more & (COMMIT_ALTER | ROLLBACK_ALTER)) !== 0) reader.skip(8)
  const alter = (more & START_ALTER) !== 0 ? 'start' : (more & COMMIT_ALTER) !== 0 ? 'commit' : (more & ROLLBACK_ALTER) !== 0 ? 'rollback' : undefined
  return { alter, thread: (more & THREAD) === 0 ? undefined : reader.uint32() }
}

/** Flags of a newer server may have brought fields with them; otherwise what is left is zeros. */
function expectPadding(bytes: Buffer, reader: EventReader, more: number): void {
  const from = reader.at
  const { left } = reader
  reader.skip(left)
  if ((more & ~KNOWN) !== 0) return
  for (let at = from; at < from + left; at++) if (bytes[at] !== 0) throw malformed(NAME, 'its padding is not empty')
}

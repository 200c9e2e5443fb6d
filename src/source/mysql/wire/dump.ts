import { TailraceError } from '../../../error/tailrace-error.ts'
import type { DumpFrom } from '../flavor.ts'

/*
  COM_BINLOG_DUMP      => 0x12, uint32 position, uint16 flags, uint32 server id, file name
  COM_BINLOG_DUMP_GTID => 0x1e, uint16 flags, uint32 server id, uint32 length, file name, uint64 position, uint32 length, encoded set
  COM_REGISTER_SLAVE   => 0x15, uint32 server id, host, user, password (each: byte length, text), uint16 port, uint32 rank, uint32 master's id
  https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html

  Encoded set => uint64 count of UUIDs, each: 16 bytes UUID, uint64 count of intervals, each: int64 first number, int64 number behind the last.
    With tags (8.3 and later): the count in bytes 1 to 6, 1 in bytes 0 and 7; behind each UUID: byte length * 2, tag
  Gtid_set::encode (sql/rpl_gtid_set.cc)
*/
const BINLOG_DUMP = 0x12
const BINLOG_DUMP_GTID = 0x1e
const REGISTER_SLAVE = 0x15
/** Where the first event of a file stands, behind its magic number. */
const FIRST = 4
const MAX_POSITION = 0xffffffff
const UUID_TEXT = 36

/** The server sends what is there and says that it is at the end, as `mysqlbinlog` asks it to (BINLOG_DUMP_NON_BLOCK, on the page above). */
export const NON_BLOCKING = 0x01
/** A server id that is no replica's: such a dump displaces none (kill_zombie_dump_threads, sql/rpl_source.cc; MariaDB: dispatch_command, sql/sql_parse.cc). */
export const NOBODY = 0

/** MariaDB sends `Annotate_rows` events only to those who ask (BINLOG_SEND_ANNOTATE_ROWS_EVENT, sql/log_event.h). */
export const SEND_ANNOTATIONS = 0x02

/** The payload that asks for the log. Errors: TR_MYSQL_SETTING for a place that cannot be asked for. */
export function dumpCommand(dump: DumpFrom, serverId: number, flags = 0): Buffer {
  if (dump.by === 'gtid-set') return byGtids(encodeGtids(dump.gtids.toString()), serverId, flags)
  // with @slave_connect_state, MariaDB finds the file
  const { file, pos } = dump.by === 'place' ? dump : { file: '', pos: FIRST }
  if (pos > MAX_POSITION) {
    throw new TailraceError('TR_MYSQL_SETTING', { message: `The place ${file}:${pos} cannot be asked for: the protocol has 32 bits for it`, where: { file, pos }, remedy: 'Go on by GTIDs (gtid_mode=ON), or take a new snapshot' })
  }
  const name = Buffer.from(file, 'utf8')
  const payload = Buffer.allocUnsafe(11 + name.length)
  payload[0] = BINLOG_DUMP
  payload.writeUInt32LE(pos, 1)
  payload.writeUInt16LE(flags, 5)
  payload.writeUInt32LE(serverId, 7)
  name.copy(payload, 11)
  return payload
}

function byGtids(set: Buffer, serverId: number, flags: number): Buffer {
  const head = Buffer.alloc(23)
  head[0] = BINLOG_DUMP_GTID
  head.writeUInt16LE(flags, 1)
  head.writeUInt32LE(serverId, 3)
  // no file name: the server finds the file
  head.writeUInt32LE(0, 7)
  head.writeBigUInt64LE(BigInt(FIRST), 11)
  head.writeUInt32LE(set.length, 19)
  return Buffer.concat([head, set])
}

/** Shows this connection in SHOW REPLICAS. `host`: a name for it, at most 60 bytes. */
export function registerCommand(serverId: number, host = ''): Buffer {
  const name = Buffer.from(host, 'utf8').subarray(0, 60)
  const payload = Buffer.alloc(18 + name.length)
  payload[0] = REGISTER_SLAVE
  payload.writeUInt32LE(serverId, 1)
  payload[5] = name.length
  name.copy(payload, 6)
  // no user, no password, port 0, rank 0, master's id 0
  return payload
}

/** One UUID, or one tag of it. */
interface Group {
  readonly uuid: Buffer
  readonly tag: string
  readonly intervals: readonly (readonly [first: bigint, behind: bigint])[]
}

/** A set of GTIDs as the server prints it (`uuid:1-3:5:tag:1-2,uuid:…`) in the server's own binary form. */
export function encodeGtids(text: string): Buffer {
  const groups = text === '' ? [] : text.split(',').flatMap(readGroups)
  const tagged = groups.some(({ tag }) => tag !== '')
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(tagged ? (1n << 56n) | (BigInt(groups.length) << 8n) | 1n : BigInt(groups.length))
  return Buffer.concat([head, ...groups.flatMap((group) => encodeGroup(group, tagged))])
}

/** In the order of the text, which is the server's own: a UUID without a tag, then its tags. */
function readGroups(part: string): Group[] {
  const uuid = Buffer.from(part.slice(0, UUID_TEXT).replaceAll('-', ''), 'hex')
  const groups: { uuid: Buffer; tag: string; intervals: [bigint, bigint][] }[] = []
  for (const item of part.slice(UUID_TEXT + 1).split(':')) {
    const tag = /^[a-z_]/.test(item) ? item : undefined
    if (tag !== undefined || groups.length === 0) groups.push({ uuid, tag: tag ?? '', intervals: [] })
    if (tag !== undefined) continue
    const [first = '', last = first] = item.split('-')
    groups.at(-1)!.intervals.push([BigInt(first), BigInt(last) + 1n])
  }
  return groups
}

function encodeGroup({ uuid, tag, intervals }: Group, tagged: boolean): Buffer[] {
  const numbers = Buffer.alloc(8 + intervals.length * 16)
  numbers.writeBigUInt64LE(BigInt(intervals.length))
  intervals.forEach(([first, behind], index) => {
    numbers.writeBigInt64LE(first, 8 + index * 16)
    numbers.writeBigInt64LE(behind, 16 + index * 16)
  })
  return [uuid, ...(tagged ? [Buffer.from([tag.length * 2]), Buffer.from(tag, 'latin1')] : []), numbers]
}

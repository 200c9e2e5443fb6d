/*
  Query => uint32 connection id, uint32 seconds it took, uint8 length of the default database, uint16 error, uint16 length of the status
           variables, the status variables, the database, a zero, the statement, in the character set of the client
  Status variable => uint8 code, value:
    0 uint32 options, 1 uint64 sql_mode, 2 catalog: uint8 length, bytes, a zero, 3 uint16 auto_increment_increment and uint16 _offset,
    4 uint16 each: collations of client, connection and server, 5 time zone: uint8 length, bytes, 6 catalog: uint8 length, bytes,
    7 uint16 locale, 8 uint16 collation of the database, 9 uint64 tables of a multi-table update, 10 uint32 size, 11 user and host: each
    uint8 length, bytes, 12 databases: uint8 count (more than 16: none follow), each ends with a zero, 13 uint24 microseconds, 14, 15:
    no longer written, 16 uint8 explicit_defaults_for_timestamp, 17 uint64 XID, 18 uint16 default collation of utf8mb4,
    19 uint8 sql_require_primary_key, 20 uint8 default_table_encryption, 21 uint8 cascades with triggers
    MariaDB: 128 uint24 microseconds, 129 uint64 XID, 130 uint8 flags of an ALTER (4 or 8 set: uint64 number of the GTID that began it),
    131 uint8 count, each: uint16 character set, uint16 its default collation
  Of an unknown one, nobody knows the length: what is behind it is passed over, as servers do.
  https://dev.mysql.com/doc/dev/mysql-server/latest/classmysql_1_1binlog_1_1event_1_1Query__event.html,
  Query_log_event (MariaDB, sql/log_event.cc)
*/
import { word16, word32 } from '../../../byte/little-endian.ts'
import { charsetText } from '../charset-text.ts'
import { charsetOf } from '../value/charset.ts'
import { EventReader } from './event-reader.ts'
import { malformed } from './malformed.ts'

export interface QueryEvent {
  /** Connection id. */
  readonly thread: number
  /** How long it ran. */
  readonly seconds: number
  readonly error: number
  /** The default database, empty without one. */
  readonly database: string
  readonly sqlMode: bigint | undefined
  readonly ansiQuotes: boolean
  readonly noBackslashEscapes: boolean
  /** Collation ids. Undefined: not logged. */
  readonly clientCollation: number | undefined
  readonly serverCollation: number | undefined
  readonly databaseCollation: number | undefined
  /** MySQL, statements that can be rolled forward: what an Xid event would say. */
  readonly ddlXid: bigint | undefined
  readonly sql: string
}

interface Variables {
  sqlMode?: bigint
  clientCollation?: number
  serverCollation?: number
  databaseCollation?: number
  ddlXid?: bigint
}

const NAME = 'Query'
const ANSI_QUOTES = 4n
const NO_BACKSLASH_ESCAPES = 0x100000n
/** MAX_DBS_IN_EVENT_MTS: with more, the names are left out. */
const MOST_DATABASES = 16
/** FL_COMMIT_ALTER_E1, FL_ROLLBACK_ALTER_E1. */
const ALTER_ENDS = 4 | 8

const BEGIN = [0x42, 0x45, 0x47, 0x49, 0x4e] as const
/** What stands before the status variables. */
const FIXED_BYTES = 13

/** The connection id of a BEGIN, with which nearly every transaction begins; -1 where the statement is another. */
export function readBegin(bytes: Buffer, start: number, end: number): number {
  if (end - start < FIXED_BYTES) return -1
  const sql = start + FIXED_BYTES + word16(bytes, start + 11) + bytes[start + 8]! + 1
  if (end - sql !== BEGIN.length || bytes[sql - 1] !== 0) return -1
  for (let i = 0; i < BEGIN.length; i++) if (bytes[sql + i] !== BEGIN[i]) return -1
  return word32(bytes, start)
}

export function readQuery(bytes: Buffer, start: number, end: number): QueryEvent {
  const reader = new EventReader(NAME, bytes, start, end)
  const thread = reader.uint32()
  const seconds = reader.uint32()
  const databaseLength = reader.uint8()
  const error = reader.uint16()
  const variablesLength = reader.uint16()
  const from = reader.skip(variablesLength)
  const database = reader.terminated(databaseLength)
  const { sqlMode, clientCollation, serverCollation, databaseCollation, ddlXid } = readVariables(new EventReader(NAME, bytes, from, from + variablesLength))
  return {
    thread, seconds, error, database, sqlMode, clientCollation, serverCollation, databaseCollation, ddlXid,
    ansiQuotes: sqlMode !== undefined && (sqlMode & ANSI_QUOTES) !== 0n,
    noBackslashEscapes: sqlMode !== undefined && (sqlMode & NO_BACKSLASH_ESCAPES) !== 0n,
    sql: statementText(reader.slice(reader.left), clientCollation),
  }
}

/** A statement is logged as the client sent it, in its character set. */
function statementText(bytes: Buffer, clientCollation: number | undefined): string {
  return charsetText(bytes, clientCollation === undefined ? undefined : charsetOf(clientCollation))
}

function readVariables(reader: EventReader): Variables {
  const into: Variables = {}
  while (reader.left > 0) if (!readVariable(reader, reader.uint8(), into)) break
  return into
}

/** False: it is not known. */
function readVariable(reader: EventReader, code: number, into: Variables): boolean {
  switch (code) {
    case 1:
      into.sqlMode = reader.uint64()
      return true
    case 4:
      into.clientCollation = reader.uint16()
      reader.skip(2)
      into.serverCollation = reader.uint16()
      return true
    case 8:
      into.databaseCollation = reader.uint16()
      return true
    case 17:
      into.ddlXid = reader.uint64()
      return true
    case 12:
      skipDatabases(reader)
      return true
    case 130:
      if ((reader.uint8() & ALTER_ENDS) !== 0) reader.skip(8)
      return true
    case 131:
      reader.skip(4 * reader.uint8())
      return true
    default:
      return skipVariable(reader, code)
  }
}

const FIXED: Readonly<Record<number, number>> = { 0: 4, 3: 4, 7: 2, 9: 8, 10: 4, 13: 3, 16: 1, 18: 2, 19: 1, 20: 1, 21: 1, 128: 3, 129: 8 }
/** Strings of a length: how many, and whether a zero stands behind. */
const STRINGS: Readonly<Record<number, readonly [number, number]>> = { 2: [1, 1], 5: [1, 0], 6: [1, 0], 11: [2, 0] }

function skipVariable(reader: EventReader, code: number): boolean {
  const fixed = FIXED[code]
  if (fixed !== undefined) {
    reader.skip(fixed)
    return true
  }
  const strings = STRINGS[code]
  if (strings === undefined) return false
  for (let index = 0; index < strings[0]; index++) reader.skip(reader.uint8())
  reader.skip(strings[1])
  return true
}

function skipDatabases(reader: EventReader): void {
  const count = reader.uint8()
  if (count > MOST_DATABASES) return
  if (count === 0) throw malformed(NAME, 'it names no database')
  for (let index = 0; index < count; index++) while (reader.uint8() !== 0);
}

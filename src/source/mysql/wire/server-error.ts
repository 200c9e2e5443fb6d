import { TailraceError } from '../../../error/tailrace-error.ts'
import type { ErrorCode } from '../../../error/code.ts'
import type { LogPlace } from '../position.ts'

/*
  ERR_Packet => 0xff, uint16 number, '#', 5 bytes SQLSTATE, text. Before the login the last two may be missing.
  https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html
*/

/** What a server reports. */
export interface ErrorPacket {
  readonly errno: number
  readonly sqlState: string
  readonly message: string
}

export function readErrorPacket(bytes: Buffer, start: number, end: number): ErrorPacket {
  if (end - start < 3) return { errno: 0, sqlState: '', message: 'an error without a number' }
  const errno = bytes.readUInt16LE(start + 1)
  const marked = bytes[start + 3] === 0x23 && end - start >= 9
  return { errno, sqlState: marked ? bytes.toString('latin1', start + 4, start + 9) : '', message: bytes.toString('utf8', start + (marked ? 9 : 3), end) }
}

/**
 * MySQL: https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html; MariaDB has the same numbers up to 1899, its own from 1900 and 4000 on:
 * https://mariadb.com/docs/server/reference/error-codes/mariadb-error-code-reference
 */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  ...numbers('TR_MYSQL_AUTH', 1045, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 3118, 3955, 4151),
  // the server insists on TLS
  ...numbers('TR_MYSQL_TLS', 3159, 1759),
  ...numbers('TR_MYSQL_PRIVILEGE', 1044, 1142, 1143, 1227, 1370, 1095),
  ...numbers('TR_MYSQL_TABLE_MISSING', 1049, 1051, 1146),
  ...numbers('TR_MYSQL_LIMIT', 1040, 1041, 1135, 1203, 1226),
  ...numbers('TR_MYSQL_LOCK_TIMEOUT', 1205, 1213, 3572),
  ...numbers('TR_MYSQL_CONNECT', 1043, 1129),
  // shutdown, killed, idle for too long, and what the network does
  ...numbers('TR_MYSQL_DISCONNECTED', 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 3169, 4031),
  // the table was altered since the snapshot was taken
  ...numbers('TR_MYSQL_SNAPSHOT', 1412),
])

function numbers(code: ErrorCode, ...all: number[]): [number, ErrorCode][] {
  return all.map((one) => [one, code])
}

/** A dump that is killed is told so in this way (sql/rpl_source.cc, sql/sql_repl.cc). */
const QUERY_INTERRUPTED = 1317
const BINLOG_ERROR = 1236
/** MariaDB has a number of its own for one of the reasons (ER_SLAVE_SAME_ID). */
const SAME_ID = 4052

/** Data exceptions, violated constraints and what SIGNAL raises: the text may quote a value. */
const QUOTES_VALUES = /^(22|23|45)/

/** The transport's own errors that mean: TLS was not possible as asked. */
const TLS_ERRORS = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|HANDSHAKE_SSL_|HANDSHAKE_NO_SSL)/
/** `mysql2` gives whatever ends a TLS handshake the same code; a network that was cut in the middle is not what TLS is about. */
const NETWORK_WORDS = /ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED|socket disconnected|aborted/
/** What `mysql2` itself calls a login that cannot be made. */
const LOGIN_ERRORS = /^(AUTH_SWITCH_PLUGIN_ERROR|MYSQL_CLEAR_PASSWORD_NOT_ENABLED|HANDSHAKE_UNKNOWN_ERROR)$/

/** Turns whatever `mysql2`, a socket or the server reports into one of our codes. `doing` completes "While …". */
export function toServerError(error: unknown, doing: string): TailraceError {
  if (error instanceof TailraceError) return error
  const { code = '', message = '', errno, sqlState } = (error ?? {}) as { code?: string; message?: string; errno?: unknown; sqlState?: string }
  if (typeof errno === 'number' && errno > 0) return fromErrorPacket({ errno, sqlState: sqlState ?? '', message }, doing)
  if (LOGIN_ERRORS.test(code)) return new TailraceError('TR_MYSQL_AUTH', { message: `The login cannot be made: ${message}`, where: { reason: code }, cause: error })
  if (!NETWORK_WORDS.test(message) && (TLS_ERRORS.test(code) || /SSL|TLS|certificate|altnames/i.test(message))) return new TailraceError('TR_MYSQL_TLS', { message: `TLS failed while ${doing}: ${message}`, where: { reason: code }, cause: error })
  if (doing === CONNECTING) return new TailraceError('TR_MYSQL_CONNECT', { message: `The server cannot be reached: ${message || code}`, where: { reason: code || 'unknown' }, cause: error })
  return new TailraceError('TR_MYSQL_DISCONNECTED', { message: `The connection was lost while ${doing}: ${message || code}`, where: { reason: code || 'unknown' }, cause: error })
}

/** For {@link toServerError}: what fails here was never there. */
export const CONNECTING = 'connecting'

/** The same for an error that the server sent. */
export function fromErrorPacket({ errno, sqlState, message }: ErrorPacket, doing: string): TailraceError {
  const code = BY_NUMBER.get(errno) ?? 'TR_MYSQL_QUERY'
  const told = QUOTES_VALUES.test(sqlState) ? 'the text is in the server’s log, it may hold a value of a row' : message
  return new TailraceError(code, { message: `The server reports ${errno} while ${doing}: ${told}`, where: { errno, ...(sqlState === '' ? {} : { sqlState }) } })
}

/** The connection is of no use any more. */
export function isConnectionLost(error: unknown): boolean {
  return toServerError(error, 'asking the server').code === 'TR_MYSQL_DISCONNECTED'
}

/** A privilege is missing. */
export function isDenied(error: unknown): boolean {
  return toServerError(error, 'asking the server').code === 'TR_MYSQL_PRIVILEGE'
}

/**
 * What 1236 (ER_MASTER_FATAL_ERROR_READING_BINLOG) may mean stands in its text only: sql/rpl_binlog_sender.cc and share/messages_to_clients.txt of MySQL
 * (`source` and `replica` since 8.0.26), sql/sql_repl.cc and sql/share/errmsg-utf8.txt of MariaDB.
 */
const BY_TEXT: readonly (readonly [RegExp, ErrorCode])[] = [
  [/same server_uuid\/server_id|same server_id/i, 'TR_MYSQL_SERVER_ID'],
  [/purged required|has purged|have been purged|missing the GTID .* requested|Could not find first log file name|could not find next log|Could not find GTID state|Failed to open log file|could not open log file/i, 'TR_MYSQL_BINLOG_PURGED'],
  [/more GTIDs than|which is not in the (?:master|source)'s binlog|diverged|lost binlog/i, 'TR_MYSQL_GTID_DIVERGED'],
  // the last three: what stands at the place is no event. A dump has a limit of 1 GiB, which no event exceeds, whatever max_allowed_packet is
  [/impossible position|position > file size|Invalid GTID|event read from binlog did not pass|Found invalid event|bogus data in log event|binlog truncated in the middle|exceeded max_allowed_packet/i, 'TR_MYSQL_BINLOG_RESET'],
  [/can not handle replication events with the checksum|GTID_MODE|server id was not set|server_id is 0|Binary log is not open/i, 'TR_MYSQL_SETTING'],
  [/killed|shutting down|shutdown/i, 'TR_MYSQL_DISCONNECTED'],
]

/** The last event's place stands behind the reason. */
const SUFFIX = /; the first event '[^]*$/

/** The error that a dump ends with, or is refused with. */
export function toDumpError(packet: ErrorPacket, position: LogPlace): TailraceError {
  const { errno, message } = packet
  const at = { file: position.file, pos: position.pos }
  if (errno === QUERY_INTERRUPTED) return new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The server ended the stream: it was killed', where: { errno, ...at } })
  if (errno !== BINLOG_ERROR && errno !== SAME_ID) {
    const error = fromErrorPacket(packet, 'streaming')
    return new TailraceError(error.code, { message: error.message, where: { ...error.where, ...at } })
  }
  const code = BY_TEXT.find(([pattern]) => pattern.test(message))?.[1] ?? 'TR_MYSQL_QUERY'
  return new TailraceError(code, { message: `The server does not send its log from ${at.file}:${at.pos} on: ${message.replace(SUFFIX, '')}`, where: { errno, ...at } })
}

import { TailraceError } from '../../../error/tailrace-error.ts'
import type { ErrorCode } from '../../../error/code.ts'

/** The parts of an ErrorResponse or NoticeResponse that hold no row values (DETAIL, WHERE and HINT may). */
export interface ServerNotice {
  readonly severity: string
  readonly sqlstate: string
  readonly message: string
}

/** ErrorResponse and NoticeResponse: fields of one type byte and a C string, closed by a zero byte. */
export function readNotice(bytes: Buffer, start: number, end: number): ServerNotice {
  const fields: Record<string, string> = {}
  let at = start
  while (at < end && bytes[at] !== 0) {
    const close = bytes.indexOf(0, at + 1)
    if (close < 0 || close >= end) break
    fields[String.fromCharCode(bytes[at]!)] = bytes.toString('utf8', at + 1, close)
    at = close + 1
  }
  return { severity: fields['V'] ?? fields['S'] ?? '', sqlstate: fields['C'] ?? '', message: fields['M'] ?? '' }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html; whole codes first, then classes. */
const BY_SQLSTATE: readonly (readonly [string, ErrorCode])[] = [
  ['28', 'TR_PG_AUTH'],
  ['3D000', 'TR_PG_DATABASE_MISSING'],
  ['42501', 'TR_PG_PRIVILEGE'],
  ['42P01', 'TR_PG_TABLE_MISSING'],
  ['53300', 'TR_PG_LIMIT'],
  ['53400', 'TR_PG_LIMIT'],
  ['55006', 'TR_PG_SLOT_ACTIVE'],
  ['57P', 'TR_PG_DISCONNECTED'],
  ['08', 'TR_PG_DISCONNECTED'],
]

/** The transport's own errors that mean: TLS was not possible as asked. */
const TLS_ERRORS = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/

/** The network failed while TLS was being agreed on, which says nothing about TLS, whatever words are used. */
const NETWORK_ERRORS = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/

/** Turns whatever `pg`, a socket or the server reports into one of our codes. `doing` completes "While …". */
export function toServerError(error: unknown, doing: string): TailraceError {
  if (error instanceof TailraceError) return error
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  if (/^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]+$/.test(code)) return fromSqlstate({ severity: '', sqlstate: code, message }, doing, error)
  if (TLS_ERRORS.test(code) || (!NETWORK_ERRORS.test(code) && /SSL|TLS|certificate/i.test(message))) return new TailraceError('TR_PG_TLS', { message: `TLS failed while ${doing}: ${message}`, where: { reason: code }, cause: error })
  if (/password must be a string|no password/i.test(message)) return new TailraceError('TR_PG_AUTH', { message: `The server asks for a password while ${doing}`, cause: error })
  if (doing === 'connecting') return new TailraceError('TR_PG_CONNECT', { message: `PostgreSQL cannot be reached: ${message || code}`, where: { reason: code || 'unknown' }, cause: error })
  return new TailraceError('TR_PG_DISCONNECTED', { message: `The connection was lost while ${doing}: ${message || code}`, where: { reason: code || 'unknown' }, cause: error })
}

/** Data exceptions, violated constraints and what PL/pgSQL raises: their primary message may quote a value ("invalid input syntax for type integer: …"). Others name objects. */
const QUOTES_VALUES = /^(22|23|P0)/

/** The same for a decoded ErrorResponse. */
export function fromSqlstate(notice: ServerNotice, doing: string, cause?: unknown): TailraceError {
  const code = BY_SQLSTATE.find(([prefix]) => notice.sqlstate.startsWith(prefix))?.[1] ?? 'TR_PG_QUERY'
  // pg_hba.conf rejections come as 28000, so does a refused TLS negotiation
  const quotes = QUOTES_VALUES.test(notice.sqlstate)
  const told = quotes ? 'the text is in the server’s log, it may hold a value of a row' : notice.message
  return new TailraceError(code, { message: `PostgreSQL reports ${notice.sqlstate} while ${doing}: ${told}`, where: { sqlstate: notice.sqlstate }, ...(cause === undefined || quotes ? {} : { cause: withoutValues(cause) }) })
}

/** `pg` errors carry DETAIL and WHERE, which may hold row values: they never travel on. */
function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined
  const bare = new Error(cause.message)
  bare.name = cause.name
  return bare
}

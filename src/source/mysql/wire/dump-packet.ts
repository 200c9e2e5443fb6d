import { TailraceError } from '../../../error/tailrace-error.ts'
import type { LogPlace } from '../position.ts'
import { readErrorPacket, toDumpError } from './server-error.ts'

/** First byte of a packet (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_response_packets.html). */
const OK = 0x00
const ERR = 0xff
const EOF = 0xfe
const LONGEST_EOF = 9

/** A dump that does not wait has sent all, or any dump was ended by a server that shuts down. */
export function isEndOfLog(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === EOF && end - start < LONGEST_EOF
}

/** A packet of a dump is an event behind an OK byte; anything else ends it. Errors: those of the dump, TR_MYSQL_DISCONNECTED, TR_MYSQL_PROTOCOL. */
export function expectEvent(bytes: Buffer, start: number, end: number, at: LogPlace): void {
  const kind = bytes[start]
  if (kind === OK) return
  if (kind === ERR) throw toDumpError(readErrorPacket(bytes, start, end), at)
  if (isEndOfLog(bytes, start, end)) throw new TailraceError('TR_MYSQL_DISCONNECTED', { message: 'The server ended the stream' })
  throw new TailraceError('TR_MYSQL_PROTOCOL', { message: `A packet of kind ${kind ?? 'none'} arrived while streaming` })
}

import { TailraceError } from '../../../error/tailrace-error.ts'

/** An event that does not read as its grammar says. Nothing behind it is delivered. */
export function malformed(event: string, why: string): TailraceError {
  return new TailraceError('TR_MYSQL_PROTOCOL', { message: `A binary log event (${event}) cannot be decoded: ${why}`, where: { event } })
}

/** An event that would need more memory than allowed. */
export function tooLarge(event: string, bytes: number, limit: number): TailraceError {
  return new TailraceError('TR_MYSQL_EVENT_TOO_LARGE', { message: `A binary log event (${event}) of ${bytes} bytes exceeds the limit of ${limit}`, where: { event, bytes, limit } })
}

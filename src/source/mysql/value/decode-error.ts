import { TailraceError } from '../../../error/tailrace-error.ts'

/** A cell that does not read as its type, which only a damaged stream can bring. */
export function undecodable(type: string): TailraceError {
  return new TailraceError('TR_MYSQL_PROTOCOL', { message: `A value cannot be decoded: its bytes are not what the server writes for ${type}`, where: { type } })
}

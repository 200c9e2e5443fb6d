import { TailraceError } from '../../../error/tailrace-error.ts'

/** A message that does not read as its grammar says. Nothing after it is delivered. */
export function malformed(message: string, why: string): TailraceError {
  return new TailraceError('TR_PG_PROTOCOL', { message: `A pgoutput ${message} message cannot be decoded: ${why}`, where: { message } })
}

/** Every byte of a message must have been consumed. */
export function expectEnd(message: string, at: number, end: number): void {
  if (at !== end) throw malformed(message, at > end ? 'it is too short' : `${end - at} bytes are left over`)
}

/** A C string beginning at `at`; its end (the zero byte) must lie before `end`. */
export function readCString(message: string, bytes: Buffer, at: number, end: number): { readonly text: string; readonly next: number } {
  const close = bytes.indexOf(0, at)
  if (close < 0 || close >= end) throw malformed(message, 'a string has no end')
  return { text: bytes.toString('utf8', at, close), next: close + 1 }
}

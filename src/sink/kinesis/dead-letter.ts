import { isUtf8 } from 'node:buffer'
import { ABSENT, type RecordBatch } from '../../format/record-batch.ts'
import type { TailraceError } from '../../error/tailrace-error.ts'

/** Of a key, bytes. */
const MAX_KEY_BYTES = 4_096

/** Text, or base64 of what is no UTF-8; cut to a number of bytes. */
interface Excerpt {
  readonly text: string
  readonly encoding: 'utf8' | 'base64'
  readonly bytes: number
  readonly truncated: boolean
}

/** What is sent in the place of a record that is too large: JSON with the key, the beginning of the value, and why. */
export function deadLetter(records: RecordBatch, index: number, error: TailraceError, maxValueBytes: number): Buffer {
  const { code, message, where } = error
  return Buffer.from(JSON.stringify({
    destination: records.destination[index]!,
    key: excerpt(records, records.keyStart[index]!, records.keyEnd[index]!, MAX_KEY_BYTES),
    value: excerpt(records, records.valueStart[index]!, records.valueEnd[index]!, maxValueBytes),
    error: { code, message, where },
  }))
}

function excerpt({ bytes }: RecordBatch, start: number, end: number, most: number): Excerpt | null {
  if (start === ABSENT) return null
  const size = end - start
  const truncated = size > most
  const whole = bytes.subarray(start, start + Math.min(size, most))
  const cut = truncated ? whole.subarray(0, lastCharacterEnd(whole)) : whole
  const encoding = isUtf8(cut) ? 'utf8' : 'base64'
  return { text: (encoding === 'utf8' ? cut : whole).toString(encoding), encoding, bytes: size, truncated }
}

/** Where the last character that is whole ends: a character of UTF-8 has at most four bytes, those behind its first look like 10xxxxxx. */
function lastCharacterEnd(bytes: Buffer): number {
  let start = bytes.length - 1
  while (start >= 0 && bytes.length - start < 4 && (bytes[start]! & 0xc0) === 0x80) start--
  const first = bytes[start] ?? 0
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  return start + length <= bytes.length ? bytes.length : Math.max(0, start)
}

import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { MAX_KEY_LENGTH, type Settings } from './settings.ts'

/** What the decoder puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

/** The partition key of the key in `bytes[start, end)`: text of 1 to 256 characters, the same for the same bytes. */
export function partitionKeyOf(bytes: Buffer, start: number, end: number, { partitionKey, nullKey }: Pick<Settings, 'partitionKey' | 'nullKey'>): string {
  if (start === end) return nullKey
  let text: string | undefined
  if (partitionKey === 'text') {
    text = bytes.toString('utf8', start, end)
    if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) text = bytes.toString('base64', start, end)
  } else if (partitionKey === 'base64') text = bytes.toString('base64', start, end)
  return text === undefined || text.length > MAX_KEY_LENGTH ? createHash('sha256').update(bytes.subarray(start, end)).digest('hex') : text
}

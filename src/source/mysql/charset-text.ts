import { isUtf8, textDecoder } from './value/charset.ts'

/** Bytes of UTF-8 that one byte of text becomes at most. */
const GROWTH = 4

/** Text of a character set: labels of ENUM and SET, statements. What is in none that is known, or undefined, is read as UTF-8. */
export function charsetText(bytes: Buffer, charset: string | undefined): string {
  const decode = charset === undefined || isUtf8(charset) ? undefined : textDecoder(charset)
  if (decode === undefined) return bytes.toString('utf8')
  const text = Buffer.alloc(bytes.length * GROWTH)
  return text.toString('utf8', 0, decode(bytes, 0, bytes.length, text))
}

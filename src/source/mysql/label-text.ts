import { isUtf8, textDecoder } from './value/charset.ts'

/** Bytes of UTF-8 that one byte of text becomes at most. */
const GROWTH = 4

/** A label of ENUM or SET, which is logged in its column's character set. */
export function decodeLabel(label: Buffer, charset: string | undefined): string {
  const decode = charset === undefined || isUtf8(charset) ? undefined : textDecoder(charset)
  if (decode === undefined) return label.toString('utf8')
  const text = Buffer.alloc(label.length * GROWTH)
  return text.toString('utf8', 0, decode(label, 0, label.length, text))
}

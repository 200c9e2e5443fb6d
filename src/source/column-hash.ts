import { createHash } from 'node:crypto'
import { TailraceError } from '../error/tailrace-error.ts'
import type { HashForm } from './column-options.ts'

/** Java's name for a digest (MessageDigest, Java Security Standard Algorithm Names), in either case, as OpenSSL calls it. */
function opensslName(algorithm: string): string {
  const name = algorithm.toLowerCase()
  if (name === 'sha') return 'sha1'
  return name.replace(/^sha-/, 'sha').replace('/', '-')
}

/** Whether a hash of this name can be made here. */
export function isKnownHash(algorithm: string): boolean {
  if (!/^(md5|sha|sha-1|sha1|sha-(224|256|384|512)|sha-512\/(224|256)|sha3-(224|256|384|512))$/i.test(algorithm)) return false
  try {
    createHash(opensslName(algorithm))
    return true
  } catch {
    return false
  }
}

/** Makes the function from a text to its digest in hexadecimal digits. Errors: TR_CONFIG_INVALID. */
export function textHash(algorithm: string, salt: string, form: HashForm): (text: string) => string {
  if (!isKnownHash(algorithm)) throw new TailraceError('TR_CONFIG_INVALID', { message: `The hash algorithm ${algorithm.slice(0, 40)} is not known` })
  const name = opensslName(algorithm)
  const bytesOf = form === 1 ? serializedText : (text: string): Buffer => Buffer.from(text)
  return (text) => createHash(name).update(salt).update(bytesOf(text)).digest('hex')
}

const STREAM_HEADER = [0xac, 0xed, 0, 5] as const
const TC_STRING = 0x74
const TC_LONGSTRING = 0x7c
const LONGEST_STRING = 0xffff

/** What ObjectOutputStream makes of a String (Java Object Serialization Specification, "Object Serialization Stream Protocol"). */
export function serializedText(text: string): Buffer {
  const body = modifiedUtf8(text)
  const long = body.length > LONGEST_STRING
  const bytes = Buffer.alloc(STREAM_HEADER.length + (long ? 9 : 3) + body.length)
  bytes.set(STREAM_HEADER)
  if (long) {
    bytes[4] = TC_LONGSTRING
    bytes.writeBigUInt64BE(BigInt(body.length), 5)
  } else {
    bytes[4] = TC_STRING
    bytes.writeUInt16BE(body.length, 5)
  }
  body.copy(bytes, bytes.length - body.length)
  return bytes
}

/** Java's modified UTF-8 (DataInput): U+0000 in two bytes, each half of a surrogate pair in three. */
function modifiedUtf8(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length * 3)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0 && unit < 0x80) bytes[at++] = unit
    else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return bytes.subarray(0, at)
}

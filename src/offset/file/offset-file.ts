import { createHash } from 'node:crypto'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../offset-store.ts'
import { copyOffset } from '../offset-value.ts'
import { canonicalJson } from './canonical-json.ts'

/** An offset is some hundred bytes; a snapshot's position with many tables some ten thousand. Nothing larger is read or written. */
export const MAX_OFFSET_BYTES: number = 1024 * 1024

const VERSION = 1

/**
 * The bytes of an offset file: canonical JSON of the offset's members, `version`, and `checksum`, the SHA-256 of the
 * canonical text without it. Errors: TR_OFFSET_WRITE for what JSON cannot hold or what is too large.
 */
export function encodeOffset(offset: StoredOffset): Buffer {
  let bytes: Buffer
  try {
    bytes = write(copyOffset(offset))
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TailraceError('TR_OFFSET_WRITE', { message: `The offset cannot be written as JSON: ${problem}`, remedy: 'Report this: a source made a position that cannot be stored' })
  }
  if (bytes.length > MAX_OFFSET_BYTES) {
    throw new TailraceError('TR_OFFSET_WRITE', {
      message: `The offset has ${bytes.length} bytes; ${MAX_OFFSET_BYTES} are possible`,
      where: { bytes: bytes.length },
      remedy: 'Report this: a source made a position that cannot be stored',
    })
  }
  return bytes
}

/**
 * The offset in a file's bytes. `file` is for the error messages. Whatever the bytes are, the result is the offset that
 * was encoded or an error. Errors: TR_OFFSET_CORRUPT, TR_OFFSET_VERSION, TR_OFFSET_FOREIGN (another engine's name).
 */
export function decodeOffset(bytes: Buffer, engine: string, file: string): StoredOffset {
  const document = parse(bytes, file)
  const { checksum, version, ...members } = document
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw corrupt(file, 'it has no version')
  // Before all else: a newer version may have other members and another checksum.
  if ((version as number) > VERSION) {
    throw new TailraceError('TR_OFFSET_VERSION', {
      message: `${file} has version ${String(version)}; this tailrace reads versions up to ${VERSION}`,
      where: { file, version: version as number, supported: VERSION },
    })
  }
  let offset: StoredOffset
  try {
    offset = copyOffset(members)
  } catch (cause) {
    throw corrupt(file, cause instanceof Error ? cause.message : 'its members are wrong')
  }
  // One comparison proves the checksum and that no byte differs from what was written, insignificant blanks included.
  if (!write(offset).equals(bytes)) throw corrupt(file, typeof checksum === 'string' ? 'its checksum does not match' : 'it has no checksum')
  if (offset.engine !== engine) {
    throw new TailraceError('TR_OFFSET_FOREIGN', {
      message: `${file} belongs to the engine ${JSON.stringify(offset.engine)}, not to ${JSON.stringify(engine)}`,
      where: { file, engine, found: offset.engine },
    })
  }
  return offset
}

function write(offset: StoredOffset): Buffer {
  const members = { ...offset, version: VERSION }
  const checksum = `sha256:${createHash('sha256').update(canonicalJson(members)).digest('hex')}`
  return Buffer.from(`${canonicalJson({ ...members, checksum })}\n`)
}

function parse(bytes: Buffer, file: string): Record<string, unknown> {
  if (bytes.length === 0) throw corrupt(file, 'it is empty')
  if (bytes.length > MAX_OFFSET_BYTES) throw corrupt(file, `it is larger than ${MAX_OFFSET_BYTES} bytes`)
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    // The parser's message quotes the text: it is not passed on.
    throw corrupt(file, 'it is not JSON in UTF-8')
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw corrupt(file, 'it is not a JSON object')
  return document as Record<string, unknown>
}

function corrupt(file: string, problem: string): TailraceError {
  return new TailraceError('TR_OFFSET_CORRUPT', { message: `${file} is damaged: ${problem.slice(0, 200)}`, where: { file } })
}

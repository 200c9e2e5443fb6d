import { createHash } from 'node:crypto'
import { TailraceError } from '../../error/tailrace-error.ts'
import type { StoredOffset } from '../offset-store.ts'
import { copyOffset } from '../offset-value.ts'

/** The one field that is ours. Debezium leaves it alone, and leaves it out when it writes an offset of its own. */
export const OWN_FIELD = 'tailrace'

const VERSION = 1

/** Everything of an offset as one string: version, the offset's members, and a checksum over what is before it. Throws a TypeError for what JSON cannot hold. */
export function writeOwnField(offset: StoredOffset): string {
  const members = { version: VERSION, ...copyOffset(offset) }
  return JSON.stringify({ ...members, checksum: `sha256:${createHash('sha256').update(JSON.stringify(members)).digest('hex')}` })
}

/** The offset of a string that {@link writeOwnField} wrote. `place` is for messages. Errors: TR_OFFSET_CORRUPT, TR_OFFSET_VERSION. */
export function readOwnField(text: unknown, place: string): StoredOffset {
  const corrupt = (problem: string): TailraceError => new TailraceError('TR_OFFSET_CORRUPT', { message: `The field ${OWN_FIELD} of ${place} is damaged: ${problem}`, where: { place } })
  let document: unknown
  try {
    document = JSON.parse(String(text))
  } catch {
    throw corrupt('it is not JSON')
  }
  if (typeof text !== 'string' || typeof document !== 'object' || document === null) throw corrupt('it is not an object in a string')
  const { version, checksum, ...members } = document as Record<string, unknown>
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw corrupt('it has no version')
  // before all else: a newer version may have other members and another checksum
  if ((version as number) > VERSION) {
    throw new TailraceError('TR_OFFSET_VERSION', {
      message: `The offset of ${place} has version ${String(version)}; this tailrace reads versions up to ${VERSION}`, where: { place, version: version as number, supported: VERSION },
    })
  }
  let offset: StoredOffset
  try {
    offset = copyOffset(members)
  } catch (cause) {
    throw corrupt(cause instanceof Error ? cause.message.slice(0, 200) : 'its members are wrong')
  }
  // one comparison proves the checksum and that not a character differs from what was written
  if (writeOwnField(offset) !== text) throw corrupt(typeof checksum === 'string' ? 'its checksum does not match' : 'it has no checksum')
  return offset
}

import { isDeepStrictEqual } from 'node:util'
import { copyOffset } from '../../offset/offset-value.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'

/** Whether two offsets say the same; two that are missing do. */
export function sameOffset(one: StoredOffset | undefined, other: StoredOffset | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return isDeepStrictEqual(copyOffset(one), copyOffset(other))
}

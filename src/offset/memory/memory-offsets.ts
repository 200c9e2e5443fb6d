import { TailraceError } from '../../error/tailrace-error.ts'
import type { OffsetStore, StoredOffset } from '../offset-store.ts'
import { copyOffset } from '../offset-value.ts'

/** An offset store that forgets everything when the process ends. */
export interface MemoryOffsets extends OffsetStore {
  /** A copy of what was saved last, or of the initial offset. */
  readonly current: StoredOffset | undefined
}

/**
 * Keeps an engine's offset in memory: for tests, and for engines that may begin anew with each process. It outlives
 * disposing, so that the next engine of the process can go on from it. Errors of the store: TR_OFFSET_LOCKED,
 * TR_OFFSET_FOREIGN, TR_OFFSET_WRITE. Throws a TypeError for an initial offset that is not one.
 */
export function memoryOffsets(initial?: StoredOffset): MemoryOffsets {
  let stored = initial === undefined ? undefined : copyOffset(initial)
  let holder: string | undefined
  return {
    get current() {
      return stored === undefined ? undefined : copyOffset(stored)
    },
    async load(engine) {
      if (holder !== undefined) throw new TailraceError('TR_OFFSET_LOCKED', { where: { pid: process.pid, engine: holder } })
      if (stored !== undefined && stored.engine !== engine) throw foreign(engine, stored.engine)
      holder = engine
      return stored === undefined ? undefined : copyOffset(stored)
    },
    async save(offset) {
      if (holder === undefined) {
        throw new TailraceError('TR_OFFSET_WRITE', { message: 'The store is not loaded', remedy: 'Load the store before saving, and save nothing after disposing it' })
      }
      if (offset.engine !== holder) throw foreign(holder, offset.engine)
      try {
        stored = copyOffset(offset)
      } catch (cause) {
        throw new TailraceError('TR_OFFSET_WRITE', { message: 'The offset cannot be stored', remedy: 'Report this: a source made a position that cannot be stored', cause })
      }
    },
    async [Symbol.asyncDispose]() {
      holder = undefined
    },
  }
}

function foreign(engine: string, found: string): TailraceError {
  return new TailraceError('TR_OFFSET_FOREIGN', { where: { engine, found } })
}

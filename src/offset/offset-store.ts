import type { JsonValue } from '../event/position.ts'

/** How far an engine has come, and what that is bound to. */
export interface StoredOffset {
  /** The engine's name. */
  readonly engine: string
  /** The source's kind: `postgresql` … */
  readonly source: string
  /** What the position belongs to (system identifier, slot, database …). A resume elsewhere is refused. */
  readonly identity: Readonly<Record<string, JsonValue>>
  /** The source's own position, as its `toJSON` wrote it. */
  readonly position: { readonly [key: string]: JsonValue | undefined }
  /** Records of the next change that were already delivered: only after a stop in the middle of a change (key update, delete with tombstone). */
  readonly partial?: number
}

/**
 * Keeps one engine's offset. `load` takes an exclusive hold (two engines never share an offset) that disposing releases.
 * Missing is undefined; damaged, foreign or unreadable is an error, never undefined.
 */
export interface OffsetStore extends AsyncDisposable {
  /** Errors: TR_OFFSET_LOCKED, TR_OFFSET_CORRUPT, TR_OFFSET_FOREIGN, TR_OFFSET_VERSION, TR_OFFSET_READ, TR_OFFSET_WRITE (not writable). */
  load(engine: string): Promise<StoredOffset | undefined>
  /** Durable when it resolves: all or nothing. Errors: TR_OFFSET_WRITE. */
  save(offset: StoredOffset): Promise<void>
}

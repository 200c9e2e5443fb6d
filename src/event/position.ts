/** JSON with sorted meaning: what a position is stored as. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/**
 * A place in a source's history from which it can be resumed. Opaque to the engine: only its source compares positions
 * or looks inside.
 */
export interface Position {
  /** `snapshot`: a snapshot is under way and starts over after a crash. `stream`: the log is followed. */
  readonly phase: 'snapshot' | 'stream'
  /** Negative when this position is before the other, 0 when equal, positive when after. */
  compare(other: Position): number
  /** What the offset store keeps. */
  toJSON(): { readonly [key: string]: JsonValue | undefined }
  /** For people: `0/16B3748`, `0/16B3748+12`. */
  toString(): string
}

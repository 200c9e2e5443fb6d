/**
 * What a format offers to a source: a dozen primitives, one call a value. A source compiles one reader a column that
 * looks at the raw cell and calls exactly one primitive (or a begin … end sequence), so sources times formats stays a sum.
 *
 * `(bytes, start, end)` are slices that are valid during the call only; copy what must live longer.
 */
export interface CellWriter {
  /** SQL NULL. */
  null(): void
  /** The log did not carry the value (unchanged TOAST, a column outside the replica identity). */
  unavailable(): void
  boolean(value: boolean): void
  /** An integer that fits a double exactly. */
  integer(value: number): void
  /** An integer of at most 32 bits (or an unsigned oid), as ASCII digits with an optional leading minus. */
  digits(bytes: Uint8Array, start: number, end: number): void
  /** An integer of up to 64 bits, as ASCII digits with an optional leading minus. */
  long(bytes: Uint8Array, start: number, end: number): void
  /** The 64-bit integer `seconds * 10^scale + fraction`, 0 <= fraction < 10^scale, scale 0 to 9. `seconds` may be negative. */
  ticks(seconds: number, fraction: number, scale: number): void
  /** A double as ASCII: digits, optional fraction and exponent, or `NaN`, `Infinity`, `-Infinity`. */
  double(bytes: Uint8Array, start: number, end: number): void
  /** A float32 as ASCII, spelled like a double. */
  float(bytes: Uint8Array, start: number, end: number): void
  /** A finite decimal as ASCII (`-12.50`): the unscaled two's-complement integer at exactly `scale` fractional digits (scale may be negative). */
  decimal(bytes: Uint8Array, start: number, end: number, scale: number): void
  /** UTF-8 text. */
  text(bytes: Uint8Array, start: number, end: number): void
  /** Text known to be printable ASCII without quote or backslash (dates, UUIDs, numbers as text). */
  plain(bytes: Uint8Array, start: number, end: number): void
  /** Text from a constant. */
  string(value: string): void
  /** Raw bytes. */
  bytes(bytes: Uint8Array, start: number, end: number): void
  /** JSON text. Formats that have no such type treat it as text. */
  json(bytes: Uint8Array, start: number, end: number): void
  /** JSON text that `write` makes of [start, end) where it is to stand. False, and nothing is written: the format has no use for it, or `write` gave up; it is for `json` then. */
  embed?(write: EmbedJson, bytes: Buffer, start: number, end: number): boolean
  beginArray(): void
  /** Before each element of an array. */
  element(): void
  endArray(): void
  beginStruct(): void
  /** Before each member of a struct or entry of a map with text keys. */
  member(name: string): void
  endStruct(): void
}

/**
 * Writes JSON text as what stands inside of a JSON string: quotes and backslashes with a backslash before them. Returns where it ends in `out`, -1 where
 * it gives up: it is for what nearly all documents are. It writes at most EMBED_GROWTH * (end - start) + EMBED_MORE bytes.
 */
export type EmbedJson = (bytes: Buffer, start: number, end: number, out: Buffer, at: number) => number

export const EMBED_GROWTH = 8
export const EMBED_MORE = 2048

/** A {@link CellWriter} that is told which column comes next. */
export interface RowWriter extends CellWriter {
  /** `index` counts the fields of the layout being written (RowCodec.fields, KeyCodec.fields, SourceLayout.fields). */
  column(index: number): void
}

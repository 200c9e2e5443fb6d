import type { RowWriter } from './cell-writer.ts'
import type { ChangeEvent, SourceInfo } from './change-event.ts'
import type { HandlingModes } from './handling-mode.ts'
import type { Field } from './schema.ts'

/** The raw cells of one row, as the source sent them. Only the source's own codecs look inside. */
export interface RowImage {
  readonly bytes: Buffer
  /** Offset of the row's first byte in `bytes`. */
  readonly start: number
  /** `row`: all columns. `key`: only the replica identity's columns are values, the others were not in the log. */
  readonly extent: 'row' | 'key'
}

/** One way of writing the rows of one table version: handling modes chosen, one reader a column compiled. */
export interface RowCodec {
  /** The value struct's fields, in column order. Columns that are left out are not in it. */
  readonly fields: readonly Field[]
  /** Calls `writer.column(i)` and one primitive for every field in order. A cell the log did not carry: `unavailable` columns as their type's placeholder, columns outside a key image as `null()`. */
  write(image: RowImage, writer: RowWriter): void
  /** The key struct's fields in key order, or undefined for a table without a key. */
  readonly keyFields: readonly Field[] | undefined
  /** Calls `writer.column(i)` and one primitive for every key field in order. Only where `keyFields` is there. */
  writeKey(image: RowImage, writer: RowWriter): void
}

/** The fields of the `source` block. */
export interface SourceField {
  readonly field: Field
  /** Set for a field that never changes for this table: written once, when an encoder is compiled. */
  readonly constant?: (writer: RowWriter, names: SourceNames) => void
  /** Set for a field that is the same in all events of one Transaction object that have the same snapshot marker: a format may write it once. */
  readonly perTransaction?: true
  /** Set for text around the digits of a number; what stands before them is the same in all events of one Transaction object. A format may ask for the digits alone. */
  readonly composed?: { begin(event: ChangeEvent): string; readonly end: string }
}

/** What a format knows and a source does not. */
export interface SourceNames {
  /** This package's version: `source.version`. */
  readonly version: string
  /** Debezium's `topic.prefix`: `source.name`. */
  readonly logicalName: string
}

/** The `source` block of a table's events. */
export interface SourceLayout {
  /** Schema name, for example `io.debezium.connector.postgresql.Source`. */
  readonly name: string
  readonly fields: readonly SourceField[]
  /**
   * Calls `writer.column(i)` and one primitive for every field that is not constant, in order; `i` counts all fields. With
   * `changing`, fields marked `perTransaction` are left out too, and of those marked `composed` only the digits are written.
   * Rows of a snapshot (`r`) that have one Transaction object and the same marker are all written alike.
   */
  write(event: ChangeEvent, writer: RowWriter, changing?: boolean): void
}

/** A column as a user sees it. */
export interface Column {
  readonly name: string
  /** The database's own name of the type, for example `numeric(10,2)` or `timestamp with time zone`. */
  readonly typeName: string
  readonly optional: boolean
  /** Part of the key. */
  readonly key: boolean
}

/** A table as it was at one point of the log. A schema change makes a new version; events keep theirs. */
export interface TableVersion {
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly columns: readonly Column[]
  readonly sourceLayout: SourceLayout
  /** Compiled once for each `modes` object (compared by identity) and kept. */
  codec(modes: HandlingModes): RowCodec
  /** Lossless JavaScript values (docs/values.md): what `event.before` and `event.after` return. */
  toObject(image: RowImage): Record<string, unknown>
  /** What `event.key` returns: the key columns in key order, null without a key. */
  toKey(image: RowImage): Record<string, unknown> | null
  /** What `event.source` returns. */
  toSource(event: ChangeEvent): SourceInfo
  /** What `event.id` returns. */
  toId(event: ChangeEvent): string
}

import type { Rows } from './binlog/rows.ts'
import type { KnownMap } from './table-cache.ts'

/** One row event, as the decoder has found it. */
export interface RowEvent {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** A type of event-type.ts; compressed ones are those of what they hold. */
  readonly type: number
  /** When it was written, seconds since 1970. */
  readonly seconds: number
  /** Where it, or the compressed transaction around it, begins in its file. */
  readonly pos: number
}

/** The rows of one event from `at` on, of which `row` were before. */
export interface RowsLeft {
  readonly event: RowEvent
  readonly known: KnownMap
  readonly rows: Rows
  readonly at: number
  readonly row: number
  /** The event's number behind the BEGIN; undefined: the group's last one is meant. */
  readonly events?: number
}

/** What a row event needs while it is held, beside its rows' bytes: objects of some hundred bytes (measured with Node 20). */
const OBJECT_BYTES = 768

/** Of rows that are held, in memory of their own. */
export function bytesOf({ event }: RowsLeft): number {
  return event.bytes.length + OBJECT_BYTES
}

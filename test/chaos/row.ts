import { createHash } from 'node:crypto'

/** A cell's text; null: NULL; false: the log did not carry it. */
export type Cell = string | null | false
/** Columns in table order. */
export type Row = Readonly<Record<string, Cell>>

/** Long texts by length and hash: logs stay small and comparisons exact. */
export function cellText(text: string): string {
  return text.length <= 64 ? text : `~${text.length}:${createHash('sha1').update(text).digest('hex')}`
}

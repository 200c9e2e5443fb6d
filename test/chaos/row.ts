import { createHash } from 'node:crypto'

/** A cell's text; null: NULL; false: the log did not carry it. */
export type Cell = string | null | false
/** Columns sorted by name, so that equal rows have equal JSON. */
export type Row = Readonly<Record<string, Cell>>

export function toRow(cells: readonly (readonly [string, Cell])[]): Row {
  return Object.fromEntries([...cells].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Long texts by length and hash: logs stay small and comparisons exact. */
export function cellText(text: string): string {
  return text.length <= 64 ? text : `~${text.length}:${createHash('sha1').update(text).digest('hex')}`
}

import { UNAVAILABLE, type ChangeEvent } from '../../src/index.ts'
import type { LogLine } from './engine-order.ts'
import { cellText, toRow, type Cell, type Row } from './row.ts'

/** An event as evidence. */
export function eventLine(event: ChangeEvent): Extract<LogLine, { e: string }> {
  return { e: event.id, t: `${event.table.schema}.${event.table.name}`, o: event.op, s: event.snapshot, x: event.transaction.id, b: row(event.before), a: row(event.after) }
}

function row(object: Record<string, unknown> | null): Row | null {
  if (object === null) return null
  return toRow(Object.entries(object).map(([column, value]): [string, Cell] => [column, value === null ? null : value === UNAVAILABLE ? false : cellText(String(value as string))]))
}

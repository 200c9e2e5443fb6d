import { isDeepStrictEqual } from 'node:util'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import type { PostgresServer } from '../server/postgres.ts'
import type { Seen } from './engine-run.ts'

/** Tables as somebody has them who applies every event and nothing else. What cannot be applied is an error: an event is missing, doubled or out of order. */
export class Replica {
  readonly tables = new Map<string, Map<string, Record<string, unknown>>>()

  constructor(seen: readonly Seen[]) {
    for (const event of seen) this.#apply(event)
  }

  #apply({ op, table, key, before, after, id }: Seen): void {
    const rows = this.tables.get(table) ?? new Map<string, Record<string, unknown>>()
    this.tables.set(table, rows)
    if (op === 'm') return
    if (op === 't') return rows.clear()
    const name = nameOf(key)
    const present = rows.get(name)
    const wrong = (why: string): never => {
      throw new Error(`${id}: ${op} of ${table} ${name}: ${why}`)
    }
    if ((op === 'r' || op === 'c') && present !== undefined) wrong('it is there already')
    if ((op === 'u' || op === 'd') && present === undefined) wrong('it is not there')
    for (const [column, value] of Object.entries(before ?? {})) {
      if (present !== undefined && column in present && value !== UNAVAILABLE && !isDeepStrictEqual(present[column], value)) wrong(`${column} was ${String(present[column])}, the event says ${String(value)}`)
    }
    if (after === null) rows.delete(name)
    else rows.set(name, Object.fromEntries(Object.entries(after).map(([column, value]) => [column, value === UNAVAILABLE ? present?.[column] : value])))
  }

  /** Rows of a table, by the text of their keys. */
  rows(table: string): Record<string, unknown>[] {
    return [...(this.tables.get(table) ?? new Map<string, Record<string, unknown>>())].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  }
}

/** The same of the server: what a query gives, ordered by the text of the keys. */
export async function serverRows(server: PostgresServer, db: string, sql: string, key: readonly string[] = ['id']): Promise<Record<string, unknown>[]> {
  const rows = await server.query(sql, db)
  const name = (row: Record<string, unknown>): string => nameOf(Object.fromEntries(key.map((column) => [column, row[column]])))
  return rows.sort((a, b) => (name(a) < name(b) ? -1 : 1))
}

function nameOf(key: Record<string, unknown> | null): string {
  return JSON.stringify(key, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

import type { TableMap } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { readCapture, type CapturedServer } from './capture.ts'
import { Walk, type WalkedEvent, type WalkedRows } from './walk.ts'

const walked = new Map<string, readonly WalkedEvent[]>()

/** The decoded events of a section. */
export function eventsOf(server: CapturedServer, section: string): readonly WalkedEvent[] {
  const key = `${server} ${section}`
  const known = walked.get(key) ?? [...new Walk(isMariadb(server)).file(readCapture(server).sections[section]!)]
  walked.set(key, known)
  return known
}

export function isMariadb(server: CapturedServer): boolean {
  return server.startsWith('mariadb')
}

/** What the events of one type were decoded to. */
export function valuesOf<T>(server: CapturedServer, section: string, type: number): T[] {
  return eventsOf(server, section).flatMap(({ header, value }) => (header.type === type ? [value as T] : []))
}

/** The first table map of a table. */
export function mapOf(server: CapturedServer, section: string, table: string): TableMap {
  const map = eventsOf(server, section).map(({ value }) => value).find((value): value is TableMap => typeof value === 'object' && value !== null && 'widths' in value && (value as TableMap).name === table)
  if (map === undefined) throw new Error(`${server} has no table map of ${section}.${table}`)
  return map
}

/** The events with rows of a table, in order. */
export function rowEventsOf(server: CapturedServer, section: string, table: string): (WalkedRows & { readonly type: number; readonly inner: boolean })[] {
  return eventsOf(server, section).flatMap(({ header, inner, value }) => (typeof value === 'object' && value !== null && 'rows' in value && (value as WalkedRows).map.name === table ? [{ ...(value as WalkedRows), type: header.type, inner }] : []))
}

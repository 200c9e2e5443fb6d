import { EVENT, eventName } from '../../../../../src/source/mysql/binlog/event-type.ts'
import type { TableMap } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { Walk, type WalkedRows } from './walk.ts'

/** What of a log is the same whenever the same statements are run on the same kind of server. */
export function describeEvents(bytes: Buffer, mariadb: boolean): string[] {
  // when a server writes a checkpoint is its own affair
  const events = [...new Walk(mariadb).file(bytes)].filter(({ header }) => header.type !== EVENT.binlogCheckpoint)
  return events.map(({ header, value }) => `${eventName(header.type)} ${describeValue(value)}`)
}

function describeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  if ('rows' in value) {
    const { map, rows } = value as WalkedRows
    return `${map.database}.${map.name} ${rows.length} rows, columns ${Object.keys(rows[0]?.before ?? {}).join()} to ${Object.keys(rows[0]?.after ?? {}).join()}`
  }
  if ('widths' in value) {
    const { database, name, columns } = value as TableMap
    return `${database}.${name} ${columns.map((column) => `${column.type}/${column.meta} ${column.name ?? ''} ${column.collation ?? ''}`).join()}`
  }
  return 'sql' in value ? String(value.sql) : ''
}

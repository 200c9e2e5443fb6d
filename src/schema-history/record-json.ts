import type { JsonValue } from '../event/position.ts'
import type { HistoryRecord } from './record.ts'
import { object, text } from './json-member.ts'
import { readTableChange, tableChangeJson } from './table-json.ts'

/**
 * A record as Debezium writes it (HistoryRecord.java and JsonTableChangeSerializer.java of Debezium 3.6): one line of JSON, without its end.
 * Members that Debezium knows and a record here has not (`schemaName`, `nativeType`, a table's `attributes`) are empty with MySQL and MariaDB.
 */
export function encodeRecord({ source, position, timestampMs, database, ddl, changes }: HistoryRecord): string {
  const json = JSON.stringify({
    source, position, ts_ms: timestampMs, databaseName: database,
    // a signal that tells the tables' definitions has no statement
    ...(ddl === '' ? {} : { ddl }),
    // what changed nothing that is kept would be read as a table that is missing (JsonTableChangeSerializer.fromDocument)
    tableChanges: changes.filter(({ type, shape }) => type === 'DROP' || shape !== undefined).map(tableChangeJson),
  })
  // Jackson has upper-case digits (com.fasterxml.jackson.core.io.CharTypes)
  return json.includes('\\u00') ? json.replaceAll(/\\(?:u00[0-9a-f]{2}|.)/g, (escape) => (escape[1] === 'u' ? `\\u${escape.slice(2).toUpperCase()}` : escape)) : json
}

/**
 * Reads what {@link encodeRecord} or Debezium wrote; members that are not known are left aside. Throws a SyntaxError or a TypeError that names
 * the member that is wrong; never its value.
 */
export function decodeRecord(line: string): HistoryRecord {
  const record = object(parse(line), 'it')
  const timestampMs = record['ts_ms'] ?? 0
  if (typeof timestampMs !== 'number') throw new TypeError('ts_ms is not a number')
  const changes = record['tableChanges'] ?? []
  if (!Array.isArray(changes)) throw new TypeError('tableChanges is not a list')
  return {
    source: names(object(record['source'], 'source')),
    position: object(record['position'], 'position') as Record<string, JsonValue>,
    timestampMs,
    database: text(record['databaseName'] ?? '', 'databaseName'),
    ddl: text(record['ddl'] ?? '', 'ddl'),
    changes: changes.map(readTableChange),
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // the parser's message quotes the text: it is not passed on
    throw new SyntaxError('it is not JSON')
  }
}

function names(source: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, text(value, 'source')]))
}

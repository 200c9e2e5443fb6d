/** `"database"."table"`, quotes within a name twice (TableId.toDoubleQuotedString). */
export function encodeTableId(database: string, table: string): string {
  return database === '' ? quoted(table) : `${quoted(database)}.${quoted(table)}`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Also without quotes (TableId.parse): Debezium writes a name that begins or ends with a quote as it is (TableId.quote). Throws a TypeError
 * for what has not one or two parts.
 */
export function decodeTableId(id: string): { readonly database: string; readonly table: string } {
  const parts = [...id.matchAll(/("(?:[^"]|"")*"|`(?:[^`]|``)*`|[^.]+)(\.|$)/gy)]
  const names = parts.map(([, part]) => unquoted(part!))
  if (parts.map(([whole]) => whole).join('') !== id || id.endsWith('.') || names.length < 1 || names.length > 2) throw new TypeError('id is not the name of a table')
  return { database: names.length === 2 ? names[0]! : '', table: names.at(-1)! }
}

function unquoted(part: string): string {
  const quote = part[0]!
  const isQuoted = part.length > 1 && (quote === '"' || quote === '`') && part.endsWith(quote)
  return isQuoted ? part.slice(1, -1).replaceAll(quote + quote, quote) : part
}

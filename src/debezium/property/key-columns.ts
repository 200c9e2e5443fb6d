import { readRegexList } from '../pattern/regex-list.ts'

/** What Debezium holds each entry to (Key.CustomKeyMapper). */
const ENTRY = /^\s*([^:]+):([^:,]+(?:,[^:,]+)*)\s*$/

/**
 * Reads `message.key.columns`: `inventory.customers:pk1,pk2;(.*).purchase:c3`. As in Debezium one expression for each column is made of it, in order: that of the
 * tables, a dot that matches any character, and the column's name, which may be an expression, too.
 */
export function parseKeyColumns(text: string): { readonly expressions: RegExp[]; readonly reasons: string[] } {
  const expressions: RegExp[] = []
  const reasons: string[] = []
  if (text.trim() === '') return { expressions, reasons }
  // Java's split leaves out what is empty at the end
  for (const entry of text.replace(/;+$/, '').split(';')) {
    const [, table = '', columns = ''] = ENTRY.exec(entry) ?? []
    if (table === '') {
      reasons.push(`"${entry.trim().slice(0, 80)}" is not of the form schema.table:column,column`)
      continue
    }
    for (const column of columns.split(',')) {
      const read = readRegexList(`${table}.${column.trim()}`)
      expressions.push(...read.expressions)
      reasons.push(...read.reasons.map((reason) => `not a valid regular expression: ${reason}`))
    }
  }
  return { expressions, reasons }
}

import type { CellWriter } from '../../../event/cell-writer.ts'
import type { WriteValue } from '../../../event/schema.ts'
import type { Fail, ValueType } from './reader.ts'

/*
  Column defaults are expressions, and nothing evaluates them here: like Debezium's PostgresDefaultValueConverter, a constant is
  taken from the text, and a call counts as the type's zero. What reads otherwise has no default in the schema.
*/

/** A call, perhaps in parentheses: `nextval('s'::regclass)`, `(now() AT TIME ZONE …)`. */
const CALL = /^\(?[A-Za-z0-9_.]+\(.*\)/
const CURRENT = new Set(['current_timestamp', 'current_time', 'current_date', 'localtime', 'localtimestamp'])
/** Java's line ends: Debezium's pattern does not find literals across them. */
const LINE_END = /[\n\r\u0085\u2028\u2029]/

/** The constant in a default, or `zero` for a call; undefined where there is no default. */
export function constantOf(expression: string, zero: string): string | undefined {
  if (expression.startsWith('NULL::')) return undefined
  if (CALL.test(expression) || CURRENT.has(expression.toLowerCase())) return zero
  return expression.includes("'") ? firstLiteral(expression) : expression
}

/** The first quoted literal: `'it''s'::text` is `it's` (Debezium cuts it at the doubled quote). */
function firstLiteral(expression: string): string | undefined {
  const literal = /'((?:[^']|'')*)'/.exec(expression)?.[1]
  if (literal === undefined) return undefined
  if (literal.includes("''")) return unquote(literal)
  return LINE_END.test(literal) ? undefined : literal
}

/** The inside of a quoted literal with its doubled quotes undone. */
export function unquote(inside: string): string {
  return inside.replaceAll("''", "'")
}

/** Writes `text` as the column's reader would; undefined where the reader cannot. */
export function readConstant(text: string | undefined, reader: ValueType['reader']): WriteValue | undefined {
  if (text === undefined) return undefined
  const bytes = Buffer.from(text)
  let failed = false
  const fail: Fail = () => {
    failed = true
  }
  const read = reader(fail, fail)
  read(SILENT, bytes, 0, bytes.length)
  return failed ? undefined : (writer) => read(writer, bytes, 0, bytes.length)
}

const nothing = (): void => {}

/** Takes everything and writes nothing: to see whether a reader can read a text. */
const SILENT: CellWriter = {
  null: nothing, unavailable: nothing, boolean: nothing, integer: nothing, digits: nothing, long: nothing, ticks: nothing, double: nothing, float: nothing,
  decimal: nothing, text: nothing, plain: nothing, string: nothing, bytes: nothing, json: nothing, beginArray: nothing, element: nothing, endArray: nothing,
  beginStruct: nothing, member: nothing, endStruct: nothing,
}

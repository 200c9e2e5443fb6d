import type { ColumnDefault } from './column-draft.ts'
import { inner } from './literal.ts'
import type { TokenReader } from './token-reader.ts'

const NOW = ['CURRENT_TIMESTAMP', 'NOW', 'LOCALTIME', 'LOCALTIMESTAMP'] as const

/** What Debezium has for the time of the insert. */
const EPOCH = '1970-01-01 00:00:00'

/** Functions without parentheses of their own. */
const BARE = ['CURRENT_USER', 'CURRENT_ROLE', 'CURRENT_DATE', 'CURRENT_TIME', 'UTC_DATE', 'UTC_TIME', 'UTC_TIMESTAMP', 'SESSION_USER', 'USER'] as const

export interface DefaultValue {
  readonly value: ColumnDefault
  /** The time of the insert. */
  readonly now: boolean
}

/** What stands behind DEFAULT. Literals are kept as Debezium keeps them: what is between the quotes, escapes and all. */
export function readDefault(reader: TokenReader, flavor: 'mysql' | 'mariadb'): DefaultValue {
  const literal = (text: string): DefaultValue => ({ value: { kind: 'literal', text }, now: false })
  if (acceptNow(reader)) return { value: { kind: 'literal', text: EPOCH }, now: true }
  if (reader.accept('NULL')) return { value: { kind: 'null' }, now: false }
  if (reader.accept('TRUE')) return literal('1')
  if (reader.accept('FALSE')) return literal('0')
  const sign = signOf(reader)
  const token = reader.peek()
  if (token.kind === 'number') return literal(sign + reader.next().text)
  if (isIntroducer(reader)) reader.next()
  if (reader.peek().kind === 'string' || reader.peek().kind === 'double') return literal(sign + strings(reader))
  if (reader.peek().kind === 'bits') return bits(reader.next().text, flavor)
  return { value: expression(reader), now: false }
}

/** CURRENT_TIMESTAMP and its synonyms, `(6)` behind them too. */
export function acceptNow(reader: TokenReader): boolean {
  if (reader.acceptOne(...NOW) === undefined) return false
  if (reader.isSymbol('(')) reader.skipParentheses()
  return true
}

function signOf(reader: TokenReader): string {
  if (reader.acceptSymbol('-')) return '-'
  reader.acceptSymbol('+')
  return ''
}

/** `_utf8mb4'…'` */
function isIntroducer(reader: TokenReader): boolean {
  const { kind, text } = reader.peek()
  return kind === 'word' && text.startsWith('_') && ['string', 'double', 'bits'].includes(reader.peek(1).kind)
}

/** Literals side by side are one. */
function strings(reader: TokenReader): string {
  let text = inner(reader.next().text)
  while (reader.isText()) text += inner(reader.next().text)
  return text
}

/** Debezium takes `0x41` for one that has quotes and loses its last digit; of hexadecimal digits its parser for MariaDB takes none. */
function bits(text: string, flavor: 'mysql' | 'mariadb'): DefaultValue {
  if (flavor === 'mariadb' && !/^[bB0][bB']/.test(text)) return { value: { kind: 'none' }, now: false }
  return { value: { kind: 'literal', text: text.slice(2, -1) }, now: false }
}

/** `( … )`, `uuid()`, `NEXT VALUE FOR s` */
function expression(reader: TokenReader): ColumnDefault {
  if (reader.isSymbol('(')) reader.skipParentheses()
  else if (reader.accept('NEXT', 'VALUE', 'FOR') || reader.accept('PREVIOUS', 'VALUE', 'FOR')) reader.tableName()
  else if (reader.acceptOne(...BARE) !== undefined) {
    if (reader.isSymbol('(')) reader.skipParentheses()
  } else {
    reader.tableName()
    reader.skipParentheses()
  }
  return { kind: 'expression' }
}

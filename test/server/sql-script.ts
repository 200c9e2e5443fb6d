/**
 * Splits SQL text into top-level statements as psql does, so that each can be sent on its own: one simple query with
 * many statements is one implicit transaction, which is not what a script means.
 * A semicolon does not end a statement inside quotes, dollar quotes, comments (they nest), parentheses
 * (`create rule … do (a; b)`) and `begin atomic … end` function bodies. psql's backslash commands are not understood.
 * Manual: "Lexical Structure"; psql's own rules are in src/fe_utils/psqlscan.l.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = []
  let start = 0
  let at = 0
  let parentheses = 0
  let atomic = 0
  let words: string[] = []
  let substance = false
  const finish = (end: number): void => {
    if (substance) statements.push(script.slice(start, end).trim())
    start = end + 1
    parentheses = atomic = 0
    words = []
    substance = false
  }
  while (at < script.length) {
    const token = readToken(script, at)
    if (token.kind === 'word') {
      const word = script.slice(at, token.end).toLowerCase()
      if (words.length < 4) words.push(word)
      if (isRoutine(words)) {
        if (word === 'begin' || (word === 'case' && atomic > 0)) atomic++
        else if (word === 'end' && atomic > 0) atomic--
      }
    } else if (token.kind === '(') parentheses++
    else if (token.kind === ')') parentheses = Math.max(0, parentheses - 1)
    if (token.kind === ';' && parentheses === 0 && atomic === 0) finish(at)
    else if (token.kind !== 'blank') substance = true
    at = token.end
  }
  finish(script.length)
  return statements
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'blank' | '(' | ')' | ';' | 'other'
  readonly end: number
}

const BLANK = /(?:\s+|--[^\n]*)/y
// The first character after a word's own is looked at too: `a$b$c` is one identifier, not a dollar quote.
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy
const NUMBER = /\d[\w.]*/y
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[^]|'')*'/y
const PLAIN_STRING = /'(?:[^']|'')*'/y
const QUOTED_NAME = /"(?:[^"]|"")*"/y

function readToken(text: string, at: number): Token {
  const blank = match(BLANK, text, at)
  if (blank !== undefined) return { kind: 'blank', end: blank }
  if (text.startsWith('/*', at)) return { kind: 'blank', end: commentEnd(text, at) }
  const quoted = match(ESCAPE_STRING, text, at) ?? match(PLAIN_STRING, text, at) ?? match(QUOTED_NAME, text, at)
  if (quoted !== undefined) return { kind: 'quoted', end: quoted }
  const word = match(WORD, text, at)
  if (word !== undefined) return { kind: 'word', end: word }
  const dollar = match(DOLLAR, text, at)
  if (dollar !== undefined) {
    const close = text.indexOf(text.slice(at, dollar), dollar)
    return { kind: 'quoted', end: close < 0 ? text.length : close + (dollar - at) }
  }
  const number = match(NUMBER, text, at)
  if (number !== undefined) return { kind: 'other', end: number }
  const character = text[at]
  if (character === '(' || character === ')' || character === ';') return { kind: character, end: at + 1 }
  return { kind: 'other', end: at + 1 }
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function commentEnd(text: string, at: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  for (let depth = 0, found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

/** psql counts BEGIN … END only in `create [or replace] function | procedure`. */
function isRoutine(words: readonly string[]): boolean {
  const [create, second, third, fourth] = words
  if (create !== 'create') return false
  const kind = second === 'or' && third === 'replace' ? fourth : second
  return kind === 'function' || kind === 'procedure'
}

import { PatternScanner } from './pattern-scanner.ts'
import { readClass } from './character-class.ts'
import { readEscape } from './escape.ts'
import { bothCases } from './ascii-case.ts'

/**
 * Turns a java.util.regex pattern, as Debezium compiles it for its include and exclude lists (CASE_INSENSITIVE, which in
 * Java folds ASCII letters only, and `Matcher.matches`, which must cover the whole name), into a JavaScript expression
 * that matches the same names. Letters are written out in both cases: JavaScript's `i` flag folds all of Unicode.
 * Syntax that JavaScript cannot express is a PatternSyntaxError, never a guess.
 */
export function compileJavaPattern(pattern: string): RegExp {
  const scanner = new PatternScanner(pattern)
  const source = readAlternatives(scanner)
  if (!scanner.done) scanner.fail('unmatched )')
  try {
    return new RegExp(`^(?:${source})$`, 'u')
  } catch {
    // The engine's own message would show the rewritten source.
    return scanner.fail('not a valid expression')
  }
}

/** Everything up to the closing parenthesis or the end. */
function readAlternatives(scanner: PatternScanner): string {
  let source = ''
  let quantifiable = false
  while (!scanner.done && scanner.peek() !== ')') {
    const char = scanner.peek()
    if (char === '*' || char === '+' || char === '?' || char === '{') {
      if (!quantifiable) scanner.fail(char === '{' ? 'illegal repetition {' : `nothing to repeat before ${char}`)
      source += readQuantifier(scanner)
      quantifiable = false
      continue
    }
    const item = readItem(scanner)
    source += item.source
    quantifiable = item.quantifiable
  }
  return source
}

interface Item {
  readonly source: string
  readonly quantifiable: boolean
}

function readItem(scanner: PatternScanner): Item {
  const start = scanner.position
  const char = scanner.next()
  switch (char) {
    case '|':
    case '^':
    case '$':
      return { source: char, quantifiable: false }
    case '.':
      // Java's line terminators (java.util.regex.Pattern, "Line terminators") are these five.
      return { source: '[^\\n\\r\\u0085\\u2028\\u2029]', quantifiable: true }
    case '(':
      return readGroup(scanner, start)
    case '[':
      return { source: readClass(scanner, start), quantifiable: true }
    case '\\':
      return readEscape(scanner, start)
    default:
      return { source: bothCases(char), quantifiable: true }
  }
}

/** What may follow `(?`. A named group keeps its name; look-around is the same in both languages. */
const GROUP_START = /^(?:[:=!]|<[=!]|<[A-Za-z][A-Za-z0-9]*>)/

function readGroup(scanner: PatternScanner, start: number): Item {
  let opening = '('
  let quantifiable = true
  if (scanner.take('?')) {
    if (scanner.take('i)')) return { source: '', quantifiable: false }
    if (scanner.take('>')) return scanner.fail('atomic groups (?>…) do not exist in JavaScript', start)
    if (scanner.take('i:')) opening = '(?:'
    else {
      const match = GROUP_START.exec(scanner.rest) ?? scanner.fail('inline flags other than (?i) are not supported', start)
      scanner.take(match[0])
      opening = `(?${match[0]}`
      quantifiable = !/^(?:[=!]|<[=!])/.test(match[0])
    }
  }
  const inner = readAlternatives(scanner)
  if (!scanner.take(')')) scanner.fail('unclosed group', start)
  return { source: `${opening}${inner})`, quantifiable }
}

const COUNTED = /^\{\d+(?:,\d*)?\}/

function readQuantifier(scanner: PatternScanner): string {
  const start = scanner.position
  let source = scanner.peek()
  if (source === '{') source = COUNTED.exec(scanner.rest)?.[0] ?? scanner.fail('unclosed counted repetition', start)
  scanner.take(source)
  if (scanner.take('?')) return `${source}?`
  if (scanner.peek() === '+') scanner.fail('possessive repetition does not exist in JavaScript', start)
  return source
}


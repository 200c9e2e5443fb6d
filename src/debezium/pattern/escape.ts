import { bothCases } from './ascii-case.ts'
import type { PatternScanner } from './pattern-scanner.ts'

/** Java's predefined classes are ASCII unless UNICODE_CHARACTER_CLASS is set; JavaScript's `\s` is not. */
const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z0-9_',
  s: ' \\t\\n\\v\\f\\r',
}

/** Property classes that case does not touch: POSIX ones are ASCII in Java, the others are Unicode categories. */
const PROPERTIES: Readonly<Record<string, string>> = {
  Alpha: 'a-zA-Z', Digit: '0-9', Alnum: 'a-zA-Z0-9', XDigit: '0-9a-fA-F', ASCII: '\\x00-\\x7f',
  L: '\\p{L}', IsL: '\\p{L}', N: '\\p{N}', Nd: '\\p{Nd}', M: '\\p{M}', P: '\\p{P}', S: '\\p{S}', Z: '\\p{Z}', IsAlphabetic: '\\p{Alphabetic}',
}

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', a: '\x07', e: '\x1b' }

/** A set of characters (for a class: without brackets), or one character. */
export type Escape = { readonly kind: 'set'; readonly members: string; readonly negated: boolean } | { readonly kind: 'character'; readonly char: string }

/** What follows a backslash and means the same in and outside a class. `start` is where the backslash stands. */
export function readEscapedCharacters(scanner: PatternScanner, start: number): Escape {
  if (scanner.done) scanner.fail('the expression ends with a backslash', start)
  const char = scanner.next()
  const set = SETS[char.toLowerCase()]
  if (set !== undefined) return { kind: 'set', members: set, negated: char !== char.toLowerCase() }
  if (char === 'p' || char === 'P') return readProperty(scanner, start, char === 'P')
  if (char === 'x') return { kind: 'character', char: readCode(scanner, start, /^(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,6}\})/) }
  if (char === 'u') return { kind: 'character', char: readCode(scanner, start, /^[0-9A-Fa-f]{4}/) }
  const control = CONTROLS[char]
  if (control !== undefined) return { kind: 'character', char: control }
  // "It is an error to use a backslash prior to any alphabetic character that does not denote an escaped construct."
  if (/[A-Za-z0-9]/.test(char)) scanner.fail(`\\${char} is not supported`, start)
  return { kind: 'character', char }
}

function readProperty(scanner: PatternScanner, start: number, negated: boolean): Escape {
  const match = /^(?:\{([A-Za-z]+)\}|([A-Z]))/.exec(scanner.rest) ?? scanner.fail('unfinished property class', start)
  scanner.take(match[0])
  const name = match[1] ?? match[2] ?? ''
  const members = PROPERTIES[name] ?? scanner.fail(`the property class ${name} is not supported`, start)
  return { kind: 'set', members, negated }
}

function readCode(scanner: PatternScanner, start: number, shape: RegExp): string {
  const digits = shape.exec(scanner.rest)?.[0] ?? scanner.fail('unfinished character code', start)
  scanner.take(digits)
  const code = Number.parseInt(digits.replace(/[{}]/g, ''), 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : scanner.fail('no such character', start)
}

/** A backslash outside a class. */
export function readEscape(scanner: PatternScanner, start: number): { readonly source: string; readonly quantifiable: boolean } {
  if (scanner.take('Q')) return { source: readQuotation(scanner), quantifiable: true }
  if (scanner.take('A')) return { source: '^', quantifiable: false }
  if (scanner.take('z')) return { source: '$', quantifiable: false }
  if (/^[1-9]/.test(scanner.rest)) scanner.fail('back-references are not supported', start)
  const escape = readEscapedCharacters(scanner, start)
  if (escape.kind === 'character') return { source: bothCases(escape.char), quantifiable: true }
  return { source: `[${escape.negated ? '^' : ''}${escape.members}]`, quantifiable: true }
}

/** `\Q…\E`: everything up to `\E` (or the end) stands for itself. */
function readQuotation(scanner: PatternScanner): string {
  let source = ''
  while (!scanner.done && !scanner.take('\\E')) source += bothCases(scanner.next())
  return source
}

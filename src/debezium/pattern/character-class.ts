import { bothCasesInClass, rangeInBothCases } from './ascii-case.ts'
import { readEscapedCharacters } from './escape.ts'
import type { PatternScanner } from './pattern-scanner.ts'

/** One character (which may start a range), or a set that is written out already. */
type Member = { readonly char: string } | { readonly source: string }

/** A character class whose `[` has just been read at `start`. Unions `[a[b]]` and intersections `&&` are refused. */
export function readClass(scanner: PatternScanner, start: number): string {
  const negated = scanner.take('^')
  let members = ''
  let first = true
  while (first || scanner.peek() !== ']') {
    if (scanner.done) scanner.fail('unclosed character class', start)
    const member = readMember(scanner)
    members += 'char' in member ? readRange(scanner, member.char) : member.source
    first = false
  }
  scanner.take(']')
  return `[${negated ? '^' : ''}${members}]`
}

function readMember(scanner: PatternScanner): Member {
  const start = scanner.position
  if (scanner.take('&&')) scanner.fail('intersections (&&) are not supported', start)
  const char = scanner.next()
  if (char === '[') scanner.fail('a class inside a class is not supported', start)
  if (char !== '\\') return { char }
  const escape = readEscapedCharacters(scanner, start)
  if (escape.kind === 'character') return { char: escape.char }
  if (!escape.negated) return { source: escape.members }
  return { source: COMPLEMENTS[escape.members] ?? scanner.fail('a negated property inside a class is not supported', start) }
}

/** Inside a class a negated set has to be one escape of its own. */
const COMPLEMENTS: Readonly<Record<string, string>> = {
  '0-9': '\\D',
  'a-zA-Z0-9_': '\\W',
  // Everything but Java's six: JavaScript's \S leaves out more.
  ' \\t\\n\\v\\f\\r': '\\u{0}-\\u{8}\\u{e}-\\u{1f}\\u{21}-\\u{10ffff}',
}

/** `-` starts a range unless it is the last character of the class. */
function readRange(scanner: PatternScanner, from: string): string {
  const start = scanner.position
  if (!/^-[^\]]/su.test(scanner.rest)) return bothCasesInClass(from)
  if (/^-(?:\[|&&)/.test(scanner.rest)) return bothCasesInClass(from)
  scanner.take('-')
  const member = readMember(scanner)
  if (!('char' in member)) return scanner.fail('a range cannot end with a set', start)
  if (member.char.codePointAt(0)! < from.codePointAt(0)!) scanner.fail('illegal range', start)
  return rangeInBothCases(from, member.char)
}

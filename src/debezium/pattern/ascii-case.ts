const SYNTAX = /[\\^$.*+?()[\]{}|/-]/

function isAsciiLetter(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z')
}

function swapped(char: string): string {
  return char >= 'a' ? char.toUpperCase() : char.toLowerCase()
}

/** A code point as it stands for itself in an expression with the `u` flag; `-` needs its backslash in classes only. */
function quoted(char: string, inClass: boolean): string {
  return SYNTAX.test(char) && (inClass || char !== '-') ? `\\${char}` : char
}

/** Matches one code point; ASCII letters in either case. */
export function bothCases(char: string): string {
  return isAsciiLetter(char) ? `[${char}${swapped(char)}]` : quoted(char, false)
}

/** The same inside a character class. */
export function bothCasesInClass(char: string): string {
  return isAsciiLetter(char) ? char + swapped(char) : quoted(char, true)
}

/** A range inside a character class, with its ASCII letters in either case. */
export function rangeInBothCases(from: string, to: string): string {
  const lower = overlap(from, to, 'a', 'z')
  const upper = overlap(from, to, 'A', 'Z')
  return (
    `${quoted(from, true)}-${quoted(to, true)}` +
    (lower === undefined ? '' : `${lower[0].toUpperCase()}-${lower[1].toUpperCase()}`) +
    (upper === undefined ? '' : `${upper[0].toLowerCase()}-${upper[1].toLowerCase()}`)
  )
}

function overlap(from: string, to: string, first: string, last: string): readonly [string, string] | undefined {
  const start = from.codePointAt(0)! > first.codePointAt(0)! ? from : first
  const end = to.codePointAt(0)! < last.codePointAt(0)! ? to : last
  return start.codePointAt(0)! <= end.codePointAt(0)! ? [start, end] : undefined
}

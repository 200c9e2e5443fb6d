import { compileJavaPattern } from './java-pattern.ts'
import { PatternSyntaxError } from './pattern-scanner.ts'

/**
 * Splits at commas, trims, drops empty items. A comma that belongs to an item is written `\,` (the backslash goes);
 * any other backslash stays with the character after it (Debezium: io.debezium.util.Strings, setOfRegex).
 */
export function splitList(text: string): string[] {
  const items: string[] = []
  let item = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '\\' && i + 1 < text.length) {
      const next = text.charAt(++i)
      item += next === ',' ? ',' : char + next
    } else if (char === ',') {
      items.push(item)
      item = ''
    } else item += char
  }
  items.push(item)
  return items.map((each) => each.trim()).filter((each) => each !== '')
}

/** The expressions of a list property, and a reason for each that cannot be used. */
export function readRegexList(text: string): { readonly expressions: RegExp[]; readonly reasons: string[] } {
  const expressions: RegExp[] = []
  const reasons: string[] = []
  for (const item of splitList(text)) {
    try {
      expressions.push(compileJavaPattern(item))
    } catch (error) {
      if (!(error instanceof PatternSyntaxError)) throw error
      reasons.push(`"${item}": ${error.message}`)
    }
  }
  return { expressions, reasons }
}

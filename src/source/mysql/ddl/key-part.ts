import type { TokenReader } from './token-reader.ts'

/** The columns of `(a, b(10) DESC)`; undefined where a part is an expression, or leaves rows apart that have no own value (WITHOUT OVERLAPS). */
export function readKeyParts(reader: TokenReader): readonly string[] | undefined {
  const names: string[] = []
  let plain = true
  reader.expectSymbol('(')
  do {
    if (reader.isSymbol('(')) {
      reader.skipParentheses()
      plain = false
    } else names.push(reader.identifier())
    while (!reader.endsMember) {
      if (reader.is('WITHOUT')) plain = false
      reader.skip()
    }
  } while (reader.acceptSymbol(','))
  reader.expectSymbol(')')
  return plain ? names : undefined
}

/** What may stand between UNIQUE KEY or PRIMARY KEY and the parenthesis: a name, USING. */
export function skipKeyName(reader: TokenReader): void {
  reader.accept('IF', 'NOT', 'EXISTS')
  while (!reader.isSymbol('(')) {
    if (reader.endsMember) throw reader.fail()
    reader.skip()
  }
}

// Debezium keeps the labels of ENUM and SET as they stand in the statement: literals, with their quotes.

const CHARACTERS: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\u001a', '%': '\\%', _: '\\_' }

/** As SHOW CREATE TABLE spells it (append_unescaped in sql/unireg.cc, append_identifier's neighbours in sql/sql_show.cc). */
export function encodeLabel(label: string): string {
  return `'${label.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

/** What a literal says (MySQL manual, "String Literals"). A text without quotes is the label itself. */
export function decodeLabel(literal: string): string {
  const quote = literal[0]
  if (literal.length < 2 || (quote !== "'" && quote !== '"') || !literal.endsWith(quote)) return literal
  return literal.slice(1, -1).replaceAll(/\\(.)|''|""/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return CHARACTERS[escaped] ?? escaped
    // the other quote stands twice for itself
    return found[0] === quote ? quote : found
  })
}

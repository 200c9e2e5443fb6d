/** MySQL manual, "String Literals", table "Special Character Escape Sequences". */
const ESCAPES: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\u001a', '%': '\\%', _: '\\_' }

/** `_utf8mb4'abc'`: what stands in the quotes. */
const INTRODUCED = /^_[A-Za-z0-9]+'(.*)'$/s

/**
 * What a default says that the definition keeps as it stands between the quotes: `it''s` is `it's`. Debezium leaves it as it is, and fills
 * NULLs with it.
 */
export function unescaped(text: string): string {
  const literal = INTRODUCED.exec(text)?.[1] ?? text
  return literal.replaceAll(/\\([^])|''/g, (_, escaped: string | undefined) => (escaped === undefined ? "'" : (ESCAPES[escaped] ?? escaped)))
}

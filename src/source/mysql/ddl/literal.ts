/** MySQL manual, "String Literals", table "Special Character Escape Sequences". */
const ESCAPES: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\u001a', '%': '\\%', _: '\\_' }

/** What stands between the quotes, untouched. */
export function inner(text: string): string {
  return text.slice(text.startsWith('N') || text.startsWith('n') ? 2 : 1, -1)
}

/** What a quoted text says. */
export function unquote(text: string, escapes: boolean): string {
  const quote = text.at(-1)!
  const raw = inner(text)
  if (!escapes || quote === '`' || !raw.includes('\\')) return raw.replaceAll(quote + quote, quote)
  const parts = quote === "'" ? /\\([^])|''/g : /\\([^])|""/g
  return raw.replaceAll(parts, (_, escaped: string | undefined) => (escaped === undefined ? quote : (ESCAPES[escaped] ?? escaped)))
}

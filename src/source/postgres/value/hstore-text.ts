const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Keys and values in the server's order; undefined where the text is not an hstore's: `"a"=>"1", "b"=>NULL`. */
export function parseHstore(bytes: Buffer, start: number, end: number): [string, string | null][] | undefined {
  const entries: [string, string | null][] = []
  let at = start
  while (at < end) {
    if (entries.length > 0) {
      if (!matches(bytes, at, end, ', ')) return undefined
      at += 2
    }
    const keyEnd = quotedEnd(bytes, at, end)
    if (keyEnd < 0 || !matches(bytes, keyEnd, end, '=>')) return undefined
    const key = unquote(bytes, at, keyEnd)
    at = keyEnd + 2
    if (matches(bytes, at, end, 'NULL')) {
      entries.push([key, null])
      at += 4
    } else {
      const valueEnd = quotedEnd(bytes, at, end)
      if (valueEnd < 0) return undefined
      entries.push([key, unquote(bytes, at, valueEnd)])
      at = valueEnd
    }
  }
  return entries
}

function matches(bytes: Buffer, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** The offset behind the closing quote, -1 without one. */
function quotedEnd(bytes: Buffer, start: number, end: number): number {
  if (start >= end || bytes[start] !== QUOTE) return -1
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === BACKSLASH) at++
    else if (bytes[at] === QUOTE) return at + 1
  }
  return -1
}

/** The inside of quotes, backslashes undone. */
function unquote(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start + 1, end - 1)
  return text.includes('\\') ? text.replace(/\\([\s\S])/g, '$1') : text
}

/**
 * The order in which java.util.HashMap gives the keys back, which is the order Debezium writes them in: pgjdbc reads an
 * hstore into one. Buckets by hash, within a bucket by insertion; the table doubles when it is three quarters full. (A bucket of
 * more than eight keys becomes a tree, which Java may list in another order.)
 */
export function javaMapOrder<Value>(entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  let capacity = 16
  while (entries.length > capacity * 0.75) capacity *= 2
  const bucket = (key: string): number => {
    const hash = javaHash(key)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  return entries.map((entry) => ({ entry, bucket: bucket(entry[0]) })).sort((a, b) => a.bucket - b.bucket).map(({ entry }) => entry)
}

/** java.lang.String.hashCode. */
function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

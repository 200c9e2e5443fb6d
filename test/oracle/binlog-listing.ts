/** A change as `mysqlbinlog -v --base64-output=decode-rows` prints it: values by column number, from 1, as it writes them. */
export interface ListedChange {
  readonly op: 'c' | 'u' | 'd'
  readonly table: string
  readonly before: readonly string[] | null
  readonly after: readonly string[] | null
}

const OPERATION: Readonly<Record<string, ListedChange['op']>> = { 'INSERT INTO': 'c', 'UPDATE': 'u', 'DELETE FROM': 'd' }

/** The changes of a listing. Comments behind values (`-vv`) are cut off; control characters are escaped, so that a value is a line. */
export function readListing(text: string): readonly ListedChange[] {
  const changes: { op: ListedChange['op']; table: string; before: string[] | null; after: string[] | null }[] = []
  let into: string[] | undefined
  for (const line of text.split('\n')) {
    const head = /^### (INSERT INTO|UPDATE|DELETE FROM) `(.+)`\.`(.+)`$/.exec(line)
    const current = changes.at(-1)
    if (head !== null) changes.push({ op: OPERATION[head[1]!]!, table: `${head[2]!}.${head[3]!}`, before: null, after: null })
    else if (line === '### WHERE') into = current!.before = []
    else if (line === '### SET') into = current!.after = []
    else {
      const value = /^### {3}@\d+=(.*?)(?: \/\* [A-Z].*? meta=\d+ nullable=\d is_null=\d \*\/)?$/.exec(line)
      if (value !== null) into!.push(value[1]!)
    }
  }
  return changes
}

/** A text that it has put into quotes. */
export function unquoted(value: string): string {
  const bytes = value.replace(/^'|'$/g, '').replace(/\\x([0-9a-f]{2})|\\\\/gi, (_, hex: string | undefined) => (hex === undefined ? '\\' : String.fromCharCode(parseInt(hex, 16))))
  return bytes
}

/*
  Reads what the output plugin test_decoding writes (contrib/test_decoding/test_decoding.c), one change a line:

  table public.t: INSERT: id[integer]:1 name[text]:'it''s' flags[bit]:B'1' gone[text]:null
  table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 name[text]:unchanged-toast-datum
  table public.t: DELETE: id[integer]:2     (or: (no-tuple-data))
  table public.a, public.b: TRUNCATE: restart_seqs cascade
  message: transactional: 1 prefix: p, sz: 3 content:abc
*/

/** Stands for `unchanged-toast-datum`. */
export const UNCHANGED = Symbol('unchanged')

export interface Change {
  readonly op: 'c' | 'u' | 'd' | 't' | 'm'
  /** `schema.name` without quotes; a message's prefix. */
  readonly table: string
  /** The server's text of each column; what is null is left out of `old`, as the plugin does. */
  readonly old: Readonly<Record<string, unknown>>
  readonly now: Readonly<Record<string, unknown>>
}

const OPS = { INSERT: 'c', UPDATE: 'u', DELETE: 'd' } as const

/** The changes of one line; none for BEGIN and COMMIT. */
export function readLine(line: string): Change[] {
  if (/^(BEGIN|COMMIT)( \d+)?$/.test(line)) return []
  const reader = new Reader(line)
  if (reader.skip('message: transactional: ')) {
    const transactional = reader.take(/[01]/y) === '1'
    reader.expect(' prefix: ')
    const prefix = reader.take(/[^,]*/y)
    reader.take(/, sz: \d+ content:/y)
    return [{ op: 'm', table: prefix, old: {}, now: { transactional, content: reader.rest() } }]
  }
  reader.expect('table ')
  const tables = [reader.name()]
  while (reader.skip(', ')) tables.push(reader.name())
  reader.expect(': ')
  const word = reader.take(/[A-Z]+/y)
  reader.expect(':')
  if (word === 'TRUNCATE') return tables.map((table) => ({ op: 't', table, old: {}, now: {} }))
  const [table] = tables as [string]
  const op = OPS[word as keyof typeof OPS]
  if (reader.skip(' (no-tuple-data)')) return [{ op, table, old: {}, now: {} }]
  const old = reader.skip(' old-key:') ? reader.tuple() : undefined
  if (old !== undefined) reader.expect(' new-tuple:')
  const tuple = reader.tuple()
  reader.end()
  return [op === 'd' ? { op, table, old: tuple, now: {} } : { op, table, old: old ?? {}, now: tuple }]
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) throw new Error(`${pattern.source} expected at ${this.#at} of ${this.#text.slice(0, 500)}`)
    this.#at = pattern.lastIndex
    return match[0]
  }

  skip(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  expect(word: string): void {
    if (!this.skip(word)) throw new Error(`${word} expected at ${this.#at} of ${this.#text.slice(0, 500)}`)
  }

  rest(): string {
    return this.#text.slice(this.#at)
  }

  end(): void {
    if (this.#at !== this.#text.length) throw new Error(`more than a change: ${this.#text.slice(this.#at)}`)
  }

  /** `schema.table`, either of them in double quotes where they need them. */
  name(): string {
    const schema = this.identifier()
    this.expect('.')
    return `${schema}.${this.identifier()}`
  }

  identifier(): string {
    const text = this.take(/"(?:[^"]|"")*"|[^\s".:[\],]+/y)
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
  }

  /** Columns, each after a blank. What is neither quoted nor a keyword is a number. */
  tuple(): Record<string, unknown> {
    const columns: [string, unknown][] = []
    while (/^ (?!new-tuple:)/.test(this.rest())) {
      this.expect(' ')
      const name = this.identifier()
      this.take(/\[(?:"(?:[^"]|"")*"|\[\]|[^\]"])*\]:/y)
      columns.push([name, this.value()])
    }
    return Object.fromEntries(columns)
  }

  value(): unknown {
    if (this.skip('null')) return null
    if (this.skip('unchanged-toast-datum')) return UNCHANGED
    if (this.skip("B'")) return this.take(/[01]*'/y).slice(0, -1)
    if (this.skip("'")) return this.take(/(?:[^']|'')*'/y).slice(0, -1).replaceAll("''", "'")
    const word = this.take(/[^\s]+/y)
    return word === 'true' ? 't' : word === 'false' ? 'f' : word
  }
}

/*
  The text of PostgreSQL's test_decoding plugin (contrib/test_decoding/test_decoding.c), read by nobody's code but this:

  BEGIN 742
  table public.t: INSERT: id[integer]:1 note[text]:'it''s' gone[text]:null
  table public.t: UPDATE: old-key: id[integer]:1 new-tuple: id[integer]:2 body[text]:unchanged-toast-datum
  table public.t: DELETE: id[integer]:2
  table public.a, public.b: TRUNCATE: (no-flags)
  message: transactional: 1 prefix: chaos, sz: 4 content:w1.7
  COMMIT 742
*/
import { cellText } from './row.ts'

export type PrintedLine =
  | { readonly kind: 'begin'; readonly xid: string }
  | { readonly kind: 'commit'; readonly xid: string }
  | { readonly kind: 'insert'; readonly table: string; readonly tuple: PrintedTuple }
  | { readonly kind: 'delete'; readonly table: string; readonly tuple: PrintedTuple }
  | { readonly kind: 'update'; readonly table: string; readonly old: PrintedTuple | undefined; readonly tuple: PrintedTuple }
  | { readonly kind: 'truncate'; readonly tables: readonly string[] }
  | { readonly kind: 'message'; readonly transactional: boolean }

/** undefined: an unchanged out-of-line value. */
export type PrintedTuple = ReadonlyMap<string, string | null | undefined>

export function readLine(line: string): PrintedLine {
  const frame = /^(BEGIN|COMMIT) (\d+)$/.exec(line)
  if (frame !== null) return { kind: frame[1] === 'BEGIN' ? 'begin' : 'commit', xid: frame[2]! }
  if (line.startsWith('message: ')) return { kind: 'message', transactional: line.startsWith('message: transactional: 1 ') }
  const truncate = /^table (.+): TRUNCATE: /.exec(line)
  if (truncate !== null) return { kind: 'truncate', tables: truncate[1]!.split(', ') }
  const change = /^table ([\w.]+): (INSERT|UPDATE|DELETE): /.exec(line)
  if (change === null) throw new Error(`test_decoding printed what is not understood: ${line.slice(0, 200)}`)
  const [whole, table, op] = change
  const cursor = new Cursor(line, whole.length)
  if (op === 'UPDATE') {
    const old = cursor.skip('old-key: ') ? cursor.tuple(' new-tuple: ') : undefined
    return { kind: 'update', table: table!, old, tuple: cursor.tuple(undefined) }
  }
  return { kind: op === 'INSERT' ? 'insert' : 'delete', table: table!, tuple: cursor.tuple(undefined) }
}

class Cursor {
  readonly #text: string
  #at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  skip(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  /** `name[type]:value` again and again, to the end of the line or to `until`, which is skipped. */
  tuple(until: string | undefined): PrintedTuple {
    const cells = new Map<string, string | null | undefined>()
    while (this.#at < this.#text.length) {
      const name = this.#until('[')
      this.#until(']:')
      cells.set(name, this.#value())
      if (until !== undefined && this.skip(until)) return cells
      this.skip(' ')
    }
    return cells
  }

  #until(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at)
    if (end < 0) throw new Error(`test_decoding: no ${mark} after ${this.#at} in ${this.#text.slice(0, 200)}`)
    const text = this.#text.slice(this.#at, end)
    this.#at = end + mark.length
    return text
  }

  #value(): string | null | undefined {
    if (this.#text[this.#at] !== "'") {
      const end = this.#text.indexOf(' ', this.#at)
      const word = this.#text.slice(this.#at, end < 0 ? undefined : end)
      this.#at += word.length
      return word === 'null' ? null : word === 'unchanged-toast-datum' ? undefined : word
    }
    let text = ''
    for (;;) {
      const end = this.#text.indexOf("'", this.#at + 1)
      if (end < 0) throw new Error(`test_decoding: a quote is not closed in ${this.#text.slice(0, 200)}`)
      text += this.#text.slice(this.#at + 1, end)
      this.#at = end + 1
      if (this.#text[end + 1] !== "'") return cellText(text)
      text += "'"
    }
  }
}

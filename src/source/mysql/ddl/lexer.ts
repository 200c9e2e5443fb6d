import type { Token, TokenKind } from './token.ts'
import { unreadable } from './unreadable.ts'

/** How the characters of a statement are to be taken. */
export interface LexerOptions {
  readonly flavor: 'mysql' | 'mariadb'
  /** Executable comments for later versions are comments: 90704, 110806. */
  readonly version: number
  readonly noBackslashEscapes: boolean
}

/** MariaDB takes these for MySQL's own (sql_lex.cc, "version < 50700 || version > 99999 || maria_comment_syntax"). */
const MARIADB_IGNORES = { from: 50_700, to: 99_999 }

const WORD = /[\w$\u0080-\uffff]+/y
/** A number must not go on as a word: `1st` is one, and so is `1e`. */
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$\u0080-\uffff])/y
const BITS = /(?:0x[0-9a-fA-F]+|0b[01]+)(?![\w$\u0080-\uffff])|(?:[xX]'[0-9a-fA-F]*'|[bB]'[01]*')/y
const SPACE = /[ \t\n\v\f\r]+/y
/** `--` is no comment without a space behind it. */
const LINE_COMMENT = /#[^\n]*|--(?=\s|$)[^\n]*/y
const EXECUTABLE = /\/\*(M)?!(\d{5,6})?/y

/** Cuts a statement into tokens, comments left out, executable comments read. Time and space are linear. */
class Lexer {
  readonly #text: string
  readonly #options: LexerOptions
  readonly #tokens: Token[] = []
  #at = 0
  /** Executable comments that are open. */
  #inside = 0

  constructor(text: string, options: LexerOptions) {
    this.#text = text
    this.#options = options
  }

  read(): Token[] {
    while (this.#at < this.#text.length) {
      if (this.#match(SPACE) !== undefined || this.#match(LINE_COMMENT) !== undefined || this.#comment()) continue
      this.#token()
    }
    this.#push('end', this.#at)
    return this.#tokens
  }

  #token(): void {
    const start = this.#at
    const character = this.#text[start]!
    if (character === "'") return this.#quoted('string', start)
    if (character === '"') return this.#quoted('double', start)
    if (character === '`') return this.#quoted('identifier', start)
    if ((character === 'N' || character === 'n') && this.#text[start + 1] === "'") {
      this.#at++
      return this.#quoted('string', start)
    }
    if (!this.#qualified(start)) {
      if (this.#match(BITS) !== undefined) return this.#push('bits', start)
      if (this.#match(NUMBER) !== undefined) return this.#push('number', start)
    }
    if (this.#match(WORD) !== undefined) return this.#push('word', start)
    this.#at++
    this.#push('symbol', start)
  }

  /** Right behind `name.`, digits begin a name as well, and a dot right behind a name is no decimal point. */
  #qualified(start: number): boolean {
    const last = this.#tokens.at(-1)
    if (last === undefined || last.end !== start) return false
    return this.#text[start] === '.' ? last.kind === 'word' || last.kind === 'identifier' || last.kind === 'double' : last.text === '.'
  }

  /** True: a comment was passed over, or an executable one begun or ended. */
  #comment(): boolean {
    if (this.#inside > 0 && this.#text.startsWith('*/', this.#at)) {
      this.#inside--
      this.#at += 2
      return true
    }
    if (!this.#text.startsWith('/*', this.#at)) return false
    const executable = this.#match(EXECUTABLE)
    if (executable !== undefined && this.#isForUs(executable[1] !== undefined, Number(executable[2] ?? 0))) {
      this.#inside++
      return true
    }
    this.#pass(executable === undefined ? this.#at : executable.index)
    return true
  }

  #isForUs(forMariadb: boolean, version: number): boolean {
    const { flavor, version: ours } = this.#options
    if (version > ours || (forMariadb && flavor === 'mysql')) return false
    return flavor === 'mysql' || forMariadb || version < MARIADB_IGNORES.from || version > MARIADB_IGNORES.to
  }

  /** A comment may have comments inside of it if it is an executable one that is not executed. */
  #pass(start: number): void {
    const nests = this.#text[start + 2] === '!' || this.#text.startsWith('M!', start + 2)
    const next = nests ? /\/\*|\*\//g : /\*\//g
    next.lastIndex = start + 2
    for (let depth = 1; depth > 0;) {
      const found = next.exec(this.#text)
      if (found === null) throw unreadable('comment', start)
      depth += found[0] === '/*' ? 1 : -1
    }
    this.#at = next.lastIndex
  }

  #quoted(kind: TokenKind, start: number): void {
    const quote = this.#text[this.#at]!
    const escapes = kind !== 'identifier' && !this.#options.noBackslashEscapes
    let at = this.#at + 1
    for (;; at++) {
      const character = this.#text[at]
      if (character === undefined) throw unreadable('quoted text', start)
      if (character === '\\' && escapes) at++
      else if (character === quote) {
        if (this.#text[at + 1] !== quote) break
        at++
      }
    }
    this.#at = at + 1
    this.#push(kind, start)
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #push(kind: TokenKind, start: number): void {
    const text = this.#text.slice(start, this.#at)
    this.#tokens.push({ kind, text: kind === 'word' ? text.toUpperCase() : text, start, end: this.#at })
  }
}

/** Errors: TR_MYSQL_DDL for a quoted text or comment without an end. */
export function tokenize(text: string, options: LexerOptions): Token[] {
  return new Lexer(text, options).read()
}

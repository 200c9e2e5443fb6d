import type { DdlContext } from './schema-contract.ts'
import { unquote } from './literal.ts'
import type { Token } from './token.ts'
import { unreadable } from './unreadable.ts'

/** A table as a statement names it. */
export interface TableReference {
  readonly database: string
  readonly name: string
}

/** The tokens of one statement, read from left to right. */
export class TokenReader {
  readonly text: string
  readonly context: DdlContext
  /** For errors: `ALTER TABLE`. */
  statement = 'unknown statement'
  readonly #tokens: readonly Token[]
  readonly #fold: (name: string) => string
  #at = 0

  /** `fold`: what the server makes of names of databases and tables. */
  constructor(text: string, tokens: readonly Token[], context: DdlContext, fold: (name: string) => string) {
    this.text = text
    this.#tokens = tokens
    this.context = context
    this.#fold = fold
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end'
  }

  /** The statement, from its first token to its last, as Debezium keeps it. */
  get source(): string {
    return this.text.slice(this.#tokens[0]!.start, this.#tokens.at(-2)?.end ?? 0)
  }

  /** The first token of the statement. */
  get first(): Token {
    return this.#tokens[0]!
  }

  /** The one that was read last. */
  get last(): Token {
    return this.#tokens[this.#at - 1]!
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)!
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Keywords, one after the other. */
  is(...words: readonly string[]): boolean {
    return words.every((word, index) => this.isWord(word, index))
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'word' && token.text === word
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'symbol' && token.text === symbol
  }

  accept(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false
    this.#at += words.length
    return true
  }

  /** The one of some keywords that is next. */
  acceptOne<const Word extends string>(...words: readonly Word[]): Word | undefined {
    const found = words.find((word) => this.isWord(word))
    if (found !== undefined) this.#at++
    return found
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false
    this.#at++
    return true
  }

  expect(...words: readonly string[]): void {
    if (!this.accept(...words)) throw this.fail()
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.fail()
  }

  /** A name. Also in double quotes where ANSI_QUOTES is off: a history does not keep the mode, and nothing else can stand there. */
  identifier(): string {
    const token = this.next()
    const name = this.#name(token)
    if (name === '') throw this.fail(token)
    return name
  }

  #name(token: Token): string {
    switch (token.kind) {
      case 'word':
        return this.text.slice(token.start, token.end)
      case 'identifier':
        return unquote(token.text, false)
      case 'double':
        return unquote(token.text, !this.context.ansiQuotes && this.escapes)
      case 'string':
      case 'bits':
      case 'number':
      case 'symbol':
      case 'end':
        throw this.fail(token)
    }
  }

  databaseName(): string {
    return this.#fold(this.identifier())
  }

  /** `t`, `d.t`, `.t` */
  tableName(): TableReference {
    if (this.acceptSymbol('.')) return { database: this.#fold(this.context.database), name: this.#fold(this.identifier()) }
    const first = this.#fold(this.identifier())
    return this.acceptSymbol('.') ? { database: first, name: this.#fold(this.identifier()) } : { database: this.#fold(this.context.database), name: first }
  }

  get escapes(): boolean {
    return !this.context.noBackslashEscapes
  }

  isText(ahead = 0): boolean {
    const { kind } = this.peek(ahead)
    return kind === 'string' || (kind === 'double' && !this.context.ansiQuotes)
  }

  /** A whole number, as it is in types and options. */
  integer(): number {
    const token = this.next()
    if (token.kind !== 'number') throw this.fail(token)
    return Math.trunc(Number(token.text))
  }

  /** Passes over `( … )`. */
  skipParentheses(): void {
    this.expectSymbol('(')
    for (let depth = 1; depth > 0;) {
      if (this.atEnd) throw this.fail()
      if (this.acceptSymbol('(')) depth++
      else if (this.acceptSymbol(')')) depth--
      else this.#at++
    }
  }

  /** Passes over one token, parentheses with all that is in them. */
  skip(): void {
    if (this.isSymbol('(')) this.skipParentheses()
    else this.next()
  }

  /** Passes over the rest of a member of a list: up to a comma, a closing parenthesis, the end. */
  skipMember(): void {
    while (!this.endsMember) this.skip()
  }

  get endsMember(): boolean {
    return this.atEnd || this.isSymbol(',') || this.isSymbol(')')
  }

  skipRest(): void {
    this.#at = this.#tokens.length - 1
  }

  fail(token: Token = this.peek()): Error {
    return unreadable(this.statement, token.start)
  }
}

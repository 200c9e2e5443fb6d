/**
 * What a statement is made of.
 *
 * - `word`: an identifier or keyword without quotes; `text` is in upper case
 * - `identifier`: `` `…` ``
 * - `double`: `"…"`, a string, or an identifier under ANSI_QUOTES
 * - `string`: `'…'`, `N'…'`
 * - `bits`: `x'…'`, `0x…`, `b'…'`, `0b…`
 * - `number`
 * - `symbol`: any other character
 * - `end`: behind the last one
 */
export type TokenKind = 'word' | 'identifier' | 'double' | 'string' | 'bits' | 'number' | 'symbol' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As it stands in the statement; words in upper case. */
  readonly text: string
  readonly start: number
  readonly end: number
}

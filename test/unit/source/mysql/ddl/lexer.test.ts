import { expect, test } from 'vitest'
import { tokenize, type LexerOptions } from '../../../../../src/source/mysql/ddl/lexer.ts'
import { apply, model, shown } from './context.ts'

function tokens(text: string, options: Partial<LexerOptions> = {}): string {
  return tokenize(text, { flavor: 'mysql', version: Infinity, noBackslashEscapes: false, ...options }).slice(0, -1).map((token) => `${token.kind}:${token.text}`).join(' ')
}

test('names, numbers and dots', () => {
  expect(tokens('a.1t `b``c`.2 1st 1e 1e5 1.5e-3 .5 5. d$1 ünï 😀x')).toBe(
    'word:A symbol:. word:1T identifier:`b``c` symbol:. word:2 word:1ST word:1E number:1e5 number:1.5e-3 number:.5 number:5. word:D$1 word:ÜNÏ word:😀X',
  )
  expect(tokens("x'4a' X'' 0x4A 0b01 b'1' 0xg N'n' _utf8mb4'a' @v")).toBe("bits:x'4a' bits:X'' bits:0x4A bits:0b01 bits:b'1' word:0XG string:N'n' word:_UTF8MB4 string:'a' symbol:@ word:V")
})

test('comments of every kind', () => {
  expect(tokens('a -- x\nb --c # y\r\nd /* e */ f /**/ g -- end')).toBe('word:A word:B symbol:- symbol:- word:C word:D word:F word:G')
  expect(tokens("'-- no' '/* no */' `# no`")).toBe("string:'-- no' string:'/* no */' identifier:`# no`")
})

test('executable comments are read if they are for this server', () => {
  const text = 'a /*! b */ /*!80023 c */ /*!999999 d /* e */ f */ /*M! g */ /*M!100301 h */ i /*!50101j*/'
  expect(tokens(text)).toBe('word:A word:B word:C word:D word:F word:I word:J')
  expect(tokens(text, { version: 90_704 })).toBe('word:A word:B word:C word:I word:J')
  expect(tokens(text, { flavor: 'mariadb', version: 110_806 })).toBe('word:A word:B word:G word:H word:I word:J')
  expect(tokens('/*!50601 a */ /*!50700 b */ /*!99999 c */ /*!100000 d */', { flavor: 'mariadb', version: 110_806 })).toBe('word:A word:D')
  const tables = model()
  apply(tables, '/*!50503 create table */ t (a int /*!80023 INVISIBLE */, /*!80000 b int, */ c /*!50000 bigint */ /*!999999 unsigned */)')
  expect(shown(tables.get('d', 't'))).toBe('a INT, b INT, c BIGINT UNSIGNED; key ')
})

test('quotes in quotes, and backslashes', () => {
  expect(tokens(`'it''s' 'a\\'b' "c""d" 'e\\\\'`)).toBe(`string:'it''s' string:'a\\'b' double:"c""d" string:'e\\\\'`)
  expect(tokens("'a\\' b", { noBackslashEscapes: true })).toBe("string:'a\\' word:B")
})

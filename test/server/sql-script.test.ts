import { describe, expect, it } from 'vitest'
import { splitStatements } from './sql-script.ts'

describe('a script is split where psql splits it', () => {
  const cases: [name: string, script: string, statements: string[]][] = [
    ['plain statements, the last without a semicolon', 'select 1;\nselect 2', ['select 1', 'select 2']],
    ['nothing but blanks and comments', ' ;; -- no; thing\n /* ; */ ;', []],
    ['semicolons in strings and names', `select ';', '''; ', ";""; "; x`, [`select ';', '''; ', ";""; "`, 'x']],
    ['a backslash ends nothing in a plain string', `select '\\'; y`, [`select '\\'`, 'y']],
    ['a backslash escapes the quote in an E string', `select E'\\'; ', e'\\\\'; y`, [`select E'\\'; ', e'\\\\'`, 'y']],
    ['a word that ends in e before a plain string', `select date'\\'; y`, [`select date'\\'`, 'y']],
    ['dollar quotes with and without a tag', `do $$ a; $b$ c; $$; do $b$ ; $$ ; $b$; z`, ['do $$ a; $b$ c; $$', 'do $b$ ; $$ ; $b$', 'z']],
    ['a dollar inside an identifier opens nothing', 'select a$b$; select $1; c$b$', ['select a$b$', 'select $1', 'c$b$']],
    ['nested comments', 'a /* ; /* ; */ ; */ b; c', ['a /* ; /* ; */ ; */ b', 'c']],
    ['a line comment holds quotes', `a -- it's; "\nb; c`, [`a -- it's; "\nb`, 'c']],
    ['parentheses of a rule', 'create rule r as on insert to t do (select 1; select 2); x', ['create rule r as on insert to t do (select 1; select 2)', 'x']],
    [
      'a function body in SQL, with a case in it',
      'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; begin; x; end',
      ['create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end', 'begin', 'x', 'end'],
    ],
    ['a transaction is many statements', 'begin; insert into t values (1); commit;', ['begin', 'insert into t values (1)', 'commit']],
    ['names beyond ASCII', 'insert into ключ values (1); select "ключ;"', ['insert into ключ values (1)', 'select "ключ;"']],
  ]
  it.each(cases)('%s', (_name, script, statements) => {
    expect(splitStatements(script)).toEqual(statements)
  })
})

import { expect, test } from 'vitest'
import { apply, changesOf, context, model, shown } from './context.ts'

function created(ddl: string, flavor: 'mysql' | 'mariadb' = 'mysql'): string {
  return shown(changesOf(apply(model(flavor), ddl))[0]?.shape)
}

test('every type by the name that the server writes', () => {
  const types: readonly (readonly [string, string])[] = [
    ['int', 'INT'], ['INTEGER(5)', 'INT(5)'], ['int1', 'TINYINT'], ['int2 unsigned', 'SMALLINT UNSIGNED'], ['middleint', 'MEDIUMINT'], ['int8 zerofill', 'BIGINT UNSIGNED ZEROFILL'], ['bool', 'TINYINT(1)'],
    ['dec', 'DECIMAL(10,0)'], ['numeric(4)', 'DECIMAL(4,0)'], ['fixed(6,2) unsigned', 'DECIMAL(6,2) UNSIGNED'], ['float(24)', 'FLOAT'], ['float(25)', 'DOUBLE'], ['float4', 'FLOAT'], ['double precision', 'DOUBLE'],
    ['real(7,3)', 'DOUBLE(7,3)'], ['bit', 'BIT(1)'], ['year(4)', 'YEAR(4)'], ['datetime(0)', 'DATETIME'], ['timestamp(3)', 'TIMESTAMP(3)'], ['char', 'CHAR(1) utf8mb4'], ['char varying(3)', 'VARCHAR(3) utf8mb4'],
    ['national character varying(3)', 'VARCHAR(3) utf8mb3'], ['nchar varchar(4)', 'VARCHAR(4) utf8mb3'], ['nchar(2)', 'CHAR(2) utf8mb3'], ['long', 'MEDIUMTEXT utf8mb4'], ['long char varying', 'MEDIUMTEXT utf8mb4'],
    ['long varbinary', 'MEDIUMBLOB'], ['text(63)', 'TINYTEXT utf8mb4'], ['text(64)', 'TEXT utf8mb4'], ['text(16384)', 'MEDIUMTEXT utf8mb4'], ['blob(255)', 'TINYBLOB'], ['blob(65536)', 'MEDIUMBLOB'],
    ['varchar(70000)', 'MEDIUMTEXT utf8mb4'], ['varbinary(70000)', 'MEDIUMBLOB'], ['char(3) byte', 'BINARY(3)'], ['text charset binary', 'BLOB'], ['varchar(4) collate latin1_bin', 'VARCHAR(4) latin1'],
    ['char(2) ascii', 'CHAR(2) latin1'], ['char(2) unicode', 'CHAR(2) ucs2'], ['varchar(3) charset utf8', 'VARCHAR(3) utf8mb3'], ['binary', 'BINARY(1)'], ['json', 'JSON'], ['vector', 'VECTOR(2048)'], ['vector(3)', 'VECTOR(3)'],
    ['geomcollection', 'GEOMCOLLECTION'], ['point srid 4326', 'POINT'], ["enum('a','b')", 'ENUM(1) [a|b] utf8mb4'], ["set('a','b ','c''d') character set latin1", "SET(5) [a|b|c'd] latin1"], ["enum('a\\nb', 0x41, \"x\")", 'ENUM(1) [a\nb|A|x] utf8mb4'],
    ['uuid', 'UUID'], ['some_new_type(3)', 'SOME_NEW_TYPE(3)'],
  ]
  for (const [declared, expected] of types) expect(created(`create table t (a ${declared})`), declared).toBe(`a ${expected}; key `)
})

test('attributes of a column in any order, and their words where they mean something else', () => {
  expect(created('create table t (a int primary key auto_increment)')).toBe('a INT NOT NULL AUTO; key a')
  expect(created('create table t (a serial)')).toBe('a BIGINT UNSIGNED NOT NULL AUTO; key a')
  expect(created('create table t (a int key comment "not null, default 3")')).toBe('a INT NOT NULL; key a')
  expect(created("create table t (a varchar(5) default 'x' not null collate utf8mb4_bin)")).toBe('a VARCHAR(5) utf8mb4 NOT NULL = x; key ')
  expect(created('create table t (a int references b (id) on delete set null on update cascade, b int)')).toBe('a INT, b INT; key ')
  expect(created('create table t (a int storage default column_format default not null)')).toBe('a INT NOT NULL; key ')
  expect(created('create table t (a int generated always as (b + (1)) stored not null, b int as (1))')).toBe('a INT NOT NULL, b INT; key ')
  expect(created('create table t (a int constraint c check (a > 0) not enforced default 4)')).toBe('a INT = 4; key ')
  expect(created('create table t (a int some_new_attribute (1, 2) another = default not null)')).toBe('a INT NOT NULL; key ')
})

test('defaults as Debezium keeps them', () => {
  const defaults: readonly (readonly [string, string])[] = [
    ["'it''s'", " = it''s"], ["'a\\0'", ' = a\\0'], ['-1.50', ' = -1.50'], ['+7', ' = 7'], ['1e3', ' = 1e3'], ['.5', ' = .5'], ["b'101'", ' = 101'], ["x'41'", ' = 41'], ["_utf8mb4'ä'", ' = ä'], ["'a' 'b'", ' = ab'], ['true', ' = 1'],
    ['null', ''], ['current_timestamp(3)', ' = 1970-01-01 00:00:00'], ['now()', ' = 1970-01-01 00:00:00'], ['(1 + (2))', ''], ['uuid()', ''], ["concat('a,', ')')", ''], ['next value for s', ''], ['nextval(`d`.`s`)', ''], ['current_user', ''],
  ]
  for (const [written, expected] of defaults) expect(created(`create table t (a char(9) default ${written}, b int)`, 'mariadb').replace(' utf8mb4', ''), written).toBe(`a CHAR(9)${expected.replace(' = 41', '')}, b INT; key `)
  expect(created('create table t (a varbinary(4) default 0x4142)')).toBe('a VARBINARY(4) = 414; key ')
  expect(created('create table t (a uuid not null default uuid())', 'mariadb')).toBe('a UUID NOT NULL = …; key ')
})

test('ON UPDATE makes a column of the server, in MariaDB not behind DEFAULT CURRENT_TIMESTAMP', () => {
  const ddl = 'create table t (a timestamp default now() on update now(), b datetime null on update current_timestamp)'
  expect(created(ddl)).toBe('a TIMESTAMP AUTO = 1970-01-01 00:00:00, b DATETIME AUTO; key ')
  expect(created(ddl, 'mariadb')).toBe('a TIMESTAMP = 1970-01-01 00:00:00, b DATETIME AUTO; key ')
})

test('the key is the primary one, or the first unique one without NULL', () => {
  expect(created('create table t (a int, b int, primary key (b, a))')).toBe('a INT NOT NULL, b INT NOT NULL; key b,a')
  expect(created('create table t (a int not null unique, b int primary key)')).toBe('a INT NOT NULL, b INT NOT NULL; key b')
  expect(created('create table t (a int unique, b int not null unique, c int not null unique)')).toBe('a INT, b INT NOT NULL, c INT NOT NULL; key b')
  expect(created('create table t (a int not null, b int not null, unique ((a + 1)), constraint u unique key using hash (b(10) desc))')).toBe('a INT NOT NULL, b INT NOT NULL; key b')
  expect(created('create table t (A int, primary key (a))')).toBe('A INT NOT NULL; key A')
})

test('elements that are no columns are passed over', () => {
  const body = "index (a), key k (a), fulltext key f (a), spatial index s (a), vector index v (a), constraint fk foreign key (a) references x (id) on delete cascade, check (a <> '),('), constraint c check (1)"
  expect(created(`create table t (a int, ${body})`)).toBe('a INT; key ')
  expect(created('create table t (vector vector(2), period int, `key` int)', 'mariadb')).toBe('vector VECTOR(2), period INT, key INT; key ')
})

test('character sets: the column’s, the table’s, the database’s, the session’s, the server’s', () => {
  expect(created('create table t (a char(1), b char(1) charset koi8r) default charset = latin1')).toContain('a CHAR(1) latin1, b CHAR(1) koi8r')
  expect(created("create table t (a char(1)) comment='charset=latin1' collate 'cp1251_bin'")).toContain('cp1251')
  const databases = model()
  databases.apply('create database `x` character set = greek', context())
  databases.apply('create database y', context({ serverCollation: 8 }))
  databases.apply('create database z', context())
  databases.apply('alter database x collate hebrew_bin', context())
  for (const [database, charset] of [['x', 'hebrew'], ['y', 'latin1'], ['z', 'utf8mb4']] as const) {
    expect(databases.databaseCharset(database)).toBe(charset)
    expect(changesOf(databases.apply('create table t (a text)', context({ database })))[0]?.shape).toMatchObject({ charset, columns: [{ charset }] })
  }
  // with its character set, MariaDB's collations have several
  expect(created('create table t (a char(1) collate uca1400_ai_ci) charset utf8mb3 collate uca1400_ai_ci', 'mariadb')).toContain('utf8mb3')
})

test('options, partitions and START TRANSACTION behind the columns', () => {
  const options = "engine=InnoDB auto_increment 4 row_format=default union=(a,b) data directory='/x' partition by range columns (a) subpartition by hash (a) (partition p values less than (10) comment = 'x' engine = InnoDB)"
  expect(created(`create table t (a int) ${options}`)).toBe('a INT; key ')
  expect(created('create table t (a int) start transaction')).toBe('a INT; key ')
})

test('IF NOT EXISTS keeps what is there, OR REPLACE does not', () => {
  const tables = model('mariadb')
  apply(tables, 'create table t (a int)')
  expect(apply(tables, 'create table if not exists T (b int)', 'create table if not exists t (b int)')).toEqual({ kind: 'schema', changes: [{ database: 'd', ddl: 'create table if not exists t (b int)', changes: [] }] })
  expect(shown(tables.get('d', 't'))).toBe('a INT; key ')
  apply(tables, 'create or replace table t (b int)')
  expect(shown(tables.get('d', 't'))).toBe('b INT; key ')
})

test('LIKE copies a table, in both spellings; the copy of an unknown one is unknown', () => {
  const tables = model()
  apply(tables, 'create table a (id int primary key, v text) comment "c"', 'create table b like a', 'create table x.c (like b)')
  expect(shown(tables.get('x', 'c'))).toBe('id INT NOT NULL, v TEXT utf8mb4; key id')
  expect(changesOf(apply(tables, 'create table a like x.nothing'))).toEqual([])
  expect(tables.get('d', 'a')).toBeUndefined()
})

test('CREATE TABLE … SELECT has its columns elsewhere; TEMPORARY is of no concern', () => {
  for (const ddl of ['create table t select 1', 'create table t (a int) engine=InnoDB as select 1', 'create table t (select 1)', 'create table t (a int) ignore with c as (select 1) select * from c']) expect(apply(model(), ddl), ddl).toEqual({ kind: 'rows' })
  const tables = model()
  expect(apply(tables, 'create temporary table t (a int)')).toEqual({ kind: 'irrelevant' })
  expect([...tables.tables()]).toEqual([])
})

test('a table WITH SYSTEM VERSIONING has two columns more than it shows, and the end of a row’s time in its key', () => {
  const tables = model('mariadb')
  const hidden = 'row_start TIMESTAMP(6) NOT NULL, row_end TIMESTAMP(6) NOT NULL'
  apply(tables, 'create table t (id int primary key, v int) with system versioning', 'alter table t add w int, add x int after id')
  expect(shown(tables.get('d', 't'))).toBe(`id INT NOT NULL, x INT, v INT, w INT, ${hidden}; key id,row_end`)
  apply(tables, 'alter table t drop system versioning')
  expect(shown(tables.get('d', 't'))).toBe('id INT NOT NULL, x INT, v INT, w INT; key id')
  apply(tables, 'alter table t add system versioning')
  expect(shown(tables.get('d', 't'))).toContain(hidden)
  apply(tables, 'create table u (id int, s timestamp(6) generated always as row start, e timestamp(6) as row end, period for system_time (s, e), primary key (id, e)) with system versioning', 'alter table u add z int')
  expect(shown(tables.get('d', 'u'))).toBe('id INT NOT NULL, s TIMESTAMP(6), e TIMESTAMP(6) NOT NULL, z INT; key id,e')
})

test('a sequence is a table of one row', () => {
  const tables = model('mariadb')
  expect(apply(tables, 'create sequence s start with 10 increment by 2')).toMatchObject({ kind: 'schema', changes: [{ database: 'd', changes: [] }] })
  expect(tables.get('d', 's')?.columns.map(({ name }) => name)).toEqual(['next_not_cached_value', 'minimum_value', 'maximum_value', 'start_value', 'increment', 'cache_size', 'cycle_option', 'cycle_count'])
  apply(tables, 'create or replace sequence s as int unsigned', 'alter sequence s restart 5', 'rename table s to r')
  expect(shown(tables.get('d', 'r'))).toContain('increment BIGINT(21) NOT NULL')
  expect(shown(tables.get('d', 'r'))).toContain('start_value INT UNSIGNED NOT NULL')
  apply(tables, 'drop sequence if exists r')
  expect([...tables.tables()]).toEqual([])
})

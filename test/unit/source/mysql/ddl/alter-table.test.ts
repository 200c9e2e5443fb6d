import { expect, test } from 'vitest'
import { apply, changesOf, model, shown } from './context.ts'

const TABLE = 'create table t (id int primary key, a varchar(10) default "x", b int not null) charset latin1'

function altered(...statements: string[]): string {
  const tables = model('mariadb')
  apply(tables, TABLE, ...statements)
  const [table] = [...tables.tables()]
  return shown(table)
}

test.each([
  ['alter table t add c int', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c INT; key id'],
  ['alter table t add column c int first, add d int after id', 'c INT, id INT NOT NULL, d INT, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t add (c int, d int not null unique, index (c))', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c INT, d INT NOT NULL; key id'],
  ['alter table t add column if not exists b int, add if not exists c int', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c INT; key id'],
  ['alter table t drop a, drop column if exists nothing, drop column b cascade', 'id INT NOT NULL; key id'],
  ['alter table t modify a text first', 'a TEXT latin1, id INT NOT NULL, b INT NOT NULL; key id'],
  ['alter table t modify column if exists c int, modify b bigint', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b BIGINT; key id'],
  ['alter table t change id key_id bigint after b', 'a VARCHAR(10) latin1 = x, b INT NOT NULL, key_id BIGINT NOT NULL; key key_id'],
  ['alter table t rename column a to b, rename column b to a', 'id INT NOT NULL, b VARCHAR(10) latin1 = x, a INT NOT NULL; key id'],
  ['alter table t drop a, add a int', 'id INT NOT NULL, b INT NOT NULL, a INT; key id'],
  ['alter table t alter a set default "y", alter column b set default 3', 'id INT NOT NULL, a VARCHAR(10) latin1 = y, b INT NOT NULL = 3; key id'],
  ['alter table t alter a drop default, alter b set default (1 + 1)', 'id INT NOT NULL, a VARCHAR(10) latin1, b INT NOT NULL = …; key id'],
  ['alter table t drop primary key, add primary key using btree (b, id)', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key b,id'],
  ['alter table t drop primary key', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key '],
  ['alter table t drop index `PRIMARY`', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key '],
  ['alter table t drop key if exists k, drop foreign key f, drop constraint c, drop check d', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t convert to character set utf8mb4 collate utf8mb4_bin', 'id INT NOT NULL, a VARCHAR(10) utf8mb4 = x, b INT NOT NULL; key id'],
  ['alter table t add c char(1), default character set = greek, add d char(1)', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c CHAR(1) greek, d CHAR(1) greek; key id'],
  ['alter table t add c text(200), convert to charset ucs2', 'id INT NOT NULL, a VARCHAR(10) ucs2 = x, b INT NOT NULL, c TEXT ucs2; key id'],
  ['alter table t order by a, b desc, add c int', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c INT; key id'],
  ['alter table t engine = InnoDB row_format default comment "drop a" charset greek, force', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter online ignore table if exists t wait 5 add c int, algorithm=instant, lock=none', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL, c INT; key id'],
  ['alter table t add index i (a), add key (b), add fulltext f (a), add constraint if not exists fk foreign key (b) references x (id), add check (b > 0)', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t drop partition p0, p1', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t partition by hash (id) partitions 4', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t reorganize partition a, b into (partition c values less than (3), partition d values in (4))', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t rename index a to b, rename key c to d, alter index e invisible, alter constraint f not enforced', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['alter table t disable keys, discard tablespace', 'id INT NOT NULL, a VARCHAR(10) latin1 = x, b INT NOT NULL; key id'],
  ['set statement lock_wait_timeout = (1 + 1), max_statement_time=1 for alter table t drop b', 'id INT NOT NULL, a VARCHAR(10) latin1 = x; key id'],
])('%s', (statement, expected) => {
  expect(altered(statement)).toBe(expected)
})

test('TEXT takes the larger type that as many characters need', () => {
  const tables = model()
  apply(tables, 'create table t (a tinytext, b text, c mediumtext, d varchar(20000), e char(3), f blob) charset latin1', 'alter table t convert to character set utf8mb4')
  expect(shown(tables.get('d', 't'))).toBe('a TEXT utf8mb4, b MEDIUMTEXT utf8mb4, c LONGTEXT utf8mb4, d MEDIUMTEXT utf8mb4, e CHAR(3) utf8mb4, f BLOB; key ')
  apply(tables, 'alter table t convert to character set binary')
  expect(shown(tables.get('d', 't'))).toBe('a BLOB, b MEDIUMBLOB, c LONGBLOB, d MEDIUMBLOB, e BINARY(3), f BLOB; key ')
})

test('JSON of MariaDB becomes text when it is converted', () => {
  const tables = model('mariadb')
  apply(tables, 'create table t (j json)', 'alter table t convert to character set latin1')
  expect(shown(tables.get('d', 't'))).toBe('j LONGTEXT latin1; key ')
})

test('a unique key is the key while its columns have no NULL', () => {
  const tables = model()
  apply(tables, 'create table t (a int not null, b int)', 'alter table t add unique (b), add unique u (a)')
  expect(shown(tables.get('d', 't'))).toBe('a INT NOT NULL, b INT; key a')
  apply(tables, 'alter table t modify a bigint null')
  expect(shown(tables.get('d', 't'))).toBe('a BIGINT, b INT; key ')
  apply(tables, 'alter table t modify a int not null', 'create unique index v on t (a)', 'alter table t change a a int, add primary key (b)')
  expect(shown(tables.get('d', 't'))).toBe('a INT, b INT NOT NULL; key b')
})

test('columns of the key that are dropped are gone from it', () => {
  const tables = model()
  apply(tables, 'create table t (a int, b int, c int, primary key (c, a))', 'alter table t drop c')
  expect(shown(tables.get('d', 't'))).toBe('a INT NOT NULL, b INT; key a')
})

test('RENAME in an ALTER moves the table, also to another database', () => {
  const tables = model()
  apply(tables, TABLE)
  expect(changesOf(apply(tables, 'alter table t rename as e.u, drop a'))).toMatchObject([{ type: 'ALTER', database: 'e', table: 'u', shape: { database: 'e', name: 'u' } }])
  expect(tables.get('d', 't')).toBeUndefined()
  expect(shown(tables.get('e', 'u'))).toBe('id INT NOT NULL, b INT NOT NULL; key id')
})

test('a partition becomes a table, and a table a partition', () => {
  const tables = model('mariadb')
  apply(tables, TABLE)
  expect(changesOf(apply(tables, 'alter table t convert partition p to table u'))).toMatchObject([{ type: 'ALTER', table: 't' }, { type: 'CREATE', table: 'u' }])
  expect(tables.get('d', 'u')?.columns).toEqual(tables.get('d', 't')?.columns)
  expect(changesOf(apply(tables, 'alter table t convert table u to partition p values less than (4)'))).toMatchObject([{ type: 'ALTER', table: 't' }, { type: 'DROP', table: 'u' }])
  expect(tables.get('d', 'u')).toBeUndefined()
})

test.each([
  ['alter table t drop partition p0', ['d.t']],
  ['alter table t truncate partition all', ['d.t']],
  ['alter table t exchange partition `p 0` with table e.u without validation', ['d.t', 'e.u']],
  ['alter table t convert partition p to table u', ['d.t']],
  ['alter table t convert table u to partition p values less than (4)', ['d.t']],
  ['alter table t discard tablespace', ['d.t']],
  ['alter table t import partition p0 tablespace', ['d.t']],
  ['alter table t add partition (partition p3 values less than (3))', undefined],
  ['alter table t reorganize partition a into (partition b values in (1), partition c values in (2))', undefined],
  ['alter table t rebuild partition all', undefined],
  ['alter table t remove partitioning', undefined],
  ['alter table t drop column a', undefined],
])('%s: rows that leave or enter tables without an event', (sql, moved) => {
  const statements = [apply(model('mariadb'), TABLE, sql), apply(model('mariadb'), sql)]
  for (const statement of statements) expect(statement.kind === 'schema' ? statement.unlogged?.map(({ database, name }) => `${database}.${name}`) : statement.kind).toEqual(moved)
})

test('what is done to a table that is not known is recorded, and no more', () => {
  const tables = model()
  expect(apply(tables, 'alter table nothing add c int')).toEqual({ kind: 'schema', changes: [{ database: 'd', ddl: 'alter table nothing add c int', changes: [] }] })
  expect([...tables.tables()]).toEqual([])
})

test('a clause that is not known is an error with its place, and changes nothing', () => {
  const tables = model()
  apply(tables, TABLE)
  const before = shown(tables.get('d', 't'))
  expect(() => apply(tables, "alter table t add c int default 'secret', frobnicate b")).toThrowError(expect.objectContaining({ code: 'TR_MYSQL_DDL', where: { statement: 'ALTER TABLE', offset: 42 }, message: expect.not.stringContaining('secret') as string }) as Error)
  expect(shown(tables.get('d', 't'))).toBe(before)
})

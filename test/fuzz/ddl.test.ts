import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import type { SchemaModel, Statement } from '../../src/source/mysql/ddl/schema-contract.ts'
import { createSchemaModel } from '../../src/source/mysql/ddl/schema-model.ts'
import { RandomDdl } from '../integration/random-ddl.ts'
import { campaign, withinLimits, type Random } from './campaign.ts'
import { mutate } from './mutation.ts'

/*
  Statements, damaged: reading one gives what it does, or TR_MYSQL_DDL, in a time that grows with its length; a statement that cannot be
  read leaves the tables as they were, and what is left is a table.
*/

const GOLDEN = path.join(import.meta.dirname, '../golden')
const PIECES = [
  ' ', ',', '(', ')', '((', '))', "'", '"', '`', '\\', "''", '--', '-- ', '#', '/*', '*/', '/*!', '/*!80000 ', '/*M!100000 ', '.', '=', ';', '@', '\n', '0x', "x'4", "b'1'", '_utf8mb4', 'N\'a\'', '1e9', '.5', 'ä', '\0', 'not', 'null', 'default', 'primary key',
  'unique', 'first', 'after', 'references', 'constraint', 'check', 'as', 'select', 'partition by', 'character set', 'collate', 'comment', 'like', 'add', 'drop', 'modify', 'change', 'rename', 'to', 'convert', 'order by', 'enum(', 'varchar(', 'if not exists',
]

const statements = corpus()
const bytes = statements.map((statement) => Buffer.from(statement))

test('the histories have statements to begin with', () => {
  expect(statements.length).toBeGreaterThan(300)
})

test('damaged statements end in a result or an error with a code', { timeout: 600_000 }, async () => {
  const seen = { read: 0, error: 0 }
  await campaign('DDL', 12_000, (random) => {
    const flavor = random.pick(['mysql', 'mariadb'] as const)
    const text = random.chance(3) ? withPieces(random.pick(statements), random) : mutate(random.pick(bytes), random, bytes).toString()
    seen[outcome(flavor, text, random) === undefined ? 'error' : 'read']++
  })
  expect(seen.read).toBeGreaterThan(1000)
  expect(seen.error).toBeGreaterThan(1000)
})

test('damaged changes of random tables leave tables that are whole', { timeout: 600_000 }, async () => {
  await campaign('ALTER TABLE', 1500, (random) => {
    const flavor = random.pick(['mysql', 'mariadb'] as const)
    const ddl = new RandomDdl(random, flavor === 'mariadb', true)
    const model = filled(flavor)
    for (let count = 0; count < 6; count++) {
      const columns = model.get('d', 't')?.columns.map(({ name }) => name) ?? ['a']
      const text = random.chance(8) ? ddl.createTable('t') : ddl.alterTable('t', columns)
      attempt(model, random.chance(2) ? withPieces(text, random) : text, random)
    }
  })
})

test('long statements take no more time and memory than they are worth', { timeout: 600_000 }, async () => {
  await campaign('long DDL', 400, async (random) => {
    const flavor = random.pick(['mysql', 'mariadb'] as const)
    const lead = random.pick(['', 'create table t (', 'create table t (a int default ', 'create table t (a enum(', 'alter table t ', 'alter table t add (', 'rename table ', 'drop table ', 'set ', '/*!', "'", 'create table t (a int) ', random.pick(statements)])
    const unit = random.pick([...PIECES, 'a int,', 'a,', 'a to b,', "'a',", 'add b int,', 'drop a,', '1', 'a', '/*!80000 a*/', 'x.', '(a)', 'a b '])
    const text = lead + unit.repeat(Math.floor(32_768 / unit.length))
    await withinLimits(Buffer.from(text), () => outcome(flavor, text, random)).catch((cause: unknown) => {
      throw new Error(`${lead} and many of ${unit}`, { cause })
    })
  })
})

function corpus(): string[] {
  const found = new Set<string>()
  for (const file of readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })) {
    if (!/schema-history[^/]*\.ndjson(\.gz)?$/.test(file)) continue
    const raw = readFileSync(path.join(GOLDEN, file))
    const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8').trimEnd()
    for (const line of text === '' ? [] : text.split('\n')) {
      const { ddl } = JSON.parse(line) as { ddl?: string }
      // the few that have hundreds of labels would be the most of it
      if (ddl !== undefined && ddl.length < 3000) found.add(ddl)
    }
  }
  return [...found, "XA START X'6131',X'',1", "XA COMMIT X'6131',X'',1 ONE PHASE", 'SAVEPOINT `a`', 'truncate table t', 'create sequence s start with 1', 'set statement a=1 for create table x (y int)', 'insert into t values (1)']
}

function withPieces(text: string, random: Random): string {
  let mutant = text
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(mutant.length + 1)
    mutant = mutant.slice(0, at) + random.pick(PIECES) + mutant.slice(random.chance(2) ? at : at + random.below(12))
  }
  return mutant
}

function filled(flavor: 'mysql' | 'mariadb'): SchemaModel {
  const model = createSchemaModel({ flavor, lowerCaseTableNames: 0, serverCharset: 'latin1' })
  const context = { database: 'd', ansiQuotes: false, noBackslashEscapes: false, serverCollation: undefined, databaseCollation: undefined }
  for (const sql of ['create table t (id int, a varchar(10), b text, primary key (id))', 'create table t2 (id int not null unique, c enum("x"))', 'create table other like t']) model.apply(sql, context)
  return model
}

function outcome(flavor: 'mysql' | 'mariadb', text: string, random: Random): Statement | undefined {
  return attempt(filled(flavor), text, random)
}

/** What the statement is; undefined for an error of ours. Anything else is thrown. */
function attempt(model: SchemaModel, text: string, random: Random): Statement | undefined {
  const before = [...model.tables()]
  const modes = { ansiQuotes: random.chance(3), noBackslashEscapes: random.chance(3) }
  try {
    const statement = model.apply(text, { database: random.pick(['d', 'inv', '']), ...modes, serverCollation: random.pick([undefined, 8, 99_999]), databaseCollation: undefined })
    for (const table of model.tables()) wholeTable(table)
    return statement
  } catch (error) {
    if (!isTailraceError(error) || error.code !== 'TR_MYSQL_DDL') throw new Error(`not an error of ours, for: ${text}`, { cause: error })
    expect([...model.tables()]).toEqual(before)
    return undefined
  }
}

function wholeTable({ columns, key, name }: ReturnType<SchemaModel['get']> & object): void {
  const ok = name !== '' && columns.every((column) => column.name !== '' && column.typeName !== '' && Number.isInteger(column.jdbcType) && (column.length === undefined || column.length >= 0)) && key.every((index) => index >= 0 && index < columns.length)
  if (!ok) throw new Error(`not a table: ${JSON.stringify({ columns, key, name })}`)
}

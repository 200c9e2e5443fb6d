import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { UNAVAILABLE } from '../../src/event/unavailable.ts'
import { samplesOf, type TypeSample } from '../integration/mysql-value/type-sample.ts'
import { startServer } from '../integration/mysql-run.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMysql } from '../server/require.ts'
import { logChanges } from './logged-changes.ts'
import { randomChanges } from './random-changes.ts'
import { readWithZongji, type ZongjiReading } from './zongji-reader.ts'

const LIBRARY = '@vlasky/zongji'
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** What it reads wrongly, or in a form that has not all of the value: see below, and the mysqlbinlog test beside this one. */
const WRONG = /^(?:float|vector|geometry|point|linestring|polygon|multi|year)|b,c|'d''e'|18446744073709551615,-9223|json_object|character set (?:dec8|geostd8|hp8|keybcs2|swe7|gb2312|macroman|sjis|ujis)/i

const withMysql = await requireMysql()

withMysql('zongji’s maintained fork on MySQL', () => {
  let server: MysqlServer
  let made = 0

  beforeAll(async () => {
    server = await startServer('MySQL')
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  /** What both say of the same changes. */
  async function both(before: string, changes: readonly string[], rows: number): Promise<{ ours: unknown[]; theirs: ZongjiReading }> {
    const name = `z${++made}`
    await server.script(`create database ${name} character set utf8mb4; use ${name}; ${before}`)
    const { seen, file } = await logChanges('MySQL', server, name, rows, async () => await server.script(changes.join(';'), name))
    return { ours: seen.map(({ op, before: old, after }) => ({ op, before: old, after })), theirs: await readWithZongji(LIBRARY, server, name, file) }
  }

  it('agrees on every other type, changed at random', async () => {
    console.log(`changes for zongji: FUZZ_SEED=${SEED}`)
    const samples = samplesOf('MySQL').filter(({ sql, values }) => !WRONG.test(`${sql} ${values.join()}`))
    const { tables, statements, rows } = randomChanges(samples, SEED, 600)
    await server.script(`create database any_type character set utf8mb4; use any_type; set sql_mode = ''; ${tables.join(';')}`)
    const session = "set sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"
    const { seen, file } = await logChanges('MySQL', server, 'any_type', rows, async () => await server.script([session, ...statements].join(';'), 'any_type'))
    const theirs = await readWithZongji(LIBRARY, server, 'any_type', file)
    expect(theirs.errors).toEqual([])
    expect(theirs.changes).toHaveLength(rows)
    const sample = (table: string): TypeSample => samples[Number(table.slice(table.lastIndexOf('t') + 1))]!
    // told by type, each with the first change that the two do not agree on
    const differences = new Map<string, unknown>()
    seen.forEach(({ op, table, before, after }, index) => {
      const their = theirs.changes[index]!
      const { sql } = sample(table)
      const said = [{ op, table, before, after }, their].map((one) => ({ op: one.op, table: one.table, before: plain(one.before, sql), after: plain(one.after, sql) }))
      if (!differences.has(sql) && !isDeepStrictEqual(said[0], said[1])) differences.set(sql, said)
    })
    expect(Object.fromEntries(differences)).toEqual({})
  }, 120_000)

  it('loses the values of a VECTOR, makes up rows out of its bytes, and goes on counting transactions as done', async () => {
    const { ours, theirs } = await both('create table t (id int primary key, v vector(2))', ["insert into t values (1, to_vector('[1,2.5]'))", 'create table u (id int)', 'insert into u values (2)'], 2)
    expect(ours[0]).toEqual({ op: 'c', before: null, after: { id: 1, v: [1, 2.5] } })
    expect(theirs.errors[0]).toMatchObject({ message: expect.stringContaining('Unsupported type "242"') as string, transactions: 0 })
    // the row's transaction ends all the same, and what comes later is told
    expect(theirs.transactions).toBe(2)
    const told = theirs.changes.map(({ after }) => after as { id: number; v?: unknown })
    expect(told.length).toBeGreaterThan(2)
    expect([told[0], told.at(-1)]).toEqual([{ id: 1, v: undefined }, { id: 2 }])
  })

  it.each([
    ['a compressed transaction', 'set session binlog_transaction_compression = 1', "insert into t values (2, '{}')"],
    ['an update of a part of a document', "set session binlog_row_value_options = 'PARTIAL_JSON'", "update t set v = json_set(v, '$.a', 2) where id = 1"],
  ])('loses %s, which any session with the privilege may write', async (_, setting, change) => {
    const { ours, theirs } = await both(`create table t (id int primary key, v json); insert into t values (1, '{"a": 1, "b": "${'x'.repeat(100)}"}')`, [setting, change, "set session binlog_transaction_compression = 0, binlog_row_value_options = ''", "insert into t values (9, '[]')"], 2)
    expect(ours).toEqual([expect.anything(), { op: 'c', before: null, after: { id: 9, v: [] } }])
    expect(theirs.errors).toHaveLength(1)
    expect(theirs.changes).toEqual([expect.objectContaining({ after: { id: 9, v: [] } })])
  })

  it('says another value: the year 0, a FLOAT, and an ENUM whose members have commas or quotes', async () => {
    const { ours, theirs } = await both(`create table t (id int primary key, y year, f float, e enum('a','b,c','it''s'))`, ["insert into t values (1, '0000', 1.1, 'b,c'), (2, 2000, 0.1, 'it''s')"], 2)
    expect(ours.map((change) => (change as { after: unknown }).after)).toEqual([{ id: 1, y: 0, f: 1.1, e: 'b,c' }, { id: 2, y: 2000, f: 0.1, e: "it's" }])
    expect(theirs.changes.map(({ after }) => after)).toEqual([
      expect.objectContaining({ y: 1900, f: 1.100000023841858, e: expect.not.stringMatching(/^b,c$/) as string }),
      expect.objectContaining({ f: 0.10000000149011612, e: expect.not.stringMatching(/^it's$/) as string }),
    ])
  })

  it('says other letters, or bytes, where a character set of the server is not quite the one of that name elsewhere', async () => {
    const { ours, theirs } = await both('create table t (id int primary key, a varchar(9) character set gb2312, b varchar(9) character set sjis, c varchar(9) character set ujis); create table u (id int primary key, a varchar(9) character set swe7)', ["insert into t values (1, '中文・', '日本〜', '日本〜')", "insert into u values (2, 'ÅÄÖ')"], 2)
    expect(ours.map((change) => (change as { after: unknown }).after)).toEqual([{ id: 1, a: '中文・', b: '日本〜', c: '日本〜' }, { id: 2, a: 'ÅÄÖ' }])
    expect(theirs.changes).toEqual([expect.objectContaining({ after: { id: 1, a: '中文·', b: '日本～', c: '日本～' } }), expect.objectContaining({ after: { id: 2, a: Buffer.from('][\\') } })])
    expect(theirs.errors).toEqual([])
  })

  it('says NULL where the log does not say', async () => {
    const { ours, theirs } = await both("create table t (id int primary key, a int, b varchar(9)); insert into t values (1, 10, 'b')", ["set session binlog_row_image = 'MINIMAL'", 'update t set a = 11'], 1)
    expect(ours).toEqual([{ op: 'u', before: { id: 1, a: UNAVAILABLE, b: UNAVAILABLE }, after: expect.objectContaining({ a: 11, b: UNAVAILABLE }) as unknown }])
    expect(theirs.changes).toEqual([expect.objectContaining({ before: { id: 1, a: null, b: null }, after: { id: null, a: 11, b: null } })])
  })

  it('says values under the names that other columns have today', async () => {
    const { ours, theirs } = await both('create table t (id int primary key, a int, b int)', ['insert into t values (1, 10, 20)', 'alter table t modify b int after id', 'insert into t values (2, 21, 11)'], 2)
    expect(ours.map((change) => (change as { after: unknown }).after)).toEqual([{ id: 1, a: 10, b: 20 }, { id: 2, b: 21, a: 11 }])
    expect(theirs.changes.map(({ after }) => after)).toEqual([{ id: 1, a: 20, b: 10 }, { id: 2, b: 21, a: 11 }])
  })
})

/** A row in a form that both have: their BIT is bytes, their SET text, their integers beyond 2^53 text, their moments have a blank where ours have a T. */
function plain(row: Record<string, unknown> | null, sql: string): Record<string, unknown> | null {
  if (row === null) return null
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name === 'v' && value !== null ? plainValue(value, sql) : value]))
}

function plainValue(value: unknown, sql: string): unknown {
  if (sql === 'json') return value
  if (/^bit/.test(sql)) return value instanceof Uint8Array ? BigInt(`0x${Buffer.from(value).toString('hex')}`) : BigInt(value as boolean | bigint)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.join()
  if (/^(?:date|timestamp)/.test(sql)) return (value as string).replace('T', ' ').replace('Z', '')
  return String(value)
}

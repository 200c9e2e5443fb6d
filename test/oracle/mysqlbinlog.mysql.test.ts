import { expect, it } from 'vitest'
import { samplesOf, type TypeSample } from '../integration/mysql-value/type-sample.ts'
import { SERVER_KINDS, startServer } from '../integration/mysql-run.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { readListing, unquoted } from './binlog-listing.ts'
import { logChanges } from './logged-changes.ts'
import { randomChanges } from './random-changes.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Types that it prints as what they are: the rest it prints as bytes, numbers of members, or not to the last digit. */
const EXACT = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|bool|date$|time\(|datetime|varchar\(\d+\)$|char\(\d+\)$|bit)/

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

withMysql.each(SERVER_KINDS)('the server’s own listing of its log, %s', (kind) => {
  it('has the same rows, changed at random', async () => {
    console.log(`changes for mysqlbinlog: FUZZ_SEED=${SEED}`)
    await using server = await startServer(kind)
    const samples = samplesOf(kind).filter(({ sql, values }) => EXACT.test(sql) && !/zerofill|\\[0Zrbtn"\\]|😀/.test(`${sql} ${values.join()}`))
    const { tables, statements, rows } = randomChanges(samples, SEED, 400)
    await server.script(`create database any_type character set utf8mb4; use any_type; set sql_mode = ''; ${tables.join(';')}`)
    const session = "set sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"
    const { seen, file } = await logChanges(kind, server, 'any_type', rows, async () => await server.script([session, ...statements].join(';'), 'any_type'))
    const listed = readListing(await server.mysqlbinlog('-vv', '--base64-output=decode-rows', file))
    expect(listed).toHaveLength(rows)
    const differences = new Map<string, unknown>()
    seen.forEach(({ op, table, before, after }, index) => {
      const their = listed[index]!
      const { sql } = samples[Number(table.slice(table.lastIndexOf('t') + 1))]!
      const ours = { op, table, before: values(before), after: values(after) }
      const theirs = { op: their.op, table: their.table, before: plain(their.before, sql), after: plain(their.after, sql) }
      if (JSON.stringify(ours) !== JSON.stringify(theirs) && !differences.has(sql)) differences.set(sql, [ours, theirs])
    })
    expect(Object.fromEntries(differences)).toEqual({})
  }, 240_000)
})

/** Ours, as texts. */
function values(row: Record<string, unknown> | null): readonly (string | null)[] | null {
  return row === null ? null : Object.values(row).map((value) => (value === null ? null : typeof value === 'boolean' ? String(Number(value)) : String(value as string | number | bigint)))
}

/** Theirs, as ours are. */
function plain(row: readonly string[] | null, sql: TypeSample['sql']): readonly (string | null)[] | null {
  return row === null ? null : row.map((value, column) => (value === 'NULL' ? null : column === 1 ? plainValue(value, sql) : value))
}

function plainValue(value: string, sql: string): string {
  if (sql.startsWith('bit')) return String(BigInt(`0b${value.replace(/^b'|'$/g, '')}`))
  if (/^datetime/.test(sql)) return value.replace(/^'|'$/g, '').replace(' ', 'T')
  if (/^date$/.test(sql)) return value.replace(/^'|'$/g, '').replaceAll(':', '-')
  if (/^(?:var)?char/.test(sql)) return unquoted(value)
  // an integer below zero, as far as it knows, is followed by what it would be without a sign
  const [, signed, unsigned] = /^(-\d+)(?: \((\d+)\))?$/.exec(value) ?? []
  return (sql.includes('unsigned') ? unsigned : signed) ?? value.replace(/^'|'$/g, '')
}

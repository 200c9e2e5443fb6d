import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { everyMysql, type MysqlKind } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'

/** `TAILRACE_LARGE_ROWS=5000000`: as in the PostgreSQL test, which takes minutes here. So many as it has otherwise do not fit into memory either. */
const ROWS = Number(process.env['TAILRACE_LARGE_ROWS'] ?? 1_000_000)
/** Rows of one statement. */
const STEP = 100_000
const MOST_MIB = 256
const CHILD = path.join(import.meta.dirname, 'large-transaction-child.mjs')

interface Line {
  readonly state?: string
  readonly retry?: string
  readonly error?: string
  readonly count?: number
  readonly inOrder?: boolean
  readonly transactions?: number
  readonly peakMiB?: number
}

for (const { name, kind, suite, start } of await everyMysql()) {
  suite(`a transaction larger than memory, ${name}`, () => {
    let server: MysqlServer

    beforeAll(async () => {
      server = await start({ settings: kind === 'mysql' ? {} : { 'log-bin-compress-min-len': '10' } })
      await server.script(`create database seed; use seed; create table digit (d int); insert into digit values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
        create table n (id int primary key) select 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d as id from digit a, digit b, digit c, digit d, digit e`)
    })
    afterAll(async () => await server?.[Symbol.asyncDispose]())

    it(`${ROWS} rows in one transaction through a heap of 192 MiB and a sink that takes its time: every row in order, under ${MOST_MIB} MiB resident, over one connection`, { timeout: 600_000 }, async () => {
      const lines = await pass(server, kind, '', "concat('row number ', id)")
      expectAll(lines, name)
    })

    it('the same in compressed form', { timeout: 600_000 }, async () => {
      const on = kind === 'mysql' ? 'set session binlog_transaction_compression = ON' : 'set global log_bin_compress = ON'
      const lines = await pass(server, kind, on, "concat('row number ', id, repeat(' of many rows', 7))")
      expectAll(lines, `${name}, compressed`)
    })
  })
}

async function pass(server: MysqlServer, kind: MysqlKind['kind'], before: string, value: string): Promise<Line[]> {
  await server.createDatabase('large')
  await server.query('create table t (id int primary key, v varchar(200))', 'large')
  const child = spawn(process.execPath, ['--max-old-space-size=192', CHILD, JSON.stringify({ kind, port: server.port, rows: ROWS })], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line
      lines.push(line)
      if (line.state === 'streaming') await write(server, before, value)
    }
  } finally {
    child.kill('SIGKILL')
  }
  return lines
}

async function write(server: MysqlServer, before: string, value: string): Promise<void> {
  await server.withClient('large', async (client) => {
    if (before !== '') await client.query(before)
    await client.query('begin')
    for (let first = 0; first < ROWS; first += STEP) await client.query(`insert into t select id, ${value} from (select id + ${first} as id from seed.n order by id limit ${Math.min(STEP, ROWS - first)}) as numbers`)
    await client.query('commit')
  })
}

function expectAll(lines: readonly Line[], what: string): void {
  const result = lines.at(-1)!
  process.stdout.write(`a transaction of ${ROWS} rows, ${what}: ${result.peakMiB?.toFixed(0)} MiB resident at most\n`)
  expect(result).toMatchObject({ count: ROWS, inOrder: true, transactions: 1 })
  expect(result.peakMiB).toBeLessThan(MOST_MIB)
  expect(lines.filter(({ retry }) => retry !== undefined)).toEqual([])
}

import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyMysql, type MysqlKind } from '../server/every-mysql.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { sideBySide } from '../server/side-by-side.ts'

/** `TAILRACE_LARGE_ROWS=5000000`: as many as in the test of PostgreSQL, which takes minutes here. Those it has otherwise do not fit into the memory either. */
const FULL = process.env['TAILRACE_LARGE_ROWS']
const ROWS = Number(FULL ?? 500_000)
/** Rows of one statement. */
const STEP = 100_000
const HEAP_MIB = 192
const MOST_MIB = 256
const TIMEOUT_MS = 600_000
const CHILD = path.join(import.meta.dirname, 'large-transaction-child.mjs')

/** The last line the child prints, and what it printed before. */
interface Result {
  readonly state?: string
  readonly retry?: string
  readonly error?: string | null
  readonly count?: number
  readonly inOrder?: boolean
  readonly largestBatch?: number
  readonly transactions?: number
  readonly peakMiB?: number
}

interface Transaction {
  readonly before?: string
  readonly begin?: string
  readonly commit?: string
  /** SQL of the column beside the id. */
  readonly value: string
  readonly limits?: { readonly maxEventBytes?: number; readonly maxXaBytes?: number }
}

const NARROW = "concat('row number ', id)"
const WIDE = "concat('row number ', id, repeat(' of many rows', 7))"
const XA = { begin: "xa start 'large'", commit: "xa end 'large'; xa prepare 'large'; xa commit 'large'", value: NARROW }
const WHOLE = { error: null, count: ROWS, inOrder: true, transactions: 1 }

for (const { name, kind, suite, start } of await everyMysql()) {
  // its log is that of 11.8
  if (name === 'MariaDB 10.11' && FULL === undefined) continue
  sideBySide(suite, `through a heap of ${HEAP_MIB} MiB and a sink that takes its time, ${name}`, () => {
    let server: MysqlServer

    beforeAll(async () => {
      // MariaDB asks of the first row of an event whether it is long enough
      server = await start({ settings: kind === 'mysql' ? {} : { 'log-bin-compress-min-len': '10' } })
      await server.script(`create database seed; use seed; create table digit (d int); insert into digit values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
        create table n (id int primary key) select 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d as id from digit a, digit b, digit c, digit d, digit e`)
    })
    afterAll(async () => await server?.[Symbol.asyncDispose]())

    async function pass(what: string, transaction: Transaction): Promise<Result> {
      const begun = performance.now()
      const { result, retries } = await passed(server, kind, transaction)
      process.stdout.write(`${ROWS} rows, ${name}, ${what}: ${result.peakMiB?.toFixed(0)} MiB resident at most, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`)
      expect(result.peakMiB).toBeLessThan(MOST_MIB + (transaction.limits?.maxXaBytes ?? 0) / 1_048_576)
      expect(retries).toEqual([])
      return result
    }

    it(`${ROWS} rows of one transaction arrive in order, in batches of the usual size, over one connection, with under ${MOST_MIB} MiB resident`, async () => {
      const result = await pass('plain', { value: NARROW })
      expect(result).toMatchObject(WHOLE)
      expect(result.largestBatch).toBeLessThanOrEqual(1024)
    }, TIMEOUT_MS)

    it('the same in compressed form', async () => {
      const end = await endOfLog(server, kind)
      const result = await pass('compressed', { before: kind === 'mysql' ? 'set session binlog_transaction_compression = ON' : 'set global log_bin_compress = ON', value: WIDE })
      if (kind === 'mariadb') await server.query('set global log_bin_compress = OFF')
      expect(result).toMatchObject(WHOLE)
      expect(result.largestBatch).toBeLessThanOrEqual(1024)
      const types = await eventTypes(server, `'${end.File}' from ${end.Position}`)
      // MariaDB makes a file of its own of a transaction that is large enough (binlog_large_commit_threshold)
      const files = (await server.query<{ Log_name: string }>('show binary logs')).map((file) => file.Log_name)
      for (const file of files) if (file > end.File) types.push(...(await eventTypes(server, `'${file}'`)))
      expect([...new Set(types)].join()).toContain(kind === 'mysql' ? 'Transaction_payload' : 'Write_rows_compressed_v1')
    }, TIMEOUT_MS)

    describe('of an XA transaction', () => {
      it('they arrive at its commit, held until then within the limit', async () => {
        // 24 bytes a row in the log, in events of 8 kB; as objects they would not fit into the heap
        const result = await pass('XA', { ...XA, limits: { maxXaBytes: 30 * ROWS } })
        expect(result).toMatchObject(WHOLE)
        expect(result.largestBatch).toBeLessThanOrEqual(1024)
      }, TIMEOUT_MS)

      it('the limit ends it before the memory does', async () => {
        const result = await pass('XA beyond its limit', { ...XA, limits: { maxXaBytes: 12 * ROWS } })
        expect(result).toMatchObject({ error: 'TR_MYSQL_XA_TOO_LARGE', count: 0 })
      }, TIMEOUT_MS)
    })

    it.runIf(kind === 'mysql')('a compressed transaction that is larger than the limit of an event is refused, not read', async () => {
      const result = await pass('compressed, beyond the limit', { before: 'set session binlog_transaction_compression = ON', value: WIDE, limits: { maxEventBytes: 1024 * 1024 } })
      expect(result).toMatchObject({ error: 'TR_MYSQL_EVENT_TOO_LARGE', count: 0 })
    }, TIMEOUT_MS)
  })
}

/** Writes the transaction as soon as an engine in a process of its own streams; what that prints last. */
async function passed(server: MysqlServer, kind: MysqlKind['kind'], transaction: Transaction): Promise<{ readonly result: Result; readonly retries: readonly string[] }> {
  await server.createDatabase('large')
  await server.query('create table t (id int primary key, v varchar(200))', 'large')
  const order = JSON.stringify({ kind, port: server.port, rows: ROWS, limits: transaction.limits })
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, CHILD, order], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Result[] = []
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Result
      lines.push(line)
      if (line.state === 'streaming') await write(server, transaction)
    }
  } finally {
    child.kill('SIGKILL')
  }
  return { result: lines.at(-1) ?? {}, retries: lines.flatMap(({ retry }) => retry ?? []) }
}

async function write(server: MysqlServer, { before, begin = 'begin', commit = 'commit', value }: Transaction): Promise<void> {
  await server.withClient('large', async (client) => {
    if (before !== undefined) await client.query(before)
    await client.query(begin)
    for (let first = 0; first < ROWS; first += STEP) await client.query(`insert into t select id, ${value} from (select id + ${first} as id from seed.n order by id limit ${Math.min(STEP, ROWS - first)}) as numbers`)
    await client.query(commit)
  })
}

/** Of the first events there. */
async function eventTypes(server: MysqlServer, place: string): Promise<string[]> {
  return (await server.query<{ Event_type: string }>(`show binlog events in ${place} limit 200`)).map((event) => event.Event_type)
}

async function endOfLog(server: MysqlServer, kind: MysqlKind['kind']): Promise<{ readonly File: string; readonly Position: number }> {
  const [end] = await server.query<{ File: string; Position: number }>(kind === 'mysql' ? 'show binary log status' : 'show master status')
  return end!
}

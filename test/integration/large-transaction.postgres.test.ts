import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

const withPostgres = await requirePostgres(17)
const ROWS = 5_000_000
const MOST_MIB = 256
const CHILD = path.join(import.meta.dirname, 'slow-reader-child.mjs')

interface Line {
  readonly state?: string
  readonly retry?: string
  readonly count?: number
  readonly inOrder?: boolean
  readonly transactions?: number
  readonly peakMiB?: number
}

withPostgres('a transaction larger than memory', () => {
  let server: PostgresServer

  beforeAll(async () => {
    // A reader that is not heard of for this long loses its connection. The memory is so that the server keeps the transaction in it: what
    // it spills it writes and reads again row by row, a system call for each (reorderbuffer.c), and the engine sees no difference.
    server = await startPostgres({ major: 17, settings: { wal_sender_timeout: '2s', logical_decoding_work_mem: '2GB' } })
    await server.query('create table large (id int primary key, v text)')
  })
  afterAll(async () => await server[Symbol.asyncDispose]())

  it(`${ROWS} rows in one transaction through a heap of 192 MiB and a sink that takes its time: every row in order, under ${MOST_MIB} MiB resident, over one connection`, { timeout: 600_000 }, async () => {
    const child = spawn(process.execPath, ['--max-old-space-size=192', CHILD, server.url(), String(ROWS)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: Line[] = []
    try {
      for await (const text of createInterface({ input: child.stdout })) {
        const line = JSON.parse(text) as Line
        lines.push(line)
        if (line.state === 'streaming') await server.query(`insert into large select i, 'row number ' || i from generate_series(1, ${ROWS}) i`)
      }
    } finally {
      child.kill('SIGKILL')
    }
    const result = lines.at(-1)!
    process.stdout.write(`a transaction of ${ROWS} rows: ${result.peakMiB?.toFixed(0)} MiB resident at most\n`)
    expect(result).toMatchObject({ count: ROWS, inOrder: true, transactions: 1 })
    expect(result.peakMiB).toBeLessThan(MOST_MIB)
    expect(lines.filter(({ retry }) => retry !== undefined)).toEqual([])
  })
})

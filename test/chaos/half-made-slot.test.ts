import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { CompiledChild } from './compiled-child.ts'
import type { LogLine } from './engine-order.ts'
import { EngineProcess } from './engine-process.ts'
import { SCHEMA, TABLES } from './schema.ts'

const withPostgres = await requirePostgres(17)
const DATABASE = 'slots'
const NAME = 'half_made'

withPostgres('a slot that is being made', () => {
  let server: PostgresServer
  let child: CompiledChild
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-slots-'))

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    child = CompiledChild.compile()
    await server.createDatabase(DATABASE)
    await server.query(SCHEMA, DATABASE)
  })
  afterAll(async () => {
    child[Symbol.dispose]()
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(number: number): EngineProcess {
    return new EngineProcess(child, {
      port: server.port, database: DATABASE, name: NAME, offsets: path.join(folder, 'offset.json'), log: path.join(folder, `${number}.log`), tables: TABLES.map(({ name }) => name), maxBatchEvents: 16, offsetIntervalMs: 0,
    })
  }

  const half = `count(*) = 1 from pg_replication_slots where slot_name = '${NAME}' and confirmed_flush_lsn is null`

  it('when its process is killed: the next one waits until the slot is gone, takes its snapshot and goes on', async () => {
    await server.withClient(DATABASE, async (writer) => {
      // CREATE_REPLICATION_SLOT waits for this transaction, and its walsender does not notice meanwhile that its client is dead
      await writer.query('begin')
      await writer.query("insert into marker (tag) values ('open')")
      await using first = start(1)
      await server.until(`select ${half} and (select count(*) = 1 from pg_stat_activity where backend_type = 'walsender' and wait_event_type = 'Lock')`)
      await first.kill()
      await using second = start(2)
      expect(await second.until((lines) => lines.some((line) => 'loaded' in line), 10_000)).toBe(true)
      // what it must not do is take its snapshot beside the slot; without its own half-made one it would, within this time
      expect(await second.until((lines) => lines.some((line) => 'state' in line && line.state === 'snapshot'), 1_500)).toBe(false)
      expect(await server.value(`select ${half}`)).toBe(true)
      await writer.query('commit')
      expect(await second.until((lines) => lines.some((line) => 'state' in line && line.state === 'streaming'), 15_000)).toBe(true)
      await writer.query("insert into marker (tag) values ('after')")
      expect(await second.until((lines) => tags(lines).includes('after'), 10_000)).toBe(true)
      expect(tags(second.lines())).toEqual(['open', 'after'])
      second.terminate()
      expect(await second.ended(10_000)).toBe(true)
      expect(second.lines().at(-1)).toEqual({ stopped: true })
    })
  })
})

function tags(lines: readonly LogLine[]): unknown[] {
  return lines.flatMap((line) => ('e' in line ? [line.a?.['tag']] : []))
}

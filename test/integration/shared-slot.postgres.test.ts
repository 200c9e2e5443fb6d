import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { brief, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'shared'

withPostgres('two engines with one slot and an offset file each', () => {
  let server: PostgresServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key)', DB)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function start(offsets: string): EngineRun {
    return runEngine({ port: server.port, database: DB, name: 'shared', offsets: folder.file(offsets), source: { slot: { name: 'shared', activeTimeoutMs: 15_000 } } })
  }

  it('the second fails when the first has confirmed more while it waited for the slot: what it would never get is not left out silently', async () => {
    await using first = start('first')
    await first.streaming()
    await server.query('insert into t values (1)', DB)
    await first.delivered(1)
    await first.settled()
    copyFileSync(folder.file('first'), folder.file('second'))

    await using second = start('second')
    // it has seen that its offset fits the slot, and now the slot is in use: START_REPLICATION is refused and tried again
    await expect.poll(() => /replication slot "shared" is active/.test(server.log()), { timeout: 60_000 }).toBe(true)
    await server.query('insert into t values (2)', DB)
    await first.delivered(2)
    await first.settled()
    await first.stop()
    await server.query('insert into t values (3)', DB)

    const error = await second.failure()
    expect({ code: error.code, kind: error.kind }).toEqual({ code: 'TR_PG_SLOT_ADVANCED', kind: 'fatal' })
    expect(brief(second.seen)).toEqual([])
    // and it let go of the slot
    await server.until("select not active from pg_replication_slots where slot_name = 'shared'")
  })
})

import { copyFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startCommand } from '../server/command.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { debeziumFileOffsets } from '../../src/debezium/index.ts'
import { brief, doubled, numbered, offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const DB = 'stall'
const WAL_SENDER_TIMEOUT_MS = 1_000

withPostgres('an engine that stands still for longer than wal_sender_timeout', () => {
  let server: PostgresServer
  const folder = offsetFolder()
  let count = 0
  let name: string

  beforeAll(async () => {
    server = await startPostgres({ major: 17, settings: { wal_sender_timeout: `${WAL_SENDER_TIMEOUT_MS}ms` } })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key)', DB)
    name = `stall_${++count}`
  })

  function start(options: Partial<Parameters<typeof runEngine>[0]> = {}): EngineRun {
    return runEngine({ port: server.port, database: DB, name, offsets: folder.file(String(count)), ...options })
  }

  it('the event loop is blocked by the handler: the connection is lost, the changes are not', async () => {
    let blocked = 0
    await using run = start({
      handle: (events) => {
        if (!events.some(({ key }) => key?.['id'] === 500 || key?.['id'] === 1500)) return
        blocked++
        // as a handler that computes: nothing else runs in this process meanwhile
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2.5 * WAL_SENDER_TIMEOUT_MS)
      },
      engine: { limits: { maxBatchEvents: 100 } },
    })
    await run.streaming()
    await server.query('insert into t select generate_series(1, 1000)', DB)
    await run.delivered(1_000)
    await server.query('insert into t select generate_series(1001, 2000)', DB)
    await run.delivered(2_000)
    await run.stop()
    expect(brief(run.seen)).toEqual(numbered('c', 1, 2_000))
    expect(doubled(run.seen)).toEqual([])
    expect(blocked).toBe(2)
    expect(run.retries.every(({ code }) => code === 'TR_PG_DISCONNECTED')).toBe(true)
    expect(server.log()).toContain('terminating walsender process due to replication timeout')
  })

  it.each([['little', 10], ['more than all buffers hold', 200_000]])('the sink waits, with %s behind it: the server is answered all the while, no reconnect', async (_, rows) => {
    let waited = false
    await using run = start({
      handle: async () => {
        if (waited) return
        waited = true
        await delay(3 * WAL_SENDER_TIMEOUT_MS)
      },
    })
    await run.streaming()
    await server.query(`insert into t select generate_series(1, ${rows})`, DB)
    await run.delivered(rows)
    await run.settled()
    expect(run.retries).toEqual([])
    expect(run.seen).toHaveLength(rows)
    expect(doubled(run.seen)).toEqual([])
    await run.stop()
  })

  it('its process is stopped (SIGSTOP): another takes over from the same offset, and the first, awake again, finds that out', async () => {
    const properties = folder.file(`${count}.properties`)
    writeFileSync(properties, Object.entries({
      'name': name, 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': 'x',
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.dbname': DB, 'slot.name': name, 'publication.name': name,
      'publication.autocreate.mode': 'filtered', 'offset.storage.file.filename': folder.file(`${count}_first`), 'offset.flush.interval.ms': 0, 'converter.schemas.enable': 'false',
      'status.update.interval.ms': 200, 'errors.retry.delay.initial.ms': 50,
    }).map(([key, value]) => `${key}=${value}\n`).join(''))
    await using zombie = startCommand(['run', properties, '--status', 'json'])
    await zombie.until('stderr', (text) => text.includes('"state":"streaming"'))
    await server.query('insert into t values (1)', DB)
    await zombie.until('stdout', (text) => text.includes('"id":1'))
    const written = await server.value<string>('select pg_current_wal_lsn()::text')
    await server.until(`select confirmed_flush_lsn >= '${written}' from pg_replication_slots`)
    zombie.kill('SIGSTOP')
    // the file itself is still held: its process lives
    await using same = start({ offsets: folder.file(`${count}_first`) })
    expect(await same.failure()).toMatchObject({ code: 'TR_OFFSET_LOCKED' })
    copyFileSync(folder.file(`${count}_first`), folder.file(String(count)))
    await server.query('insert into t values (2)', DB)
    // the command keeps its offset in Debezium's file
    await using run = start({ engine: { offsets: debeziumFileOffsets(folder.file(String(count)), { server: 'x', name }) } })
    await run.delivered(1)
    await server.query('insert into t values (3)', DB)
    await run.delivered(2)
    await run.settled()
    await run.stop()
    expect(brief(run.seen)).toEqual(['c2', 'c3'])
    zombie.kill('SIGCONT')
    const { code, stdout, stderr } = await zombie.ended
    expect({ code, advanced: stderr.includes('TR_PG_SLOT_ADVANCED') }).toEqual({ code: 4, advanced: true })
    // what its socket still held may have come out, nothing beyond
    expect(['1', '1,2']).toContain([...stdout.matchAll(/"after":\{"id":(\d+)\}/g)].map(([, id]) => id).join())
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

/*
  Messages of pg_logical_emit_message stand inside transactions, between them, and, not transactional, inside the WAL of a
  transaction that commits later or never. Stopped after any of them and resumed, none is lost and none comes twice.
*/

const DB = 'message'
const withPostgres = await requirePostgres(17)

withPostgres('logical messages', () => {
  let server: PostgresServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key); create publication p for table t', DB)
    for (const slot of ['whole', 'single']) await server.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`, DB)
    await server.withClient(DB, async (other) => {
      const message = (transactional: boolean, content: string): string => `select pg_logical_emit_message(${String(transactional)}, 'm', '${content}')`
      await other.query(`begin; insert into t values (100); ${message(false, 'at once, its transaction is still open')}; ${message(true, 'with its transaction')}`)
      await server.script(DB, `${message(false, 'between')}; insert into t values (1); ${message(true, 'alone')}; ${message(false, 'between again')};
        begin; insert into t values (2); ${message(false, 'inside, at once')}; insert into t values (3); ${message(true, 'inside')}; insert into t values (4); commit;
        begin; insert into t values (5); ${message(false, 'rolled back, and sent all the same')}; ${message(true, 'rolled back, and never sent')}; rollback;
        ${message(false, '')}; ${message(false, '')}`)
      await other.query(`${message(false, 'at once, too')}; insert into t values (101); commit`)
      await server.query('insert into t values (9)', DB)
    })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function start(slot: string, seen: string[], stopAfter?: number): EngineRun {
    return runEngine({
      port: server.port, database: DB, name: slot, offsets: folder.file(slot), engine: stopAfter === undefined ? {} : { stopAfter },
      source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true },
      handle: (events) => {
        for (const { id, message, after } of events) seen.push(`${id} ${message === undefined ? (after!['id'] as number) : `${message.transactional ? 'm' : 'M'} ${message.content.toString()}`}`)
      },
    })
  }

  it('come in their places, and resumed after every single one the same', async () => {
    const whole: string[] = []
    await using run = start('whole', whole)
    await run.until(() => whole.at(-1)?.endsWith(' 9') ?? false, 'the end')
    await run.stop()
    expect(whole.map((text) => text.slice(text.indexOf(' ') + 1))).toEqual([
      'M at once, its transaction is still open', 'M between', '1', 'm alone', 'M between again', 'M inside, at once', '2', '3', 'm inside', '4', 'M rolled back, and sent all the same', 'M ', 'M ',
      'M at once, too', '100', 'm with its transaction', '101', '9',
    ])
    expect(new Set(whole.map((text) => text.split(' ')[0])).size).toBe(whole.length)
    const seen: string[] = []
    while (seen.length < whole.length) {
      const before = seen.length
      await using part = start('single', seen, 1)
      expect(await part.ended).toBeUndefined()
      expect(seen).toEqual(whole.slice(0, before + 1))
    }
  })
})

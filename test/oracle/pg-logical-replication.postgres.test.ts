import { LogicalReplicationService, PgoutputPlugin, type Pgoutput } from 'pg-logical-replication'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { brief, offsetFolder, runEngine } from '../integration/engine-run.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

/*
  Why pg-logical-replication 2.5.0 is no part of the run time (docs/decision/0001). Each fault of it is shown on a real
  server, and beside it that the same steps lose nothing here. The day one of these tests fails because the library has
  become better, the decision can be looked at again.
*/

const withPostgres = await requirePostgres(17)
const DB = 'plr'

withPostgres('pg-logical-replication 2.5.0 on PostgreSQL 17', () => {
  let server: PostgresServer
  const folder = offsetFolder()

  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  beforeEach(async () => {
    await server.createDatabase(DB)
    await server.query('create table t (id int primary key); create publication p for table t', DB)
    await server.query("select pg_create_logical_replication_slot('s', 'pgoutput')", DB)
  })

  const confirmed = (): Promise<string> => server.value<string>("select confirmed_flush_lsn::text from pg_replication_slots where slot_name = 's'")

  /** Two transactions whose commit records lie side by side in the WAL, as they do whenever two sessions commit at the same time. */
  async function commitSideBySide(): Promise<void> {
    await server.withClient(DB, async (first) => {
      await server.withClient(DB, async (second) => {
        await first.query('begin; insert into t values (1)')
        await second.query('begin; insert into t values (2)')
        await Promise.all([first.query('commit'), second.query('commit')])
      })
    })
  }

  describe('it acknowledges one byte more than it was given', () => {
    it('and the transaction that begins its commit record at that byte never comes: the second of two that commit together is lost', async () => {
      await commitSideBySide()
      // a consumer that does everything right: it acknowledges the first commit once that is done, and then goes away
      await using first = consume(server, { acknowledge: { auto: false, timeoutSeconds: 0 } })
      const commit = await first.message('commit')
      await first.service.acknowledge(commit.lsn)
      await server.until(`select confirmed_flush_lsn > '${commit.message.commitEndLsn}' from pg_replication_slots where slot_name = 's'`)
      expect(await server.value<string>(`select ('${await confirmed()}'::pg_lsn - '${commit.message.commitEndLsn}'::pg_lsn)::text`)).toBe('1')
      await first[Symbol.asyncDispose]()
      const firstId = first.inserted[0]
      // it comes back, and something that is committed later arrives at once
      await server.query('insert into t values (3)', DB)
      await using second = consume(server, { acknowledge: { auto: false, timeoutSeconds: 0 } })
      await second.message('commit')
      expect(second.inserted).toEqual([3])
      // of 1 and 2, which are both in the table, one never arrived
      expect([firstId, ...second.inserted]).toHaveLength(2)
      expect(await server.value('select count(*)::int from t', DB)).toBe(3)
    })

    it('while an engine that is stopped after the first goes on with the second', async () => {
      await commitSideBySide()
      const start = (stopAfter: number): ReturnType<typeof runEngine> => runEngine({
        port: server.port, database: DB, name: 's', offsets: folder.file('adjacent'), source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' } }, engine: { stopAfter },
      })
      await using first = start(1)
      expect(await first.ended).toBeUndefined()
      await server.query('insert into t values (3)', DB)
      await using second = start(2)
      expect(await second.ended).toBeUndefined()
      expect(new Set([...brief(first.seen), ...brief(second.seen)])).toEqual(new Set(['c1', 'c2', 'c3']))
    })
  })

  describe('it acknowledges what was received and not processed', () => {
    it.each([
      ['with its defaults', {}],
      // its timer acknowledges the last position it has received, whatever `auto` says
      ['with acknowledge.auto = false, by its timer', { acknowledge: { auto: false, timeoutSeconds: 1 } }],
    ] as const)('%s: rows whose handler never finished are confirmed, and never come again', async (_, config) => {
      const before = await confirmed()
      await using first = consume(server, config, () => new Promise(() => {}))
      await first.started
      await server.query('insert into t values (1), (2), (3)', DB)
      const after = await server.value<string>('select pg_current_wal_lsn()::text')
      await first.message('begin')
      // nothing has been processed, and yet
      await server.until(`select confirmed_flush_lsn >= '${after}' from pg_replication_slots where slot_name = 's'`)
      expect(await confirmed()).not.toBe(before)
      await first[Symbol.asyncDispose]()
      await server.query('insert into t values (4)', DB)
      await using second = consume(server, { acknowledge: { auto: false, timeoutSeconds: 0 } })
      await second.message('commit')
      expect(second.inserted).toEqual([4])
    })

    it('while an engine whose handler did not finish delivers them again', async () => {
      const start = (handle: () => Promise<void>): ReturnType<typeof runEngine> => runEngine({
        port: server.port, database: DB, name: 's', offsets: folder.file('unprocessed'), handle, source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' } },
      })
      let tell: (written: string) => void = () => {}
      const committed = new Promise<string>((resolve) => (tell = resolve))
      let unconfirmed: unknown
      await using first = start(async () => {
        // in the middle of the handler the server has told that everything is sent, and was told that nothing is done
        const written = await committed
        await server.until(`select reply_time > now() - interval '1 s' and sent_lsn >= '${written}' from pg_stat_replication`)
        unconfirmed = await server.value(`select confirmed_flush_lsn < '${written}' from pg_replication_slots where slot_name = 's'`)
        throw new Error('the process goes down')
      })
      await first.streaming()
      await server.query('insert into t values (1), (2), (3)', DB)
      tell(await server.value<string>('select pg_current_wal_lsn()::text'))
      expect(await first.failure()).toMatchObject({ code: 'TR_SINK_FAILED' })
      expect(unconfirmed).toBe(true)
      await using second = start(() => Promise.resolve())
      await second.delivered(3)
      expect(brief(second.seen)).toEqual(['c1', 'c2', 'c3'])
      await second.stop()
    })
  })

  describe('it hands out bytes that it goes on to overwrite', () => {
    const COUNT = 20_000
    const emit = (): Promise<unknown> => server.query(`select count(pg_logical_emit_message(true, 'numbered', repeat(i::text || ',', 20))) from generate_series(1, ${COUNT}) i`, DB)
    const intact = (contents: readonly Uint8Array[]): number => contents.filter((content, index) => Buffer.from(content).equals(Buffer.from(`${index + 1},`.repeat(20)))).length

    it('so that what a handler keeps beyond its call is another message’s', async () => {
      await emit()
      const contents: Uint8Array[] = []
      await using consumer = consume(server, { acknowledge: { auto: false, timeoutSeconds: 0 } })
      consumer.service.on('data', (_: string, message: Message) => {
        if (message.tag === 'message') contents.push(message.content)
      })
      await consumer.message('commit')
      expect(contents).toHaveLength(COUNT)
      expect(intact(contents)).toBeLessThan(COUNT)
    })

    it('while an event’s bytes stay what they are', async () => {
      const contents: Uint8Array[] = []
      await using run = runEngine({
        port: server.port, database: DB, name: 's', offsets: folder.file('bytes'), source: { publication: { name: 'p', create: 'disabled' }, snapshot: { mode: 'no_data' }, messages: true },
        handle: (events) => {
          for (const { message } of events) contents.push(message!.content)
        },
      })
      await run.streaming()
      await emit()
      await run.delivered(COUNT)
      expect(intact(contents)).toBe(COUNT)
      await run.stop()
    })
  })
})

type Message = Pgoutput.Message
type Config = ConstructorParameters<typeof LogicalReplicationService>[1]

/** A consumer on the slot `s`; ended by disposing. */
function consume(server: PostgresServer, config: Config, handle?: () => Promise<void>): {
  readonly service: LogicalReplicationService
  readonly inserted: number[]
  readonly started: Promise<void>
  /** The first message of a kind. */
  message<Tag extends Message['tag']>(tag: Tag): Promise<{ readonly lsn: string; readonly message: Extract<Message, { tag: Tag }> }>
} & AsyncDisposable {
  const service = new LogicalReplicationService({ connectionString: server.url(DB) }, config)
  const inserted: number[] = []
  const seen: { lsn: string; message: Message }[] = []
  let look = (): void => {}
  const started = new Promise<void>((resolve) => service.on('start', () => resolve()))
  service.on('error', () => {})
  service.on('data', (lsn: string, message: Message) => {
    // after its first commit a consumer here is gone
    if (seen.some((one) => one.message.tag === 'commit')) return
    seen.push({ lsn, message })
    if (message.tag === 'insert') inserted.push(Number(message.new['id']))
    look()
    return handle?.()
  })
  service.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: ['p'], messages: true }), 's').catch(() => {})
  return {
    service, inserted, started,
    message: (tag) => new Promise((found) => {
      look = () => {
        const one = seen.find(({ message }) => message.tag === tag)
        if (one !== undefined) found(one as never)
      }
      look()
    }),
    [Symbol.asyncDispose]: async () => {
      await service.destroy()
      await server.until("select not active from pg_replication_slots where slot_name = 's'")
    },
  }
}

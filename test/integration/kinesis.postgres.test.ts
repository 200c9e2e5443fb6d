import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinesisSink } from '../../src/sink/kinesis/index.ts'
import { startKinesis, type KinesisKind, type KinesisServer } from '../server/kinesis.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKinesis, requirePostgres } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'
import { emulatorClient, readStream, type ReadRecord } from './kinesis-reader.ts'

const KINDS: readonly KinesisKind[] = ['kinesalite', 'kinesis-local']
const withKinesis = await requireKinesis(...KINDS)
const withPostgres = await requirePostgres(17)

const ROWS = 200
const ROUNDS = 5

/** `op n` of each change, from Debezium's envelope; a tombstone is `-`. */
function said({ data }: ReadRecord): string {
  if (data === '') return '-'
  const { payload } = JSON.parse(data) as { payload: { op: string; before: { n: number } | null; after: { n: number } | null } }
  return `${payload.op}${(payload.after ?? payload.before)?.n ?? ''}`
}

function byKey(records: readonly ReadRecord[]): Map<string, string[]> {
  const keys = new Map<string, string[]>()
  for (const record of records) keys.set(record.partitionKey, [...(keys.get(record.partitionKey) ?? []), said(record)])
  return keys
}

withKinesis('PostgreSQL to Kinesis', () => {
  withPostgres.each(KINDS)('%s', (kind) => {
    const folder = offsetFolder()
    let pg: PostgresServer
    let kinesis: KinesisServer
    let client: KinesisClient
    beforeAll(async () => {
      ;[pg, kinesis] = await Promise.all([startPostgres({ major: 17 }), startKinesis(kind)])
      client = emulatorClient(kinesis.url)
    })
    afterAll(async () => {
      client?.destroy()
      await Promise.all([pg?.[Symbol.asyncDispose](), kinesis?.[Symbol.asyncDispose]()])
      folder[Symbol.dispose]()
    })

    function run(name: string, sink: Parameters<typeof kinesisSink>[0]): EngineRun {
      return runEngine({
        port: pg.port, database: name, name, offsets: folder.file(`${kind}-${name}`),
        engine: { sink: kinesisSink({ endpoint: kinesis.url, region: 'us-east-1', clientConfig: { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }, createStreams: { shards: 3 }, ...sink }) },
      })
    }

    test('snapshot and changes of two tables arrive in a stream each, complete, and in order by key', async () => {
      await pg.createDatabase('each')
      await pg.script('each', `create table orders (id int primary key, n int); create table notes (n int);
        alter table orders replica identity full; alter table notes replica identity full; insert into orders select id, 0 from generate_series(1, ${ROWS}) id; insert into notes values (0);`)
      await using engine = run('each', {})
      await engine.streaming()
      for (let round = 1; round <= ROUNDS; round++) await pg.query(`update orders set n = ${round}`, 'each')
      await pg.script('each', `insert into notes select n from generate_series(1, 20) n; delete from orders where id <= 10; insert into orders values (1, 100);`)

      await engine.until(() => engine.engine.stats().delivered >= ROWS * (ROUNDS + 1) + 1 + 20 + 20 + 1, 'everything written')
      await engine.stop()
      const orders = byKey(await readStream(client, 'each.public.orders'))
      expect(orders.size).toBe(ROWS)
      const updates = Array.from({ length: ROUNDS }, (_, index) => `u${index + 1}`)
      for (const [key, changes] of orders) {
        const { payload: { id } } = JSON.parse(key) as { payload: { id: number } }
        expect(changes, key).toEqual(['r0', ...updates, ...(id <= 10 ? [`d${ROUNDS}`, '-'] : []), ...(id === 1 ? ['c100'] : [])])
      }
      const notes = await readStream(client, 'each.public.notes')
      expect(byKey(notes)).toEqual(new Map([['default', ['r0', ...Array.from({ length: 20 }, (_, index) => `c${index + 1}`)]]]))
    }, 60_000)

    test('an engine that is stopped and started again goes on behind what is stored', async () => {
      await pg.createDatabase('again')
      await pg.script('again', 'create table orders (id int primary key, n int); insert into orders values (1, 0), (2, 0);')
      {
        await using engine = run('again', { stream: 'all' })
        await engine.streaming()
        await pg.query('update orders set n = 1', 'again')
        await engine.until(() => engine.engine.stats().delivered >= 4, 'four records')
        await engine.stop()
      }
      await pg.query('update orders set n = 2', 'again')
      {
        await using engine = run('again', { stream: 'all' })
        await engine.until(() => engine.engine.stats().delivered >= 2, 'two records')
        await engine.stop()
      }
      expect([...byKey(await readStream(client, 'all')).values()]).toEqual([['r0', 'u1', 'u2'], ['r0', 'u1', 'u2']])
    }, 60_000)
  })
})

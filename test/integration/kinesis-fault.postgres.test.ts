import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinesisSink } from '../../src/sink/kinesis/index.ts'
import { startKinesisFaults, type KinesisFaults, type RequestFault } from '../server/kinesis-faults.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'
import { Random } from '../simulation/random.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

const withPostgres = await requirePostgres(17)
const SEED = Number(process.env['KINESIS_SEED'] ?? randomInt(2 ** 31))
const ROWS = 30
const ROUNDS = 60

withPostgres('PostgreSQL to Kinesis, with faults', () => {
  const folder = offsetFolder()
  let pg: PostgresServer
  beforeAll(async () => {
    pg = await startPostgres({ major: 17 })
  })
  afterAll(async () => {
    await pg?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function run(name: string, kinesis: KinesisFaults, aggregate = false): EngineRun {
    const sink = kinesisSink({
      endpoint: kinesis.url, region: 'us-east-1', clientConfig: { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }, stream: 'all', createStreams: { shards: 2 }, retry: { initialDelayMs: 2, maxDelayMs: 50 }, aggregate,
    })
    return runEngine({ port: pg.port, database: name, name, offsets: folder.file(name), engine: { sink } })
  }

  async function table(name: string): Promise<void> {
    await pg.createDatabase(name)
    await pg.script(name, `create table counters (id int primary key, n int); insert into counters select id, 0 from generate_series(1, ${ROWS}) id;`)
  }

  /** The values of each row as they arrived for the first time. */
  function arrivals(kinesis: KinesisFaults): number[][] {
    const keys = new Map<string, Set<number>>()
    for (const { partitionKey, data } of kinesis.stream('all').records) {
      const { payload } = JSON.parse(data.toString()) as { payload: { after: { n: number } } }
      keys.set(partitionKey, (keys.get(partitionKey) ?? new Set()).add(payload.after.n))
    }
    return [...keys.values()].map((values) => [...values])
  }

  const expected = Array.from({ length: ROWS }, () => Array.from({ length: ROUNDS + 1 }, (_, n) => n))

  test(`refusals, lost answers, restarts and lost connections to the database: each row’s history arrives in order and whole (KINESIS_SEED=${SEED})`, async () => {
    const random = new Random(SEED)
    const kinds: readonly RequestFault[] = [{ fault: 'cut' }, { fault: 'lose' }, { fault: 'refuse', type: 'InternalFailure', status: 500 }, { fault: 'late', ms: 20 }]
    await using kinesis = await startKinesisFaults({
      request: () => (random.chance(0.1) ? random.pick(kinds) : undefined),
      record: () => (random.chance(0.1) ? random.pick(['InternalFailure', 'ProvisionedThroughputExceededException']) : undefined),
    })
    await table('faults')
    let round = 0
    for (let life = 0; life < 4; life++) {
      await using engine = run('faults', kinesis)
      await engine.streaming()
      for (const end = (ROUNDS * (life + 1)) / 4; round < end; ) {
        await pg.query(`update counters set n = ${++round}`, 'faults')
        if (round % 10 === 4) await pg.query('select pg_terminate_backend(active_pid) from pg_replication_slots where active', 'faults')
      }
      // the last life delivers everything, the others end in the middle of it
      if (life === 3) await engine.until(() => arrivals(kinesis).every((values) => values.length > ROUNDS), 'all arrived', 40_000)
      await engine.stop()
    }
    expect(arrivals(kinesis)).toEqual(expected)
  }, 90_000)

  test('a stop while shards are throttled stores the offset of exactly what has arrived', async () => {
    await using kinesis = await startKinesisFaults({ limits: { recordsPerSecond: 150, bytesPerSecond: 1_000_000 } })
    await table('throttled')
    {
      await using engine = run('throttled', kinesis)
      await engine.streaming()
      for (let round = 1; round <= ROUNDS; round++) await pg.query(`update counters set n = ${round}`, 'throttled')
      await engine.stop()
      expect(engine.warnings.map(({ code }) => code)).toContain('TR_KINESIS_THROTTLED')
    }
    const before = kinesis.stream('all').records.length
    expect(before).toBeGreaterThan(ROWS)
    {
      await using engine = run('throttled', kinesis)
      await engine.until(() => arrivals(kinesis).every((values) => values.length > ROUNDS), 'all arrived', 40_000)
      await engine.stop()
    }
    expect(arrivals(kinesis)).toEqual(expected)
    // nothing was lost or sent again over a stop that was not forced
    expect(kinesis.stream('all').records).toHaveLength(ROWS * (ROUNDS + 1))
  }, 90_000)
})

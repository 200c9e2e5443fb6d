import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, memoryOffsets } from '../../src/index.ts'
import { postgres, type PostgresOptions } from '../../src/source/postgres/index.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

const TABLES = `
  create table visits (id int, day date, primary key (id, day)) partition by range (day);
  create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
  insert into visits values (1, '2026-05-01');
  create publication by_root for table visits with (publish_via_partition_root = true);
  create publication by_partition for table visits;`

const withPostgres = await requirePostgres(17)
withPostgres('a partitioned table that is captured by its own name', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    await server.createDatabase('app')
    await server.script('app', TABLES)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  const engine = (options: Partial<PostgresOptions>, delivered: string[] = []): ReturnType<typeof createEngine> =>
    createEngine({
      name: 'x', source: postgres({ connection: `postgres://postgres@127.0.0.1:${server.port}/app`, slot: { dropOnStop: true }, ...options }), offsets: memoryOffsets(), stopAfter: 1,
      sink: (events) => void delivered.push(...events.map(({ table }) => table.name)),
    })

  it.each(['by_partition', 'to_be_made'])('is an error with the publication %s: nothing of it would arrive', async (publication) => {
    await expect(engine({ tables: ['public.visits'], publication: { name: publication } }).run()).rejects.toMatchObject({ code: 'TR_PG_TABLE_MISSING', where: { table: 'public.visits' } })
  })

  it('arrives under its name with publish_via_partition_root', async () => {
    const delivered: string[] = []
    await engine({ tables: ['public.visits'], publication: { name: 'by_root' } }, delivered).run()
    expect(delivered).toEqual(['visits'])
  })

  it('arrives under the partitions’ names where they are captured too', async () => {
    const delivered: string[] = []
    await engine({ tables: ['public.visits', 'public.visits_*'], publication: { name: 'by_partition' } }, delivered).run()
    expect(delivered).toEqual(['visits_2026'])
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine, memoryOffsets } from '../../src/index.ts'
import { postgres, type PostgresOptions } from '../../src/source/postgres/index.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requirePostgres } from '../server/require.ts'

const TABLES = `
  create table keyed (id int primary key, v int);
  create table full_identity (id int, v int); alter table full_identity replica identity full;
  create table by_index (id int not null, v int); create unique index by_index_id on by_index (id); alter table by_index replica identity using index by_index_id;
  create table bare (id int, v int);
  create table uniquely (id int not null unique, v int);
  create table deferred (id int primary key deferrable, v int);
  create table nothing (id int primary key, v int); alter table nothing replica identity nothing;
  create table index_lost (id int not null, v int); create unique index index_lost_id on index_lost (id); alter table index_lost replica identity using index index_lost_id; drop index index_lost_id;`

const withPostgres = await requirePostgres(17)
withPostgres('tables that UPDATE and DELETE would fail on once they are published', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ major: 17 })
    await server.createDatabase('app')
    await server.script('app', TABLES)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  const found = async (options: Partial<PostgresOptions> = {}): Promise<unknown[]> => {
    const engine = createEngine({ name: 'x', source: postgres({ connection: `postgres://postgres@127.0.0.1:${server.port}/app`, ...options }), offsets: memoryOffsets(), sink: () => {} })
    return (await engine.preflight()).filter(({ error }) => error.code === 'TR_PG_REPLICA_IDENTITY').map(({ error }) => error.where['table'])
  }

  it('are those, and only those, that the server refuses an UPDATE of', async () => {
    const refused: string[] = []
    await server.query('create publication everything for all tables', 'app')
    for (const { name } of await server.query<{ name: string }>("select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1", 'app')) {
      await server.query(`update ${name} set v = 1`, 'app').catch(() => refused.push(`public.${name}`))
    }
    await server.query('drop publication everything', 'app')
    expect(refused).toHaveLength(5)
    expect(await found()).toEqual(refused)
  })

  it('are no finding where the options set their identity', async () => {
    expect(await found({ replicaIdentity: [{ table: 'public.*', identity: 'FULL' }] })).toEqual([])
    expect(await found({ replicaIdentity: [{ table: 'public.bare', identity: 'FULL' }] })).toHaveLength(4)
  })
})

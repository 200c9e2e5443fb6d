import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer } from '../integration/mysql-run.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb } from '../server/require.ts'
import { logChanges } from './logged-changes.ts'
import { readWithZongji, type ZongjiReading } from './zongji-reader.ts'

const withMariadb = await requireMariadb('10.11')

withMariadb('zongji on MariaDB 10.11', () => {
  let server: MysqlServer
  let made = 0

  beforeAll(async () => {
    server = await startServer('MariaDB 10.11')
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  async function both(library: 'zongji' | '@vlasky/zongji', before: string, changes: readonly string[], rows: number): Promise<{ ours: unknown[]; theirs: ZongjiReading }> {
    const name = `z${++made}`
    await server.script(`create database ${name} character set utf8mb4; use ${name}; ${before}`)
    const { seen, file } = await logChanges('MariaDB 10.11', server, name, rows, async () => await server.script(changes.join(';'), name))
    return { ours: seen.map(({ after }) => after), theirs: await readWithZongji(library, server, name, file) }
  }

  it('agrees on plain types', async () => {
    const { ours, theirs } = await both('zongji', 'create table t (id int primary key, v varchar(20), s smallint, d date)', ["insert into t values (1, 'one', -5, '2020-02-29'), (2, null, 6, null)", "update t set v = 'é😀' where id = 2"], 3)
    expect(theirs.errors).toEqual([])
    expect(theirs.changes.map(({ after }) => after)).toEqual(ours)
  })

  it('rounds a DECIMAL to a double', async () => {
    const { ours, theirs } = await both('zongji', 'create table t (id int primary key, v decimal(20,2))', ['insert into t values (1, 123456789012345678.91)'], 1)
    expect(ours).toEqual([{ id: 1, v: '123456789012345678.91' }])
    expect(theirs.changes[0]?.after).toEqual({ id: 1, v: 123456789012345680 })
  })

  it('knows no utf8mb3, which is what MariaDB calls utf8', async () => {
    const { ours, theirs } = await both('zongji', 'create table t (id int primary key, v text character set utf8)', ["insert into t values (1, 'é')"], 1)
    expect(ours).toEqual([{ id: 1, v: 'é' }])
    expect(theirs.errors[0]).toMatchObject({ message: expect.stringContaining('utf8mb3') as string })
    expect(theirs.changes).toEqual([])
  })

  it('its fork agrees on a compressed column', async () => {
    const { ours, theirs } = await both('@vlasky/zongji', 'create table t (id int primary key, v text compressed)', ["insert into t values (1, repeat('é', 100))"], 1)
    expect(ours).toEqual([{ id: 1, v: 'é'.repeat(100) }])
    expect(theirs.changes.map(({ after }) => after)).toEqual(ours)
  })
})

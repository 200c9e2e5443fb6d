import { afterAll, beforeAll, expect, it } from 'vitest'
import { createEngine } from '../../src/create-engine.ts'
import { memoryOffsets } from '../../src/offset/memory/memory-offsets.ts'
import { mariadb } from '../../src/source/mariadb/index.ts'
import { mysql } from '../../src/source/mysql/index.ts'
import { blocks } from '../document/block.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { requireMariadb, requireMysql } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { SERVER_KINDS, startServer } from './mysql-run.ts'

const withMysql = await requireMysql()
await requireMariadb('10.11', '11.8')

eachSideBySide(withMysql, SERVER_KINDS)('docs/mysql.md on %s', (kind) => {
  let server: MysqlServer

  beforeAll(async () => {
    server = await startServer(kind)
    await server.script('create database shop; use shop; create table orders (id int primary key, total decimal(10,2)); insert into orders values (1, 1), (2, 2)')
  }, 180_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  it('the SQL runs, and its settings and grants are all that an engine needs', async () => {
    for (const { place, text } of blocks('docs/mysql.md', 'sql')) await server.script(text).catch((error: unknown) => expect.fail(`${place}: ${String(error)}`))
    const source = (kind === 'MySQL' ? mysql : mariadb)({ connection: `${server.url('cdc', 'change me')}?ssl-mode=DISABLED`, tables: ['shop.*'] })
    const engine = createEngine({ name: 'orders', source, offsets: memoryOffsets(), sink: () => {}, stopAfter: 3 })
    engine.on('state', ({ state }) => {
      if (state === 'streaming') void server.query('insert into shop.orders values (3, 3)')
    })
    expect(await engine.preflight()).toEqual([])
    await engine.run()
    expect(engine.stats().delivered).toBe(3)
  })
})

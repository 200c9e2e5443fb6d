// @ts-check
// node examples/cache/verify.mjs: a reader and a writer at the same time; once the log is read, nothing that the cache keeps is stale.
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startServer } from '../server.mjs'
import { hook } from './hook.mjs'
import { OrderCache } from './order-cache.mjs'

const ORDERS = 200
const WRITES = 500

const server = await startServer()
const [reader, writer] = [new pg.Client(server.url), new pg.Client(server.url)]
await Promise.all([reader.connect(), writer.connect()])
await writer.query(`create table orders (id int primary key, total int not null); insert into orders select n, 0 from generate_series(1, ${ORDERS}) n`)
const cache = new OrderCache(async (id) => {
  const { rows } = await reader.query('select id, total from orders where id = $1', [id])
  await delay(5) // the way back is long: changes overtake it
  return rows[0]
})

const engine = hook(server.url, cache)
const streaming = new Promise((resolve) => engine.on('state', ({ state }) => state === 'streaming' && resolve(undefined)))
const running = engine.run()
await Promise.race([streaming, running])

const chance = () => 1 + Math.floor(Math.random() * ORDERS)
let writing = true
let asked = 0
const read = async () => {
  for (; writing; asked++) {
    await cache.get(chance())
    await turn()
  }
}
const write = async () => {
  for (let n = 0; n < WRITES; n++) {
    if (n % 10 === 0) await writer.query('delete from orders where id = $1', [chance()])
    else await writer.query('insert into orders values ($1, 1) on conflict (id) do update set total = orders.total + 1', [chance()])
  }
  writing = false
}
await Promise.all([write(), read()])
await writer.query('insert into orders values (0, 0)')
while (!cache.entries.some(([id]) => id === 0)) await delay(10)

const { rows } = await reader.query('select id, total from orders')
const totals = new Map(rows.map(({ id, total }) => [id, total]))
const stale = cache.entries.filter(([id, order]) => totals.get(id) !== order?.total)
await engine.stop()
await running
await Promise.all([reader.end(), writer.end()])
await server.stop()
if (stale.length > 0) throw new Error(`Stale: ${stale.map(([id]) => id).join()}`)
console.log(`Verified: ${asked} reads, ${cache.reads} of them of the database, ${WRITES} writes, ${cache.entries.length} orders kept and none stale`)

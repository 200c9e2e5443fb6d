// @ts-check
// KINESIS_ENDPOINT=http://127.0.0.1:4567 node examples/kinesis/verify.mjs: orders change, the application is killed meanwhile; a reader
// that drops what it has seen, by position, gets every change of every order once and in order. Without an endpoint: Kinesis itself.
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis'
import pg from 'pg'
import { Application } from '../application.mjs'
import { startServer } from '../server.mjs'

const ORDERS = 20
const CHANGES = 10
const STREAM = 'shop.public.orders'

const server = await startServer()
const shop = new pg.Client(server.url)
await shop.connect()
await shop.query(`create table orders (id int primary key, version int not null); insert into orders select n, 0 from generate_series(1, ${ORDERS}) n`)
const environment = { DATABASE_URL: server.url, OFFSET_FILE: path.join(server.folder, 'orders.offset.json') }
const script = new URL('stream.mjs', import.meta.url)

let stream = new Application(script, environment)
await stream.said('streaming')
for (let version = 1; version <= CHANGES; version++) {
  for (let id = 1; id <= ORDERS; id++) await shop.query('update orders set version = $2 where id = $1', [id, version])
  if (version === CHANGES / 2) {
    await stream.kill()
    stream = new Application(script, environment)
  }
}
await shop.end()

const client = open()
/** @type {Map<number, { lsn: number, version: number }>} */
let orders = new Map()
let repeated = 0
while (orders.size < ORDERS || [...orders.values()].some(({ version }) => version < CHANGES)) {
  await delay(100)
  orders = new Map()
  repeated = 0
  for (const change of await readAll()) apply(change)
}
await stream.stop()
client.destroy()
await server.stop()
console.log(`Verified: ${ORDERS * CHANGES} changes of ${ORDERS} orders, in order; ${repeated} came again after the kill and were dropped`)

/** @param {{ after: { id: number, version: number }, source: { lsn: number } }} change */
function apply({ after: { id, version }, source: { lsn } }) {
  const known = orders.get(id)
  if (known !== undefined && lsn <= known.lsn) repeated++
  else if (known !== undefined && version !== known.version + 1) throw new Error(`Order ${id}: version ${version} comes behind ${known.version}`)
  else orders.set(id, { lsn, version })
}

/** Shard by shard, in each shard's order. */
async function readAll() {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: STREAM }))
  const changes = []
  for (const { ShardId } of Shards) {
    let { ShardIterator: at } = await client.send(new GetShardIteratorCommand({ StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' }))
    while (at !== undefined) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: at }))
      for (const { Data } of Records) changes.push(JSON.parse(Buffer.from(Data ?? []).toString()))
      at = Records.length === 0 ? undefined : NextShardIterator
    }
  }
  return changes
}

/** Emulators speak HTTP/1.1, for which the SDK has another handler than by default. */
function open() {
  const endpoint = process.env['KINESIS_ENDPOINT']
  const region = process.env['AWS_REGION'] ?? 'eu-central-1'
  if (endpoint === undefined) return new KinesisClient({ region })
  const { NodeHttpHandler } = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-kinesis'))('@smithy/node-http-handler')
  return new KinesisClient({ region, endpoint, requestHandler: new NodeHttpHandler() })
}

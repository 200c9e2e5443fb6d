// @ts-check
// REGISTRY_URL=… node examples/event-store/verify.mjs: a PostgreSQL and a Kafka of its own (or KAFKA_BROKERS), an application that
// works, a bridge that is killed meanwhile; the projection of the events has to be what the database says.
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'
import { missingForBroker, startBroker } from '../broker.mjs'
import { Application } from '../application.mjs'
import { startServer } from '../server.mjs'
import { Projection } from './projection.mjs'

const ORDERS = 100
const STATES = ['placed', 'paid', 'shipped', 'archived']

const { REGISTRY_URL } = process.env
const missing = missingForBroker() ?? (REGISTRY_URL ? undefined : 'Name a schema registry: REGISTRY_URL=http://host:8081')
if (missing !== undefined) {
  console.error(missing)
  process.exit(1)
}
const server = await startServer()
const broker = await startBroker()
const shop = new pg.Client(server.url)
await shop.connect()
await shop.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'))
await makeTopic()
const environment = { DATABASE_URL: server.url, KAFKA_BROKERS: broker.brokers.join(), REGISTRY_URL: REGISTRY_URL ?? '' }
const script = new URL('bridge.mjs', import.meta.url)

let bridge = new Application(script, environment)
await bridge.said('streaming')
for (const state of STATES) {
  for (let id = 1; id <= ORDERS; id++) await change(id, state)
  if (state === 'paid') {
    await bridge.kill()
    bridge = new Application(script, environment)
  }
}

const projection = new Projection(broker.brokers, environment.REGISTRY_URL)
await projection.until(() => projection.orders.size === ORDERS && [...projection.orders.values()].every(({ state }) => state === 'archived'))
await bridge.stop()
const { rows } = await shop.query('select id, state, version from orders order by id')
const folded = [...projection.orders].map(([id, { state, version }]) => ({ id, state, version })).sort((one, other) => one.id - other.id)
await shop.end()
await broker.stop()
await server.stop()
if (!isDeepStrictEqual(folded, rows)) throw new Error('The events do not add up to the orders')
console.log(`Verified: ${ORDERS * STATES.length} events of ${ORDERS} orders, each once and in order, through a kill of the bridge`)

/**
 * The application: the order's new state and its event, in one transaction.
 * @param {number} id
 * @param {string} state
 */
async function change(id, state) {
  await shop.query('begin')
  await shop.query('insert into orders values ($1, $2, 1) on conflict (id) do update set state = excluded.state, version = orders.version + 1', [id, state])
  await shop.query('select happened($1, $2, $3)', [id, state, { at: new Date().toISOString() }])
  await shop.query('commit')
}

/** Before anybody reads it: consumers fail where there is no topic. */
async function makeTopic() {
  const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'order-events', numPartitions: 3, replicationFactor: 1 }] })
  await admin.disconnect()
}

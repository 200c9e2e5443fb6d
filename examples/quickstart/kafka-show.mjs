// @ts-check
// The play with Kafka: npm run quickstart -- kafka. What counts is what a consumer of committed records gets.
import { randomBytes } from 'node:crypto'
import { missingForBroker, startBroker } from '../broker.mjs'
import { startServer } from '../server.mjs'
import { EngineProcess } from './engine-process.mjs'
import { Topics } from './kafka-reader.mjs'
import { verify } from './kafka-verify.mjs'
import { heading, number, paint, pause, say, show } from './screen.mjs'
import { Shop, TABLES } from './shop.mjs'

const WHOLESALE_LINES = 20_000
const KILL_AFTER = 12_345
/** Something hangs. Maven may have to fetch the broker first. */
const PATIENCE_MS = 600_000

const missing = missingForBroker()
if (missing !== undefined) {
  console.error(missing)
  process.exit(1)
}
const began = performance.now()
setTimeout(() => {
  console.error(`Not finished after ${PATIENCE_MS / 1000} s`)
  process.exit(1)
}, PATIENCE_MS).unref()

console.log(paint('bold', 'tailrace: every committed change in Kafka, once, through a kill -9'))
heading('A shop in PostgreSQL, and a Kafka')
const broker = await startBroker()
try {
  const server = await startServer()
  try {
    const shop = await Shop.open(server.url)
    try {
      process.exitCode = (await play(shop, server.url)) ? 0 : 1
    } finally {
      await shop.close()
    }
  } finally {
    await server.stop()
  }
} finally {
  await broker.stop()
}

/**
 * @param {Shop} shop
 * @param {string} url
 */
async function play(shop, url) {
  // on a broker of yours: names that nobody has
  const name = broker.own ? 'shop' : `quickstart-${randomBytes(3).toString('hex')}`
  const topics = new Topics(broker.brokers, TABLES.map((table) => `${name}.public.${table}`))
  await topics.make()
  const before = await shop.contents()
  const rows = Object.values(before).reduce((sum, table) => sum + table.length, 0)
  say(`PostgreSQL ${await shop.version()}, a cluster of its own; Kafka at ${broker.brokers.join()}`)
  say(TABLES.map((table) => `${table} ${number(before[table]?.length ?? 0)}`).join(', '))
  const reader = await topics.read()

  heading('A snapshot of what is there')
  const environment = { DATABASE_URL: url, BROKERS: broker.brokers.join(), NAME: name }
  const engine = new EngineProcess('kafka-engine.mjs', environment)
  await engine.until(({ state }) => state === 'streaming')
  await reader.until(rows)
  say(`the engine, process ${engine.pid}, follows the log; a consumer with isolation.level=read_committed has read ${number(rows)} rows`)
  await pause(1_000)

  heading('Live changes, as that consumer gets them')
  for (let turn = 0; turn < 8; turn++) {
    const known = reader.changes.length
    await shop.trade(turn)
    await reader.until(rows + shop.committed.length)
    show(reader.changes.slice(known))
    await pause(400)
  }

  heading('SIGKILL in the middle of a transaction')
  engine.haltAfter(KILL_AFTER)
  await shop.wholesale(WHOLESALE_LINES)
  say(`one transaction of ${number(WHOLESALE_LINES + 2)} changes is committed and being delivered`)
  await engine.until(({ halted }) => halted === true)
  await engine.kill()
  say(paint('red', `process ${engine.pid} killed: Kafka has records of it that were never committed`))
  for (let turn = 8; turn < 28; turn++) await shop.trade(turn)
  say('nobody listens; the shop commits 20 more transactions')
  await pause(1_500)

  heading('Started again')
  const again = new EngineProcess('kafka-engine.mjs', environment)
  for (let turn = 28; turn < 40; turn++) await shop.trade(turn)
  await reader.until(rows + shop.committed.length)
  await again.stop()
  say(`process ${again.pid} fenced the dead one and asked Kafka how far it had come; the ${number(again.told.count)} records that were missing followed`)
  await topics.end()
  const consumed = await reader.toEnd()
  const all = await (await topics.read(true)).toEnd()
  if (!broker.own) await topics.remove([`${name}.offsets`])
  return report(rows, shop.committed.length, all.length - consumed.length, verify(consumed, before, shop.committed))
}

/**
 * @param {number} rows
 * @param {number} changes
 * @param {number} aborted
 * @param {string[]} problems
 */
function report(rows, changes, aborted, problems) {
  if (aborted === 0) problems.push('the kill did not fall into a transaction')
  heading('The count')
  say(`${number(rows).padStart(7)}  rows of the snapshot, each once`)
  say(`${number(changes).padStart(7)}  committed changes, each once, those of a partition in commit order`)
  say(`${number(aborted).padStart(7)}  records of the transaction that died with the engine: there, and never seen`)
  for (const problem of problems) say(paint('red', `WRONG: ${problem}`))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (problems.length > 0) console.log(`\n${paint('red', 'Not as promised.')} Please report this.`)
  else console.log(`\n${paint('green', 'Verified')} against the database, change by change, in ${seconds} s. Nothing is left behind.`)
  return problems.length === 0
}

// @ts-check
// The play itself; start.mjs has seen to it that everything it imports is there.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { EngineProcess } from './engine-process.mjs'
import { heading, number, paint, pause, say, show } from './screen.mjs'
import { TABLES } from './shop.mjs'
import { STAGES } from './stage.mjs'
import { verify } from './verify.mjs'

const WHOLESALE_LINES = 20_000
/** Never a multiple of the batch size: the kill has to fall into a batch. */
const KILL_AFTER = 12_345
/** Something hangs: the machine is out of memory, a firewall guards the loopback. */
const PATIENCE_MS = 180_000

const began = performance.now()
setTimeout(() => {
  console.error(`Not finished after ${PATIENCE_MS / 1000} s`)
  process.exit(1)
}, PATIENCE_MS).unref()

console.log(paint('bold', 'tailrace: every committed change, in order, through a kill -9'))
const stage = STAGES[process.argv.includes('mysql') ? 'mysql' : process.argv.includes('mariadb') ? 'mariadb' : 'postgres']
heading(`A shop in ${stage.title}`)
const server = await stage.start()
try {
  const shop = await stage.open(server.url)
  try {
    process.exitCode = report(await play(shop)) ? 0 : 1
  } finally {
    // before the server ends it: the driver would throw, and hide what went wrong
    await shop.close()
  }
} finally {
  await server.stop()
}

/** @param {Awaited<ReturnType<typeof stage.open>>} shop */
async function play(shop) {
  const before = await shop.contents()
  const rows = Object.values(before).reduce((sum, table) => sum + table.length, 0)
  say(`${stage.title} ${await shop.version()}, ${stage.server}`)
  say(TABLES.map((table) => `${table} ${number(before[table]?.length ?? 0)}`).join(', '))
  await pause(1_000)

  heading('A snapshot of what is there')
  const files = { DATABASE_URL: stage.engineUrl(server.url), OFFSET_FILE: path.join(server.folder, 'shop.offset.json'), HISTORY_FILE: path.join(server.folder, 'shop.history.ndjson'), RECEIVED_FILE: path.join(server.folder, 'received.ndjson') }
  const engine = new EngineProcess('engine.mjs', { ...files, RUN: '1' }, show)
  await engine.until(({ state, count }) => state === 'streaming' && count >= rows)
  say(`the engine, process ${engine.pid}, has read ${number(engine.told.count)} rows and follows the log`)
  await pause(1_000)

  heading('Live changes, committed by another connection')
  for (let turn = 0; turn < 8; turn++) {
    await shop.trade(turn)
    await engine.until(({ count }) => count >= rows + shop.committed.length)
    await pause(400)
  }
  await pause(800)

  heading('SIGKILL in the middle of a transaction')
  engine.haltAfter(KILL_AFTER)
  await shop.wholesale(WHOLESALE_LINES)
  say(`one transaction of ${number(WHOLESALE_LINES + 2)} changes is committed and being delivered`)
  const { inFlight = 0, stored = '' } = await engine.until(({ halted }) => halted === true)
  await engine.kill()
  say(paint('red', `process ${engine.pid} killed after ${number(KILL_AFTER)} of them, half-way through a batch of ${number(inFlight)}`))
  say(`its offset file says ${stored}: log position, + changes of the next transaction that are done`)
  for (let turn = 8; turn < 28; turn++) await shop.trade(turn)
  say('nobody listens; the shop commits 20 more transactions')
  await pause(1_500)

  heading('Started again')
  const again = new EngineProcess('engine.mjs', { ...files, RUN: '2' })
  for (let turn = 28; turn < 40; turn++) await shop.trade(turn)
  const lines = rows + shop.committed.length
  const all = await arrived(files.RECEIVED_FILE, lines, again)
  await again.stop()
  say(`process ${again.pid} went on at ${stored}, caught up, and stopped when asked to`)
  await pause(1_000)
  return verify({ received: all, before, committed: shop.committed, after: await shop.contents(), inFlight })
}

/**
 * Waits for that many different events.
 * @param {string} file
 * @param {number} wanted
 * @param {EngineProcess} engine
 */
async function arrived(file, wanted, engine) {
  for (;;) {
    const { count } = engine.told
    const received = (await readFile(file, 'utf8')).split('\n').slice(0, -1).map((line) => /** @type {import('./verify.mjs').Received} */ (JSON.parse(line)))
    if (new Set(received.map(({ id }) => id)).size >= wanted) return received
    await engine.until((told) => told.count > count)
  }
}

/** @param {import('./verify.mjs').Verdict} verdict */
function report({ snapshotRows, changes, repeated, problems }) {
  heading('The count')
  say(`${number(snapshotRows).padStart(7)}  rows of the snapshot, each once`)
  say(`${number(changes).padStart(7)}  committed changes, all arrived, in commit order`)
  say(`${number(repeated).padStart(7)}  of them came a second time, with the same id: the part of the batch that was in flight at the kill`)
  for (const problem of problems) say(paint('red', `WRONG: ${problem}`))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (problems.length > 0) console.log(`\n${paint('red', 'Not as promised.')} Please report this.`)
  else console.log(`\n${paint('green', 'Verified')} against the database, row by row and change by change, in ${seconds} s. Nothing is left behind.`)
  return problems.length === 0
}

import { startTcpProxy, isReplication } from '../server/tcp-proxy.ts'
import type { Bench } from './bench.ts'
import { copyIn } from './copy-in.ts'

/** A short story that makes one kind of mistake certain to show. Without a mistake, the oracle finds nothing in it. */
export type Scenario = (bench: Bench) => Promise<void>

const ENTRIES = (count: number, note = 'null'): string => `insert into entry select i, 1, 'many', ${note} from generate_series(1, ${count}) i`

/**
 * The next transaction’s commit record begins exactly where the one before ends, and its change is older than that commit.
 * The first is stored and confirmed when the process is killed.
 */
async function adjacent(bench: Bench): Promise<void> {
  for (let round = 1; ; round++) {
    const [first, second] = [await bench.session(), await bench.session()]
    await using engine = bench.start()
    await bench.streaming(engine)
    await second.query(`begin; insert into account values (${round}, 1, 'second', null, null)`)
    await first.query(`begin; insert into account values (${1000 + round}, 1, 'first', null, null)`)
    await first.query('commit')
    const end = await bench.walEnd()
    await bench.confirmed(engine, end)
    await bench.record(engine)
    const untouched = (await bench.walEnd()) === end
    await second.query('commit')
    // a record of the server's own came between (the background writer's running transactions, every 15 s): once more
    if (untouched) return
    if (round === 10) return void bench.missed.push('two adjacent commits')
  }
}

/** Killed twice inside a transaction of rows with LSNs of their own and of rows that share one. */
async function partial(bench: Bench): Promise<void> {
  await bench.killedAt({ point: 'chaos.event', nth: 300 }, { sinkDelayMs: 3 }, async (engine) => {
    await bench.streaming(engine)
    const session = await bench.session()
    await session.query(`begin; ${ENTRIES(200)}`)
    await copyIn(session, 'copy entry from stdin', Array.from({ length: 400 }, (_, index) => `${index}\t1\tcopy\t\\N\n`).join(''))
    await session.query('commit')
  })
  const { stored } = await bench.killedAt({ point: 'chaos.event', nth: 100 }, { sinkDelayMs: 3 })
  if (stored?.transaction === undefined) bench.missed.push('an offset inside the transaction')
}

/** Killed in the middle of a batch, long after the sink was given it: an offset could have been stored meanwhile, on a busy machine too. */
async function slowSink(bench: Bench): Promise<void> {
  await bench.killedAt({ point: 'chaos.event', nth: 24 }, { sinkDelayMs: 400 }, async (engine) => {
    await bench.streaming(engine)
    await bench.sql(ENTRIES(64))
  })
}

/** Killed while an offset is being written, with time enough for status updates to go out. The first two saves are the snapshot's. */
async function slowStore(bench: Bench): Promise<void> {
  await bench.killedAt({ point: 'chaos.save', nth: 3 }, { saveDelayMs: 500 }, async (engine) => {
    await bench.streaming(engine)
    await bench.sql(ENTRIES(64))
  })
}

/** The connection is cut inside a transaction while the sink is slow and batches wait. */
async function cut(bench: Bench): Promise<void> {
  await using proxy = await startTcpProxy(bench.server.port)
  await using engine = bench.start({ port: proxy.port, sinkDelayMs: 40 })
  await bench.streaming(engine)
  await bench.sql(ENTRIES(1))
  await bench.delivered(engine, 1)
  // faster than the sink, and too slow for all of it to be there
  proxy.rate(1_000_000)
  await bench.sql(ENTRIES(2_000, "repeat('x', 250)"))
  await bench.delivered(engine, 50)
  proxy.cut(isReplication)
  proxy.rate(undefined)
  await bench.reached(engine, (lines) => lines.some((line) => 'retry' in line), 'a reconnect')
  await bench.delivered(engine, 200)
  await bench.record(engine)
}

/**
 * A transaction that takes long to send, so that the server answers our status updates in the middle of it: it reads them where what it
 * sends is not taken (WalSndWriteData, src/backend/replication/walsender.c), so it must be faster than the proxy, on a busy machine too. A proxy that
 * stands still for a moment, as its process has other things to do, is no reason to connect anew: that takes three status intervals.
 */
async function keepalive(bench: Bench): Promise<void> {
  await using proxy = await startTcpProxy(bench.server.port)
  await bench.killedAt({ point: 'chaos.event', nth: 6_000 }, { port: proxy.port, maxBatchEvents: 100, statusIntervalMs: 400 }, async (engine) => {
    await bench.streaming(engine)
    proxy.rate(1_500_000)
    await bench.sql(ENTRIES(7_000, "repeat('x', 700)"))
  })
}

/** Everything a change can look like, with a table that changes in between. */
async function shapes(bench: Bench): Promise<void> {
  await using engine = bench.start()
  await bench.streaming(engine)
  for (const table of ['account', 'account_full']) {
    await bench.sql(`insert into ${table} select i, 1, 'new', 'n' || i, null from generate_series(1, 40) i`)
    await bench.sql(`update ${table} set ver = ver + 1, note = null where id <= 10`)
    await bench.sql(`update ${table} set id = id + 100, ver = ver + 1 where id <= 5`)
    await bench.sql(`delete from ${table} where id between 6 and 8`)
    await bench.sql(`begin; update ${table} set ver = ver + 1 where id = 20; savepoint s; update ${table} set ver = ver + 1 where id = 20; delete from ${table} where id = 21; rollback to savepoint s; commit`)
    await bench.sql(`begin; delete from ${table}; rollback`)
  }
  for (const table of ['document', 'document_full']) {
    await bench.sql(`insert into ${table} select i, 1, 'new', repeat(md5(i::text), 90) from generate_series(1, 6) i`)
    await bench.sql(`update ${table} set ver = ver + 1, tag = 'body unchanged' where id <= 3`)
    await bench.sql(`update ${table} set id = id + 10, ver = ver + 1 where id = 4`)
  }
  await bench.sql("insert into scratch values (1, 1, 'a'); truncate scratch, scratch_other; insert into scratch values (1, 1, 'b')")
  // two columns of one type change their names: only RELATION messages tell
  await bench.sql('delete from account_full')
  await bench.sql('alter table account_full rename tag to other; alter table account_full rename note to tag; alter table account_full rename other to note')
  await bench.sql("insert into account_full (id, ver, tag, note) values (500, 1, 'a tag', 'a note')")
  await bench.reached(engine, (lines) => lines.some((line) => 'e' in line && line.a?.['id'] === '500'), 'the last row')
  await bench.record(engine)
}

/** Killed in the middle of a snapshot; what is written meanwhile is in the next one. */
async function snapshot(bench: Bench): Promise<void> {
  await bench.sql(ENTRIES(100))
  await bench.killedAt({ point: 'source.snapshot-row-chunk', nth: 3 }, { sinkDelayMs: 5 })
  await bench.sql(ENTRIES(10))
  await using engine = bench.start()
  await bench.streaming(engine)
  await bench.sql(ENTRIES(20))
  await bench.reached(engine, (lines) => lines.filter((line) => 'e' in line && line.o === 'c').length >= 20, '20 changes')
  await bench.record(engine)
}

/** The sink rejects a batch in its middle: the engine stops, and the batch comes again. */
async function rejected(bench: Bench): Promise<void> {
  await using engine = bench.start({ rejectAt: 40 })
  await bench.streaming(engine)
  await bench.sql(ENTRIES(64))
  await engine.ended(20_000)
  await bench.record(engine, 'TR_SINK_FAILED')
}

/** Stopped in order in the middle of a transaction. */
async function stopped(bench: Bench): Promise<void> {
  await using engine = bench.start({ sinkDelayMs: 40 })
  await bench.streaming(engine)
  await bench.sql(ENTRIES(300))
  await bench.delivered(engine, 60)
  engine.terminate()
  await engine.ended(20_000)
  await bench.record(engine)
}

export const SCENARIOS: Readonly<Record<'adjacent' | 'partial' | 'slowSink' | 'slowStore' | 'cut' | 'keepalive' | 'shapes' | 'snapshot' | 'rejected' | 'stopped', Scenario>> = {
  adjacent, partial, slowSink, slowStore, cut, keepalive, shapes, snapshot, rejected, stopped,
}

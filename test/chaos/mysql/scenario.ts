import type { MysqlBench } from './bench.ts'
import { noted } from './schema.ts'

const SETTLED_MS = 20_000

function rows(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, at) => `(${from + at}, 1, 'r${from + at}', '{"ver": 1, "list": [1, 2]}')`).join()
}

const INTO = 'insert into t1 (id, ver, tag, doc) values'
const COLUMNS = ['id', 'ver', 'tag', 'body', 'doc']

/** Each brings about one thing that must go right, the same every time. */
export const SCENARIOS = {
  /** An engine dies in the middle of a transaction of several events, one of which has many rows. */
  async partial(bench: MysqlBench): Promise<void> {
    // of 12 rows in two events eight are delivered, seven are stored: less of the second event than the first has
    await bench.killed({ point: 'chaos.event', nth: 8 }, async () => await bench.sql(`begin; ${INTO} ${rows(1, 6)}; ${INTO} ${rows(7, 12)}; commit; ${INTO} ${rows(20, 22)}`))
    await bench.killed({ point: 'chaos.event', nth: 3 }, async () => {})
  },
  /** An engine is killed at the end of a transaction, behind which nothing comes for a while. */
  async between(bench: MysqlBench): Promise<void> {
    await bench.killed(undefined, async (engine) => {
      await bench.sql(`${INTO} ${rows(1, 2)}; ${INTO} ${rows(3, 4)}`)
      await engine.stores(4, SETTLED_MS)
    })
    await bench.sql(`update t1 set ver = ver + 1; update t1 set ver = ver + 1, id = id + 100 where id < 3`)
    await bench.killed({ point: 'chaos.event', nth: 5 }, async () => {})
  },
  /** XA transactions are prepared over a kill; then one is committed, one rolled back. */
  async prepared(bench: MysqlBench): Promise<void> {
    await bench.killed(undefined, async (engine) => {
      for (const [name, id] of [['a', 1], ['b', 11]] as const) await bench.sql(`xa start '${name}'; insert into x (id, ver) values (${id}, 1), (${id + 1}, 1); xa end '${name}'; xa prepare '${name}'`)
      await bench.sql(`${INTO} ${rows(1, 1)}`)
      await engine.stores(1, SETTLED_MS)
    })
    await bench.sql(`xa rollback 'b'; xa commit 'a'; xa start 'c'; insert into x (id, ver) values (30, 1); xa end 'c'; xa commit 'c' one phase`)
    await bench.sql(`${INTO} ${rows(2, 2)}`)
  },
  /** A table is altered, its order too, then the engine dies, with the offset behind the statement. */
  async altered(bench: MysqlBench): Promise<void> {
    await bench.killed(undefined, async (engine) => {
      await bench.sql(`${INTO} ${rows(1, 2)}; ${noted('alter table t1 add column n1 bigint default 7 first', { table: 't1', columns: ['n1', ...COLUMNS], add: ['n1', '7'] })}; update t1 set ver = ver + 1; ${noted('alter table t1 modify column n1 bigint after id', { table: 't1', columns: ['id', 'n1', 'ver', 'tag', 'body', 'doc'], modify: 'n1' })}; update t1 set ver = ver + 1, n1 = 70`)
      await engine.stores(6, SETTLED_MS)
    })
    await bench.sql('update t1 set ver = ver + 1, n1 = 71')
  },
  /** Everything that makes the log of MySQL smaller. */
  async compact(bench: MysqlBench): Promise<void> {
    await bench.killed({ point: 'chaos.event', nth: 8 }, async () => {
      await bench.sql(`${INTO} ${rows(1, 2)}; set session binlog_transaction_compression = on; set session binlog_row_value_options = 'PARTIAL_JSON'; update t1 set ver = ver + 1, doc = json_set(doc, '$.list[0]', 8); set session binlog_row_image = MINIMAL; update t1 set ver = ver + 1, tag = 'x'; set session binlog_row_image = NOBLOB; begin; ${INTO} ${rows(3, 6)}; commit`)
    })
  },
  /** Everything that is truncated, renamed, and rolled back to a savepoint. */
  async moved(bench: MysqlBench): Promise<void> {
    await bench.killed(undefined, async (engine) => {
      await bench.sql(`insert into emptied (id, ver) values (1, 1); ${noted('truncate table emptied', { table: 'emptied', columns: COLUMNS, truncate: true })}; begin; ${INTO} ${rows(1, 1)}; savepoint s; ${INTO} ${rows(2, 2)}; rollback to savepoint s; ${INTO} ${rows(3, 3)}; commit; ${noted('rename table t1 to t1_away', { table: 't1', columns: COLUMNS, moved: 't1_away' })}; update t1_away set ver = ver + 1`)
      await engine.stores(6, SETTLED_MS)
    })
    await bench.sql(`${noted('rename table t1_away to t1', { table: 't1_away', columns: COLUMNS, moved: 't1' })}; delete from t1`)
  },
} as const

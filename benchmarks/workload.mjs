// The data that every peer reads, and the replication slots that hold it for each of them.
import { setTimeout as sleep } from 'node:timers/promises'
import { query } from './server.mjs'

/** Every slot of ours begins with it. */
export const SLOT_PREFIX = 'tailrace_bench_'

const COLUMNS = 'id bigint primary key, name text, email text, amount numeric(12,2), qty int, active bool, created timestamptz, meta jsonb'

/** One row's values as SQL over the bigint `i`: about 150 bytes, microseconds in `created`, a small object in `meta`. */
export const VALUES = `i, 'customer number ' || i, 'customer.' || i || '@example.org', (i * 7919 % 100000000)::numeric / 100, (i % 1000)::int, i % 3 = 0,
  timestamptz '2026-01-01 00:00:00.000001Z' + i * interval '1.234567 seconds', jsonb_build_object('source', 'web', 'visits', i % 97, 'tags', jsonb_build_array('a', 'b'))`

/** @type {Record<string, {title: string, write: (rows: number) => string}>} */
export const WORKLOADS = {
  bulk: {
    title: 'A  bulk: inserts in one transaction',
    write: (rows) => `insert into bulk select ${VALUES} from generate_series(1::bigint, ${rows}) i`,
  },
  single: {
    title: 'B  single: one insert a transaction',
    // COMMIT inside DO is allowed outside a transaction block since PostgreSQL 11: no client round trip a transaction.
    write: (rows) => `do $$ begin for i in 1::bigint..${rows} loop insert into single select ${VALUES}; commit; end loop; end $$`,
  },
}

/** Makes an empty table and the publication of it alone. */
export async function prepareTable(url, table) {
  await query(url, `drop publication if exists ${table}_publication`)
  await query(url, `drop table if exists ${table}`)
  await query(url, `create table ${table} (${COLUMNS})`)
  await query(url, `create publication ${table}_publication for table ${table}`)
}

/**
 * Makes the slots first and writes then, so that every slot holds the same WAL.
 * @param {{url: string, workload: string, rows: number, slots: string[]}} options
 */
export async function writeWorkload({ url, workload, rows, slots }) {
  await prepareTable(url, workload)
  for (const slot of slots) await makeSlot(url, slot)
  const started = performance.now()
  await query(url, WORKLOADS[workload].write(rows))
  const writeSeconds = (performance.now() - started) / 1000
  const [{ lsn }] = await query(url, 'select pg_current_wal_lsn()::text as lsn')
  return { endLsn: lsn, writeSeconds }
}

export async function makeSlot(url, slot) {
  await query(url, `select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot])
}

/** Drops a slot; a reader that was just ended may hold it for a moment longer. */
export async function dropSlot(url, slot) {
  for (let attempt = 0; ; attempt++) {
    const [found] = await query(url, 'select active_pid from pg_replication_slots where slot_name = $1', [slot])
    if (found === undefined) return
    try {
      if (found.active_pid !== null) await query(url, 'select pg_terminate_backend($1)', [found.active_pid])
      await query(url, 'select pg_drop_replication_slot($1)', [slot])
      return
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(100)
    }
  }
}

/** Drops all slots whose names begin with ours; answers how many. */
export async function dropSlots(url, prefix) {
  const rows = await query(url, 'select slot_name from pg_replication_slots where starts_with(slot_name, $1)', [prefix])
  for (const row of rows) await dropSlot(url, row.slot_name)
  return rows.length
}

// Throughput: writes a workload once, and has every peer replay it from a slot of its own.
import { load, temporaryFolder } from './machine.mjs'
import { PEERS } from './peer/all.mjs'
import { CHECK, choosePeers, plan, run } from './round.mjs'
import { query } from './server.mjs'
import { dropSlot, dropSlots, prepareTable, SLOT_PREFIX, VALUES, WORKLOADS, writeWorkload } from './workload.mjs'

/**
 * @param {{url: string, rows: number, transactions: number, repeat: number, workloads: string[], only: string[], all?: import('./peer/all.mjs').Peer[], broker?: import('./broker.mjs').Broker}} options
 */
export async function measureThroughput({ url, rows, transactions, repeat, workloads, only, all = PEERS, broker }) {
  const { peers, versions, skipped } = await choosePeers(only, workloads, all)
  const { path: folder, remove } = temporaryFolder('tailrace-bench-run-')
  const runs = []
  const written = []
  try {
    await dropSlots(url, SLOT_PREFIX)
    for (const workload of workloads) {
      const readers = peers.filter((peer) => peer.workloads.includes(workload))
      if (readers.length === 0) continue
      const count = workload === 'single' ? transactions : rows
      const jobs = plan(readers, repeat).map((job) => ({ ...job, slot: `${SLOT_PREFIX}${workload}_${job.number}` }))
      const made = await prepare({ url, workload, rows: count, slots: jobs.map((job) => job.slot) })
      written.push({ workload, rows: count, ...made })
      const wrong = new Set()
      for (const { peer, repetition, slot } of jobs) {
        const job = { url, slot, table: workload, publication: `${workload}_publication`, rows: count, endLsn: made.endLsn, folder, broker }
        const result = wrong.has(peer) ? undefined : await run(peer, job, { workload, peer: peer.name, repetition, load: load()[0] })
        if (result?.failed !== undefined && repetition === CHECK) wrong.add(peer)
        if (result !== undefined) runs.push(result)
        await dropSlot(url, slot)
      }
      await query(url, `drop table ${workload} cascade`)
    }
  } finally {
    await dropSlots(url, SLOT_PREFIX)
    remove()
  }
  return { versions, skipped, written, runs }
}

async function prepare({ url, workload, rows, slots }) {
  console.log(`\n${workload}: writing ${rows} rows`)
  if (workload !== 'snapshot') return await writeWorkload({ url, workload, rows, slots })
  // Slots are not made here: making one is part of a first start.
  await prepareTable(url, workload)
  const started = performance.now()
  await query(url, `insert into ${workload} select ${VALUES} from generate_series(1::bigint, ${rows}) i`)
  const writeSeconds = (performance.now() - started) / 1000
  // Sets the hint bits now, else the first reader would.
  await query(url, `vacuum analyze ${workload}`)
  return { endLsn: '', writeSeconds }
}

export const WORKLOAD_NAMES = [...Object.keys(WORKLOADS), 'snapshot']

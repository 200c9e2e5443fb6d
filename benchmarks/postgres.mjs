// Throughput: writes a workload once, and has every peer replay it from a slot of its own.
import { load, temporaryFolder } from './machine.mjs'
import { PEERS } from './peer/all.mjs'
import { query } from './server.mjs'
import { dropSlot, dropSlots, prepareTable, SLOT_PREFIX, VALUES, WORKLOADS, writeWorkload } from './workload.mjs'

const CHECK = 0

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

/**
 * Every repetition has all peers, each time beginning with another one: noise of the machine is shared. Repetition 0 is
 * for the peers whose output must be looked at once.
 */
function plan(readers, repeat) {
  const jobs = readers.filter((peer) => peer.check !== undefined).map((peer, at) => ({ peer, repetition: CHECK, number: at + 1 }))
  for (let repetition = 1; repetition <= repeat; repetition++) {
    for (let at = 0; at < readers.length; at++) {
      jobs.push({ peer: readers[(at + repetition - 1) % readers.length], repetition, number: jobs.length + 1 })
    }
  }
  return jobs
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

async function run(peer, job, about) {
  process.stdout.write(`  ${about.repetition}  ${peer.name.padEnd(32)} `)
  try {
    if (about.repetition === CHECK) {
      console.log((await peer.check(job)) ?? 'writes every row')
      return undefined
    }
    const reading = await peer.read(job)
    const rate = Math.round(reading.rows / reading.seconds).toLocaleString('en')
    console.log(`${rate.padStart(10)} rows/s  ${reading.cpuSeconds.toFixed(2)} CPU s  ${Math.round(reading.peakRssKiB / 1024)} MiB`)
    return { ...about, ...reading }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    console.log(`FAILED: ${message}`)
    return { ...about, failed: message }
  }
}

/** The peers that can be had here; the others are named, with the reason. */
export async function choosePeers(only, workloads, all = PEERS) {
  const peers = []
  const skipped = []
  /** @type {Record<string, string>} */
  const versions = {}
  for (const peer of all) {
    if (!peer.workloads.some((workload) => workloads.includes(workload))) continue
    if (only.length > 0 && !only.some((part) => peer.name.toLowerCase().includes(part.toLowerCase()))) continue
    const reason = await peer.missing()
    if (reason === undefined) {
      peers.push(peer)
      versions[peer.name] = await peer.version()
    } else {
      skipped.push({ peer: peer.name, reason })
      console.log(`*** SKIPPED: ${peer.name}: ${reason}`)
    }
  }
  return { peers, versions, skipped }
}

export const WORKLOAD_NAMES = [...Object.keys(WORKLOADS), 'snapshot']

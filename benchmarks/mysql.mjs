// Throughput from MySQL or MariaDB: writes a workload once, and has every peer read it from the place before its first row.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, temporaryFolder } from './machine.mjs'
import { DATABASE, prepareTable, prepareTools, writeRows } from './mysql-workload.mjs'
import { MYSQL_PEERS } from './peer/mysql-all.mjs'
import { keepPlace } from './peer/mysql-properties.mjs'
import { CHECK, choosePeers, plan, run } from './round.mjs'

/**
 * @param {{server: any, rows: number, transactions: number, repeat: number, workloads: string[], only: string[]}} options
 */
export async function measureMysql({ server, rows, transactions, repeat, workloads, only }) {
  const all = MYSQL_PEERS.filter((peer) => peer.flavors.includes(server.flavor))
  const { peers, versions, skipped } = await choosePeers(only, workloads, all)
  const { path: folder, remove } = temporaryFolder('tailrace-bench-run-')
  const runs = []
  const written = []
  try {
    await prepareTools(server)
    for (const workload of workloads) {
      const readers = peers.filter((peer) => peer.workloads.includes(workload))
      if (readers.length === 0) continue
      const count = workload === 'single' ? transactions : rows
      const shared = { server, host: server.host, port: server.port, flavor: server.flavor, database: DATABASE, table: workload, rows: count, folder }
      const made = await prepare(shared)
      written.push({ workload, rows: count, seconds: made.seconds })
      const wrong = new Set()
      for (const { peer, repetition, number } of plan(readers, repeat)) {
        const job = { ...shared, file: made.file, slot: `${workload}_${number}`, serverId: 70_000 + number, place: copyPlace(made.place, folder, `${workload}_${number}`) }
        const result = wrong.has(peer) ? undefined : await run(peer, job, { workload, peer: peer.name, repetition, load: load()[0] })
        if (result?.failed !== undefined && repetition === CHECK) wrong.add(peer)
        if (result !== undefined) runs.push(result)
      }
      await server.query(`drop table ${workload}`, DATABASE)
    }
  } finally {
    remove()
  }
  return { versions, skipped, written, runs }
}

/** The table, what Debezium and the command need to begin before its first row, and the rows. */
async function prepare(job) {
  const { server, table, rows } = job
  console.log(`\n${table}: writing ${rows} rows`)
  const file = await prepareTable(server, table)
  // a snapshot needs no place: finding one is part of a first start
  const place = table === 'snapshot' ? undefined : keepPlace(job)
  const started = performance.now()
  await writeRows(server, table, rows)
  return { file, place, seconds: (performance.now() - started) / 1000 }
}

/** Each run has offset and history of its own. */
function copyPlace(place, folder, name) {
  if (place === undefined) return undefined
  return Object.fromEntries(Object.entries(place).map(([kind, file]) => {
    const copy = join(folder, `${name}.${kind}`)
    copyFileSync(file, copy)
    return [kind, copy]
  }))
}

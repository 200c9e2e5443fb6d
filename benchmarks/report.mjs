// From single runs to medians, ratios, targets and the cases that are lost.
import { NAMES } from './peer/all.mjs'

const TITLES = {
  bulk: 'A  bulk: one transaction of many inserts',
  single: 'B  single: one insert a transaction',
  snapshot: 'snapshot of a whole table',
}
const OURS = [NAMES.command, NAMES.sink, NAMES.callback, ...NAMES.snapshots]

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Medians of each workload and peer; failed runs do not count. */
export function summarise(runs) {
  /** @type {Map<string, Map<string, any[]>>} */
  const groups = new Map()
  for (const run of runs) {
    if (run.failed !== undefined) continue
    const peers = groups.get(run.workload) ?? groups.set(run.workload, new Map()).get(run.workload)
    peers.set(run.peer, [...(peers.get(run.peer) ?? []), run])
  }
  return [...groups].map(([workload, peers]) => ({
    workload,
    peers: [...peers].map(([peer, list]) => ({
      peer,
      runs: list.length,
      rowsPerSecond: median(list.map((run) => run.rows / run.seconds)),
      cpuPerMillion: median(list.map((run) => run.cpuSeconds / run.rows * 1e6)),
      wholeCpuPerMillion: median(list.map((run) => run.wholeCpuSeconds / run.rows * 1e6)),
      secondsToFirst: median(list.map((run) => run.wholeSeconds - run.seconds)),
      peakRssMiB: median(list.map((run) => run.peakRssKiB / 1024)),
    })),
  }))
}

/**
 * @param {(workload: string) => string} [yardstickOf] the peer that the others are compared with
 * @returns {string} one table a workload
 */
export function throughputTable(summary, yardstickOf = (workload) => (workload === 'snapshot' ? NAMES.psql : NAMES.recvlogical)) {
  return summary.map(({ workload, peers }) => {
    const yardstick = peers.find((row) => row.peer === yardstickOf(workload))
    const rows = peers.map((row) => [
      row.peer, whole(row.rowsPerSecond), yardstick === undefined ? '–' : `${(row.rowsPerSecond / yardstick.rowsPerSecond).toFixed(2)}x`,
      row.cpuPerMillion.toFixed(2), row.wholeCpuPerMillion.toFixed(2), row.peakRssMiB.toFixed(0), row.secondsToFirst.toFixed(2),
    ])
    const against = yardstick === undefined ? 'ratio' : `vs ${yardstick.peer}`
    return `\n${TITLES[workload]}\n${table(['', 'rows/s', against, 'CPU s/M', 'whole CPU s/M', 'peak RSS MiB', 'first row s'], rows)}`
  }).join('\n')
}

/** @returns {{target: string, measured: string, verdict: 'reached' | 'MISSED' | 'not measured'}[]} */
export function throughputTargets(summary) {
  return summary.flatMap(({ workload, peers }) => {
    const row = (name) => peers.find((candidate) => candidate.peer === name)
    if (workload === 'snapshot') {
      return NAMES.snapshots.map((name) => ratio(`snapshot: ${name} at least 0.8x the rows/s of ${NAMES.psql}`, row(name)?.rowsPerSecond, row(NAMES.psql)?.rowsPerSecond, 0.8))
    }
    const recvlogical = row(NAMES.recvlogical)
    const debezium = NAMES.debezium.map(row).filter((found) => found !== undefined)
    // The better of Debezium's two settings in each discipline, and of the two CPU figures the one less kind to us:
    // the counted part against Debezium (its JVM's start left out), the whole process against pg_recvlogical (Node's start in).
    const debeziumRows = best(debezium.map((found) => found.rowsPerSecond))
    const debeziumRowsPerCpu = best(debezium.map((found) => 1e6 / found.cpuPerMillion))
    const bytes = [NAMES.command, NAMES.sink].flatMap((name) => {
      const ours = row(name)
      return [
        ratio(`${workload}: ${name} at least 2x the rows/s of ${NAMES.recvlogical}`, ours?.rowsPerSecond, recvlogical?.rowsPerSecond, 2),
        limit(`${workload}: ${name} no more CPU s/M than ${NAMES.recvlogical}, whole process`, ours?.wholeCpuPerMillion, recvlogical?.wholeCpuPerMillion, ''),
        ratio(`${workload}: ${name} at least 6x the rows/s of Debezium`, ours?.rowsPerSecond, debeziumRows, 6),
        ratio(`${workload}: ${name} at least 20x Debezium's rows a CPU second`, ours && 1e6 / ours.wholeCpuPerMillion, debeziumRowsPerCpu, 20),
        limit(`${workload}: ${name} at most 120 MiB`, ours?.peakRssMiB, 120, ' MiB'),
      ]
    })
    return [...bytes, ratio(`${workload}: ${NAMES.callback} at least 1.8x the rows/s of ${NAMES.recvlogical}`, row(NAMES.callback)?.rowsPerSecond, recvlogical?.rowsPerSecond, 1.8)]
  })
}

/** Every comparison with a peer that tailrace does not win. */
export function losses(summary, ownNames = OURS) {
  return summary.flatMap(({ workload, peers }) => {
    const others = peers.filter((row) => !ownNames.includes(row.peer) && row.peer !== NAMES.nothing)
    return peers.filter((row) => ownNames.includes(row.peer)).flatMap((ours) => others.flatMap((other) => [
      ours.rowsPerSecond < other.rowsPerSecond && `${workload}: ${ours.peer} ${whole(ours.rowsPerSecond)} rows/s, ${other.peer} ${whole(other.rowsPerSecond)}`,
      ours.wholeCpuPerMillion > other.wholeCpuPerMillion && `${workload}: ${ours.peer} ${ours.wholeCpuPerMillion.toFixed(2)} CPU s/M, ${other.peer} ${other.wholeCpuPerMillion.toFixed(2)}`,
      ours.peakRssMiB > other.peakRssMiB && `${workload}: ${ours.peer} ${ours.peakRssMiB.toFixed(0)} MiB, ${other.peer} ${other.peakRssMiB.toFixed(0)} MiB`,
    ]).filter((line) => line !== false))
  })
}

export function limit(target, measured, most, unit, digits = 2) {
  if (measured === undefined || most === undefined) return { target, measured: '–', verdict: /** @type {const} */ ('not measured') }
  return { target, measured: `${measured.toFixed(digits)}${unit}, limit ${most.toFixed(digits)}${unit}`, verdict: verdict(measured <= most) }
}

export function ratio(target, ours, theirs, least) {
  if (ours === undefined || theirs === undefined) return { target, measured: '–', verdict: /** @type {const} */ ('not measured') }
  return { target, measured: `${(ours / theirs).toFixed(2)}x`, verdict: verdict(ours / theirs >= least) }
}

export function printTargets(targets) {
  console.log('\nTargets')
  for (const { target, measured, verdict: said } of targets) console.log(`  ${said.padEnd(13)} ${target}: ${measured}`)
}

export function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  const line = (cells) => cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ')
  return [line(head), ...rows.map(line)].map((text) => `  ${text}`).join('\n')
}

const verdict = (held) => /** @type {'reached' | 'MISSED'} */ (held ? 'reached' : 'MISSED')
export const whole = (value) => Math.round(value).toLocaleString('en')
/** The greatest, undefined without any. */
export const best = (values) => (values.length === 0 ? undefined : Math.max(...values))

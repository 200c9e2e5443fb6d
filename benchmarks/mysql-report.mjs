// The runs on MySQL and MariaDB as table, targets and lost comparisons.
import { MYSQL_NAMES } from './peer/mysql-all.mjs'
import { best, limit, losses, ratio, throughputTable } from './report.mjs'

const { mysqlbinlog, vlasky, client, debezium, command, sink, callback, snapshots } = MYSQL_NAMES

export const mysqlTable = (summary) => throughputTable(summary, (workload) => (workload === 'snapshot' ? client : mysqlbinlog))

export function mysqlTargets(summary) {
  return summary.flatMap(({ workload, peers }) => {
    const row = (name) => peers.find((candidate) => candidate.peer === name)
    const rate = (name) => row(name)?.rowsPerSecond
    if (workload === 'snapshot') return snapshots.map((name) => ratio(`snapshot: ${name} at least 0.7x the rows/s of ${client}`, rate(name), rate(client), 0.7))
    const theirs = debezium.map(row).filter((found) => found !== undefined)
    // As on PostgreSQL: of Debezium's two settings the better one in each discipline, its JVM's start left out, our start in.
    const debeziumRows = best(theirs.map((found) => found.rowsPerSecond))
    const debeziumRowsPerCpu = best(theirs.map((found) => 1e6 / found.cpuPerMillion))
    const times = workload === 'bulk' ? 4 : 6
    return [
      ratio(`${workload}: ${callback} at least ${times}x the rows/s of ${vlasky}`, rate(callback), rate(vlasky), times),
      ratio(`${workload}: ${callback} at least 1.5x the rows/s of ${mysqlbinlog}`, rate(callback), rate(mysqlbinlog), 1.5),
      ...[command, sink].flatMap((name) => {
        const ours = row(name)
        return [
          ratio(`${workload}: ${name} at least 30x Debezium's rows a CPU second`, ours && 1e6 / ours.wholeCpuPerMillion, debeziumRowsPerCpu, 30),
          ratio(`${workload}: ${name} at least 15x the rows/s of Debezium`, ours?.rowsPerSecond, debeziumRows, 15),
          limit(`${workload}: ${name} at most 120 MiB`, ours?.peakRssMiB, 120, ' MiB'),
        ]
      }),
    ]
  })
}

/** Every comparison with another's program that tailrace does not win. */
export const mysqlLosses = (summary) => losses(summary, [command, sink, callback, ...snapshots])

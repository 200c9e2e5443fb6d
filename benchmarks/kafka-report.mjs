// The runs into Kafka as table, targets and lost comparisons.
import { KAFKA_NAMES } from './peer/kafka-all.mjs'
import { limit, losses, ratio, table, whole } from './report.mjs'

const { debezium, kafkajs, json, avro, exactlyOnce } = KAFKA_NAMES

export function kafkaTable(summary, runs) {
  return summary.map(({ peers }) => {
    const yardstick = peers.find((row) => row.peer === debezium)
    const rows = peers.map((row) => [
      row.peer, whole(row.rowsPerSecond), yardstick === undefined ? '–' : `${(row.rowsPerSecond / yardstick.rowsPerSecond).toFixed(2)}x`,
      row.cpuPerMillion.toFixed(2), row.wholeCpuPerMillion.toFixed(2), row.peakRssMiB.toFixed(0), row.secondsToFirst.toFixed(2), whole(bytesOfARow(runs, row.peer)),
    ])
    return `\nbulk into Kafka: one transaction of many inserts, one partition\n${table(['', 'rows/s', 'vs Debezium', 'CPU s/M', 'whole CPU s/M', 'peak RSS MiB', 'first row s', 'bytes/row'], rows)}`
  }).join('\n')
}

/** In the broker's log; the same in each run of a peer, but for the timestamps' digits. */
function bytesOfARow(runs, peer) {
  const { bytes, writtenRows } = runs.find((run) => run.peer === peer && run.failed === undefined)
  return bytes / writtenRows
}

export function kafkaTargets(summary) {
  const row = (name) => summary[0]?.peers.find((found) => found.peer === name)
  const theirs = row(debezium)
  // Of the two CPU figures the one less kind to us, as everywhere: ours with our start, Debezium's without its JVM's.
  const againstPeers = [json, avro].flatMap((name) => {
    const ours = row(name)
    return [
      ratio(`${name} at least 15x Debezium's rows a CPU second`, theirs?.cpuPerMillion, ours?.wholeCpuPerMillion, 15),
      ratio(`${name} at least 6x the rows/s of Debezium`, ours?.rowsPerSecond, theirs?.rowsPerSecond, 6),
      ratio(`${name} at least 2x the rows/s of ${kafkajs}`, ours?.rowsPerSecond, row(kafkajs)?.rowsPerSecond, 2),
      limit(`${name} at most 200 MiB`, ours?.peakRssMiB, 200, ' MiB'),
    ]
  })
  return [...againstPeers, ratio(`${exactlyOnce} at least 0.7x the rows/s of ${json}`, row(exactlyOnce)?.rowsPerSecond, row(json)?.rowsPerSecond, 0.7)]
}

/** Every comparison with another's program that tailrace does not win. */
export const kafkaLosses = (summary) => losses(summary, [json, avro, exactlyOnce])

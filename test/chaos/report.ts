import type { ChaosResult } from './chaos-run.ts'
import type { KafkaChaosResult } from './kafka-run.ts'
import type { Verdict } from './oracle.ts'

const SHOWN = 20

/** What a run has come to, in lines for a person. */
export function report({ verdicts, kills, committed }: ChaosResult): string[] {
  const sum = (figure: (verdict: Verdict) => number): number => verdicts.reduce((total, verdict) => total + figure(verdict), 0)
  const violations = verdicts.flatMap((verdict) => verdict.violations)
  const named = [...kills].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    `kills            ${named.reduce((total, [, count]) => total + count, 0)}`,
    ...named.map(([name, count]) => `  ${name.padEnd(34)} ${count}`),
    `transactions     ${committed}`,
    `changes written  ${sum(({ changes }) => changes)} (events they make, behind each epoch's snapshot)`,
    `events delivered ${sum(({ delivered }) => delivered)}, and ${sum(({ snapshotRows }) => snapshotRows)} snapshot rows`,
    `duplicates       ${sum(({ duplicates }) => duplicates)}`,
    `bound            ${sum(({ bound }) => bound)} (delivered at a kill and not yet covered by a stored offset)`,
    `lost             ${sum(({ lost }) => lost)}`,
    `reordered        ${sum(({ reordered }) => reordered)}`,
    `phantom          ${sum(({ phantom }) => phantom)}`,
    `altered          ${sum(({ altered }) => altered)}`,
    `violations       ${violations.length}`,
    ...violations.slice(0, SHOWN).map((violation) => `  ${violation}`),
    ...(violations.length > SHOWN ? [`  … and ${violations.length - SHOWN} more`] : []),
  ]
}

/** The same for a run that writes to Kafka exactly once. */
export function kafkaReport({ faults, committed, changes, consumed, offsets, lost, repeated, reordered, phantom, altered, violations, notes }: KafkaChaosResult): string[] {
  return [
    `faults           ${[...faults.values()].reduce((total, count) => total + count, 0)}`,
    ...[...faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${name.padEnd(34)} ${count}`),
    `transactions     ${committed}`,
    ...notes,
    `changes written  ${changes}`,
    `records consumed ${consumed} (read_committed) of ${offsets} offsets`,
    `lost             ${lost}`,
    `repeated         ${repeated}`,
    `reordered        ${reordered}`,
    `phantom          ${phantom}`,
    `altered          ${altered}`,
    `violations       ${violations.length}`,
    ...violations.slice(0, SHOWN).map((violation) => `  ${violation}`),
  ]
}

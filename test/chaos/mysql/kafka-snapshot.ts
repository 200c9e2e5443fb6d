import type { StreamedTruth } from '../kafka-subject.ts'
import type { TopicLine, TrueChange } from '../kafka-verdict.ts'
import { TOMBSTONE } from './kafka-record.ts'
import { Tables } from './tables.ts'
import type { TrueGroup } from './truth.ts'

/** What a topic has to have of them. */
export function changesOf(groups: readonly TrueGroup[]): TrueChange[] {
  return groups.flatMap(({ id, events }) => events.flatMap(({ table, op, before, after, ordinal, part }): TrueChange[] => {
    const change = { key: `${id} ${ordinal} ${part}`, table, op, before, after }
    return op === 'd' ? [change, { key: `${change.key} ${TOMBSTONE}`, table, op: TOMBSTONE, before: null, after: null }] : [change]
  }))
}

/**
 * Rows of snapshots come before everything else. Each snapshot that was interrupted left a beginning of itself, without gaps; the last one has every row as it was where the stream
 * begins: what the log has made of the tables before the first change that was streamed. `groups`: everything since the tables were made.
 */
export function judgeSnapshots(groups: readonly TrueGroup[], lines: readonly TopicLine[]): StreamedTruth {
  const wrong: string[] = []
  const rows = lines.filter(({ op }) => op === 'r')
  const streamed = lines.slice(rows.length)
  if (streamed.some(({ op }) => op === 'r')) wrong.push('rows of a snapshot come behind the stream’s first change')
  const attempts: TopicLine[][] = []
  for (const row of rows) {
    const number = numberOf(row)
    const last = attempts.at(-1)
    if (number === 0) attempts.push([row])
    else if (last === undefined || number !== numberOf(last.at(-1)!) + 1) wrong.push(`row ${number} of a snapshot comes behind ${last === undefined ? 'nothing' : `row ${numberOf(last.at(-1)!)}`}: ${row.table}, ${row.id}`)
    else last.push(row)
  }
  const first = groups.findIndex(({ id, events }) => events.some(({ ordinal, part }) => `${id} ${ordinal} ${part}` === streamed[0]?.key))
  if (first === -1) return { truth: [], lines: streamed, wrong: [...wrong, 'the first change behind the snapshot is not in the log'] }
  wrong.push(...compareRows(groups.slice(0, first), attempts.at(-1) ?? []))
  return { truth: changesOf(groups.slice(first)), lines: streamed, wrong }
}

function compareRows(before: readonly TrueGroup[], rows: readonly TopicLine[]): string[] {
  const tables = new Tables()
  const wrong = before.flatMap((group) => tables.apply(group)).map((problem) => `the oracle cannot follow the log: ${problem}`)
  for (const [table, should] of tables.contents()) {
    const is = rows.filter((row) => row.table === table).map(({ after }) => JSON.stringify(after)).sort()
    const known = new Set(is)
    const expected = new Set(should)
    const missing = should.filter((row) => !known.has(row))
    const strange = is.filter((row) => !expected.has(row))
    if (missing.length > 0) wrong.push(`the snapshot misses ${missing.length} of ${should.length} rows of ${table}, the first ${missing[0]}`)
    if (strange.length > 0) wrong.push(`the snapshot has ${strange.length} rows of ${table} that were not there, the first ${strange[0]}`)
    if (known.size !== is.length) wrong.push(`the snapshot repeats rows of ${table}`)
  }
  return wrong
}

function numberOf({ id }: TopicLine): number {
  return Number(id.slice(id.lastIndexOf(':') + 1))
}

import { DIFFERENCES, type Golden } from '../unit/source/mysql/ddl/golden-difference.ts'

/** A record of a schema history. */
export interface HistoryLine extends Golden {
  readonly source: unknown
  readonly position: Readonly<Record<string, unknown>>
  readonly ts_ms: unknown
}

/** Records that one of both has not; reasons are those of docs/differences.md. What a statement's own record has otherwise stands in golden-difference.ts. */
const OTHER_RECORDS: readonly { readonly reason: string; readonly place: string; readonly added: readonly number[]; readonly dropped: readonly number[] }[] = [
  { reason: 'goes-on', place: 'mariadb/ddl-sequence', added: [1, 6], dropped: [] },
  { reason: 'order-of-definitions', place: 'mariadb/snapshot-lock-none', added: [15], dropped: [14] },
  { reason: 'order-of-definitions', place: 'mysql/snapshot-lock-none', added: [15], dropped: [14] },
]

/** Debezium was told to keep captured tables' definitions alone; what it has must be there in its order. */
const ALL_DEFINITIONS: readonly string[] = ['mysql/ddl-store-only', 'mysql/snapshot-store-only']

/** Statements whose text is another: [Debezium's, tailrace's], wherever it stands in a record. */
const OTHER_TEXT: readonly { readonly reason: string; readonly place: string; readonly ddl: RegExp; readonly text: readonly [theirs: RegExp, ours: string] }[] = [
  { reason: 'statement-text', place: 'mysql/ddl-legacy-parser', ddl: /^CREATE TABLE `ctas2?` /, text: [/\)$/, ') START TRANSACTION'] },
  { reason: 'timestamp-default', place: 'mysql/types-tz-server', ddl: /^CREATE TABLE `t_def` /, text: [/2020-02-29 06:32:03/g, '2020-02-29 01:02:03'] },
  { reason: 'timestamp-default', place: 'mysql/types-tz-server', ddl: /^CREATE TABLE `t_timestamp` /, text: [/2001-02-03 09:35:06/g, '2001-02-03 04:05:06'] },
]

/** The two histories as they have to be equal. `goesOn`: Debezium has stopped, and there may be more. */
export function comparableHistories(place: string, theirs: readonly HistoryLine[], ours: readonly HistoryLine[], goesOn: boolean): readonly [theirs: HistoryLine[], ours: HistoryLine[]] {
  const { added = [], dropped = [] } = OTHER_RECORDS.find((each) => each.place === place) ?? {}
  const wanted = theirs.filter((_, i) => !dropped.includes(i)).map((record) => amended(place, record))
  const told = ALL_DEFINITIONS.includes(place) ? thoseOf(wanted, ours) : ours
  const got = told.filter((_, i) => !added.includes(i)).map((record, i) => besideAnOffset(record, wanted[i]))
  return [wanted.map((record) => besideAnOffset(record, record)), goesOn ? got.slice(0, wanted.length) : got]
}

function amended(place: string, record: HistoryLine): HistoryLine {
  const amend = DIFFERENCES.filter(({ files }) => files.test(`${place}/schema-history.ndjson`)).reduce((line, { ours }) => ({ ...line, ...ours(line) }), record)
  const { ddl = '' } = amend
  const rule = OTHER_TEXT.find((each) => each.place === place && each.ddl.test(ddl))
  if (rule === undefined) return amend
  const tableChanges = JSON.parse(JSON.stringify(amend.tableChanges).replace(...rule.text)) as HistoryLine['tableChanges']
  return { ...amend, ddl: ddl.replace(...rule.text), tableChanges }
}

/** Each of theirs, where it is among ours, in the same order; at the first that is not, what is there instead. */
function thoseOf(theirs: readonly HistoryLine[], ours: readonly HistoryLine[]): HistoryLine[] {
  let at = 0
  return theirs.flatMap((record) => {
    const found = ours.findIndex(({ ddl, databaseName }, i) => i >= at && ddl === record.ddl && databaseName === record.databaseName)
    if (found >= 0) at = found + 1
    return found < 0 ? ours.slice(at, at + 1) : [ours[found]!]
  })
}

/** The definitions that `recovery` reads stand at the stored offset, and that is Debezium's own: within a transaction. */
function besideAnOffset(record: HistoryLine, theirs: HistoryLine | undefined): HistoryLine {
  const { snapshot, row } = theirs?.position ?? {}
  return snapshot === undefined || row === undefined ? record : { ...record, position: { snapshot: record.position['snapshot'] } }
}

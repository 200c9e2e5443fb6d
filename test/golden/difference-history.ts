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

/** The two histories as they have to be equal. `goesOn`: Debezium has stopped, and there may be more. */
export function comparableHistories(place: string, theirs: readonly HistoryLine[], ours: readonly HistoryLine[], goesOn: boolean): readonly [theirs: HistoryLine[], ours: HistoryLine[]] {
  const { added = [], dropped = [] } = OTHER_RECORDS.find((each) => each.place === place) ?? {}
  const wanted = theirs.filter((_, i) => !dropped.includes(i)).map((record) => amended(place, record))
  const got = ours.filter((_, i) => !added.includes(i)).map((record, i) => besideAnOffset(record, wanted[i]))
  return [wanted.map((record) => besideAnOffset(record, record)), goesOn ? got.slice(0, wanted.length) : got]
}

function amended(place: string, record: HistoryLine): HistoryLine {
  return DIFFERENCES.filter(({ files }) => files.test(`${place}/schema-history.ndjson`)).reduce((line, { ours }) => ({ ...line, ...ours(line) }), record)
}

/** The definitions that `recovery` reads stand at the stored offset, and that is Debezium's own: within a transaction. */
function besideAnOffset(record: HistoryLine, theirs: HistoryLine | undefined): HistoryLine {
  const { snapshot, row } = theirs?.position ?? {}
  return snapshot === undefined || row === undefined ? record : { ...record, position: { snapshot: record.position['snapshot'] } }
}

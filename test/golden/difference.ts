import type { Mismatch } from './compare.ts'
import type { Difference } from './difference-rule.ts'
import { MYSQL_DIFFERENCES } from './difference-mysql.ts'
import { POSTGRES_DIFFERENCES } from './difference-postgres.ts'
import { field, parseJson, printJson, scalar, type Field, type Json } from './json.ts'
import { payload } from './normalise.ts'
import { RECORD_DIFFERENCES } from './record-difference.ts'

export const DIFFERENCES: readonly Difference[] = [...POSTGRES_DIFFERENCES, ...MYSQL_DIFFERENCES]
export { RECORD_DIFFERENCES } from './record-difference.ts'

/** MariaDB 11.4 and later do not write in a transaction's events where they end; Debezium then has the place of an earlier event. */
export const EVENT_POSITION = 'event-position'

/** What is left of the mismatches of a scenario without those of places that Debezium does not know. */
export function withoutPlaces(scenario: string, mismatches: readonly Mismatch[], tally: Tally): Mismatch[] {
  const left = mismatches.filter(({ path }) => !(scenario.startsWith('mariadb/11.8/') && /^value\.(payload\.)?source\.pos$/.test(path)))
  const at = DIFFERENCES.length + RECORD_DIFFERENCES.length
  tally[at] = (tally[at] ?? 0) + mismatches.length - left.length
  return left
}

/** Counts what a run has other records for. */
export function countRecords(scenario: string, run: number, tally: Tally): void {
  RECORD_DIFFERENCES.forEach((rule, i) => {
    if (rule.scenario === scenario && rule.run === run) tally[DIFFERENCES.length + i] = rule.added.length + rule.dropped.length
  })
}

/** How many records each rule changed; index as in DIFFERENCES, then RECORD_DIFFERENCES. */
export type Tally = number[]

/** Turns a normalised golden record into the one tailrace is to write; counts the rules that changed it. */
export function amend(scenario: string, record: Json, tally: Tally): Json {
  const wrapped = field(record, 'value')
  const value = payload(wrapped)
  // a tombstone has nothing but its destination
  const table = scalar(field(field(value, 'source'), 'table')) ?? scalar(field(record, 'destination'))?.split('.').at(-1)
  DIFFERENCES.forEach((rule, i) => {
    if (rule.table !== table || !rule.scenario.test(scenario)) return
    const op = scalar(field(value, 'op'))
    const cells = (['before', 'after'] as const).flatMap((image) => amendCell(rule, op, field(value, image)))
    const schemas = wrapped === value ? [] : amendSchema(rule, field(wrapped, 'schema'))
    const keys = amendKey(rule, record)
    const all = [...cells, ...schemas, ...keys, ...amendCounts(rule, value), ...amendMember(rule, value)]
    if (all.length === 0) return
    for (const { place, ours } of all) place.value = parseJson(ours)
    tally[i] = (tally[i] ?? 0) + 1
  })
  return record
}

interface Change {
  readonly place: { value: Json }
  readonly ours: string
}

function amendCell(rule: Difference, op: string | undefined, row: Json | undefined): Change[] {
  const place = fieldOf(row, rule.column)
  if (place === undefined) return []
  const id = scalar(field(row, 'id'))
  const now = printJson(place.value)
  const cells = (rule.cells ?? []).filter((cell) => cell[0] === op && String(cell[1]) === id && cell[2] === now).map((cell) => ({ place, ours: cell[3] }))
  const values = (rule.values ?? []).filter(([theirs]) => theirs === now).map(([, ours]) => ({ place, ours }))
  const [turned, turn] = rule.turn ?? []
  const ours = turned === op && turn !== undefined && now !== 'null' ? turn(now) : now
  return [...cells, ...values, ...(ours === now ? [] : [{ place, ours }])]
}

function amendMember({ member }: Difference, value: Json | undefined): Change[] {
  if (member === undefined || scalar(field(value, 'ddl'))?.startsWith(member.ddl) !== true) return []
  const holder = member.path.slice(0, -1).reduce((node, step) => (typeof step === 'string' ? field(node, step) : node?.kind === 'array' ? node.items[step] : undefined), value)
  const place = fieldOf(holder, String(member.path.at(-1)))
  return place !== undefined && printJson(place.value) === member.theirs ? [{ place, ours: member.ours }] : []
}

function amendKey(rule: Difference, record: Json): Change[] {
  const place = fieldOf(record, 'key')
  if (rule.key === undefined || place === undefined) return []
  const value = payload(field(record, 'value'))
  const id = scalar(field(field(value, 'after'), 'id')) ?? scalar(field(field(value, 'before'), 'id')) ?? scalar(field(payload(place.value), 'id')) ?? ''
  if (rule.keyIds?.includes(Number(id)) === false) return []
  const schema = scalar(field(field(value, 'source'), 'schema')) ?? ''
  const [theirs, ours] = rule.key.map((text) => text.replaceAll('@id', id).replaceAll('@schema', schema)) as [string, string]
  return printJson(place.value) === theirs ? [{ place, ours }] : []
}

function amendCounts(rule: Difference, value: Json | undefined): Change[] {
  const place = fieldOf(value, rule.column)
  if (place === undefined || rule.counts === undefined) return []
  const now = printJson(place.value)
  return rule.counts.filter(([theirs]) => theirs === now).map(([, ours]) => ({ place, ours }))
}

function amendSchema(rule: Difference, schema: Json | undefined): Change[] {
  const images = field(schema, 'fields')
  if (rule.schema === undefined || images?.kind !== 'array') return []
  const [theirs, ours] = rule.schema
  return images.items.slice(0, 2).flatMap((image) => {
    const columns = field(image, 'fields')
    if (columns?.kind !== 'array') return []
    return columns.items.flatMap((column, i) => {
      if (printJson(column) !== theirs) return []
      const items = columns.items
      return [{ ours, place: { get value() { return items[i]! }, set value(to: Json) { items[i] = to } } }]
    })
  })
}

function fieldOf(node: Json | undefined, name: string): Field | undefined {
  return node?.kind === 'object' ? node.fields.find((each) => each.name === name) : undefined
}

/** One line a reason that excused something. */
export function describeTally(tally: Tally): string[] {
  const byReason = new Map<string, number>()
  ;[...DIFFERENCES, ...RECORD_DIFFERENCES, { reason: EVENT_POSITION }].forEach(({ reason }, i) => byReason.set(reason, (byReason.get(reason) ?? 0) + (tally[i] ?? 0)))
  return [...byReason].filter(([, records]) => records > 0).map(([reason, records]) => `${reason}: ${records} records`)
}

/** Rules that changed nothing: to be removed, or the golden they were for is gone. */
export function unusedRules(tally: Tally): string[] {
  return DIFFERENCES.flatMap(({ reason, table, column }, i) => ((tally[i] ?? 0) === 0 ? [`${reason} (${table}.${column})`] : []))
}

import { field, parseJson, printJson, scalar, type Field, type Json } from './json.ts'
import { payload } from './normalise.ts'

/**
 * A place where tailrace writes something else than Debezium on purpose. The `reason` is a section of
 * docs/differences.md. A rule holds what Debezium wrote and what tailrace writes, both as JSON, so that it excuses this
 * one difference and nothing else: any third value is a mismatch, and so is Debezium's own.
 */
interface Difference {
  readonly reason: string
  readonly scenario: RegExp
  readonly table: string
  readonly column: string
  /** Rows by op and id: [op, id, Debezium's value, tailrace's]. */
  readonly cells?: readonly (readonly [op: string, id: number, theirs: string, ours: string])[]
  /** The column's schema, wherever it stands in the value's schema: [Debezium's, tailrace's]. */
  readonly schema?: readonly [theirs: string, ours: string]
}

const TYPES = /^(schemas-)?types/

/** Rows of the snapshot have an id below 100; the same row was streamed with 100 added. */
function both(id: number, theirs: string, ours: string): [string, number, string, string][] {
  return [['r', id, theirs, ours], ['c', id + 100, theirs, ours]]
}

const JAVA_TEXT = '"[Ljava.lang.String;@<identity>"'
const MOODS = '["sad","very \\"happy\\"",null]'
const BITS = '"name":"io.debezium.data.Bits","version":1,"parameters":{"length":"3"}'
const QUOTED = JSON.stringify('it\'s "q" \\ é')

export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'name-streamed',
    scenario: TYPES,
    table: 't_text',
    column: 'n',
    cells: [['c', 101, 'null', '"name"'], ['c', 102, 'null', '""'], ['c', 103, 'null', '"ñ"']],
  },
  { reason: 'name-streamed', scenario: /^defaults/, table: 'd_text', column: 'nm', cells: [['c', 2, 'null', '"nm"']] },
  { reason: 'vector', scenario: TYPES, table: 't_misc', column: 'iv', cells: [...both(1, '[]', '[1,2,3]'), ...both(2, 'null', '[]')] },
  { reason: 'vector', scenario: TYPES, table: 't_misc', column: 'ov', cells: [...both(1, '[]', '[10,20]'), ...both(2, 'null', '[]')] },
  {
    reason: 'bit-array',
    scenario: TYPES,
    table: 't_arr_other',
    column: 'abit',
    cells: both(1, 'null', '["BQ==",null]'),
    schema: [
      `{"type":"bytes","optional":true,${BITS},"field":"abit"}`,
      `{"type":"array","items":{"type":"bytes","optional":true,${BITS}},"optional":true,"field":"abit"}`,
    ],
  },
  { reason: 'enum-array', scenario: TYPES, table: 't_arr', column: 'aen', cells: [...both(1, 'null', MOODS), ['u', 1, 'null', MOODS]] },
  {
    reason: 'nested-array',
    scenario: TYPES,
    table: 't_arr_multi',
    column: 'a2d',
    cells: [...both(1, '[null,null]', 'null'), ...both(2, '[null,null]', 'null')],
  },
  { reason: 'nested-array', scenario: TYPES, table: 't_arr_multi', column: 't2d', cells: both(1, `[${JAVA_TEXT},${JAVA_TEXT}]`, 'null') },
  {
    reason: 'date-snapshot',
    scenario: TYPES,
    table: 't_date',
    column: 'd',
    cells: [['r', 5, '-141418', '-141428'], ['r', 5, '"1582-10-24Z"', '"1582-10-14Z"']],
  },
  {
    reason: 'date-snapshot',
    scenario: TYPES,
    table: 't_time_special',
    column: 'd',
    cells: [
      ['r', 2, '-622191234', '-2147472692'], ['r', 2, '"+292278994-08-16Z"', '"-5877611-06-21Z"'],
      ['r', 3, '-625821272', '-2147472691'], ['r', 3, '"+292269055-12-02Z"', '"-5877611-06-22Z"'],
      ['r', 4, '-703383', '-735160'], ['r', 4, '"0044-03-15Z"', '"-0043-03-15Z"'],
      ['r', 5, '-718798', '-719163'], ['r', 5, '"0001-12-31Z"', '"0000-12-31Z"'],
      ['r', 9, '1001860', '-2440550'], ['r', 9, '"4713-01-01Z"', '"-4712-01-01Z"'],
    ],
  },
  { reason: 'date-snapshot', scenario: /^defaults/, table: 'd_time', column: 'dinf', cells: [['r', 1, '-625821272', '-2147472691']] },
  { reason: 'timestamp-overflow', scenario: TYPES, table: 't_time_special', column: 'ts', cells: both(8, '-9223372036853775810', 'null') },
  {
    reason: 'quoted-default',
    scenario: /^defaults/,
    table: 'd_text',
    column: 'tn',
    schema: ['{"type":"string","optional":false,"default":"it","field":"tn"}', `{"type":"string","optional":false,"default":${QUOTED},"field":"tn"}`],
  },
]

/** How many records each rule changed; index as in DIFFERENCES. */
export type Tally = number[]

/** Turns a normalised golden record into the one tailrace is to write; counts the rules that changed it. */
export function amend(scenario: string, record: Json, tally: Tally): Json {
  const wrapped = field(record, 'value')
  const value = payload(wrapped)
  const table = scalar(field(field(value, 'source'), 'table'))
  DIFFERENCES.forEach((rule, i) => {
    if (rule.table !== table || !rule.scenario.test(scenario)) return
    const op = scalar(field(value, 'op'))
    const cells = (['before', 'after'] as const).flatMap((image) => amendCell(rule, op, field(value, image)))
    const schemas = wrapped === value ? [] : amendSchema(rule, field(wrapped, 'schema'))
    if (cells.length + schemas.length === 0) return
    for (const { place, ours } of [...cells, ...schemas]) place.value = parseJson(ours)
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
  return (rule.cells ?? []).filter((cell) => cell[0] === op && String(cell[1]) === id && cell[2] === now).map((cell) => ({ place, ours: cell[3] }))
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
  DIFFERENCES.forEach(({ reason }, i) => byReason.set(reason, (byReason.get(reason) ?? 0) + (tally[i] ?? 0)))
  return [...byReason].filter(([, records]) => records > 0).map(([reason, records]) => `${reason}: ${records} records`)
}

/** Rules that changed nothing: to be removed, or the golden they were for is gone. */
export function unusedRules(tally: Tally): string[] {
  return DIFFERENCES.flatMap(({ reason, table, column }, i) => ((tally[i] ?? 0) === 0 ? [`${reason} (${table}.${column})`] : []))
}

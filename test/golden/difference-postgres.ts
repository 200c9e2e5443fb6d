import type { Difference } from './difference-rule.ts'

const TYPES = /^(schemas-)?types/

/** Rows of the snapshot have an id below 100; the same row was streamed with 100 added. */
function both(id: number, theirs: string, ours: string): [string, number, string, string][] {
  return streamed(id, id + 100, theirs, ours)
}

/** A row of the snapshot, and the same value streamed. */
function streamed(read: number, created: number, theirs: string, ours: string): [string, number, string, string][] {
  return [['r', read, theirs, ours], ['c', created, theirs, ours]]
}

const JAVA_TEXT = '"[Ljava.lang.String;@<identity>"'
const MOODS = '["sad","very \\"happy\\"",null]'
const BITS = '"name":"io.debezium.data.Bits","version":1,"parameters":{"length":"3"}'
const QUOTED = JSON.stringify('it\'s "q" \\ é')

/** Keys of the `ddl` scenario, where key schemas are on. */
const idKey = (table: string): string => `{"schema":{"type":"struct","fields":[${ID}],"optional":false,"name":"lab.${table}.Key"},"payload":{"id":@id}}`
const ID = '{"type":"int32","optional":false,"field":"id"}'
const NULLABLE_ID = '{"type":"int32","optional":true,"field":"id"}'
/** Debezium's key of `w2` while it was `id` alone: the one that was made of `id` and `d` later. */
const LATER_KEY = `{"schema":{"type":"struct","fields":[${ID},{"type":"string","optional":false,"default":"5","field":"d"}],"optional":false,"name":"lab.public.w2.Key"},"payload":{"id":@id,"d":"5"}}`

const JAVA_MESSAGE = 'io.debezium.connector.postgresql.LogicalDecodingMessageMonitor$LogicalDecodingMessageId@<identity>'

/** `table: count` for each, in the order of the record. */
function collections(...counts: readonly (readonly [table: string, events: number])[]): string {
  return JSON.stringify(counts.map(([table, events]) => ({ data_collection: table, event_count: events })))
}

export const POSTGRES_DIFFERENCES: readonly Difference[] = [
  { reason: 'key-of-the-log', scenario: /^ddl$/, table: 'w', column: 'id', key: ['null', idKey('public.w')], schema: [NULLABLE_ID, ID] },
  {
    reason: 'key-of-the-log', scenario: /^ddl$/, table: 'w', column: 'd',
    schema: ['{"type":"string","optional":true,"field":"d"}', '{"type":"string","optional":false,"default":"5","field":"d"}'],
  },
  { reason: 'key-of-the-log', scenario: /^ddl-refresh-columns$/, table: 'w', column: 'id', key: ['null', '{"id":@id}'] },
  { reason: 'key-of-the-log', scenario: /^ddl$/, table: 'w2', column: 'id', key: [LATER_KEY, idKey('public.w2')], keyIds: [8, 9, 10, 11] },
  { reason: 'key-of-the-log', scenario: /^ddl-refresh-columns$/, table: 'w2', column: 'id', key: ['{"id":@id,"d":"5"}', '{"id":@id}'], keyIds: [8, 9, 10, 11] },
  { reason: 'key-of-the-log', scenario: /^ddl$/, table: 'fresh', column: 'id', key: ['null', idKey('@schema.fresh')], schema: [NULLABLE_ID, ID] },
  { reason: 'key-of-the-log', scenario: /^ddl-refresh-columns$/, table: 'fresh', column: 'id', key: ['null', '{"id":@id}'] },
  { reason: 'float-digits', scenario: TYPES, table: 't_float', column: 'f24', cells: both(4, '1.17549435E-38', '1.1754944E-38') },
  {
    reason: 'float-digits', scenario: /^float-format$/, table: 'f', column: 'r',
    cells: [...streamed(17, 64, '1.23456791E11', '1.2345679E11'), ...streamed(44, 91, '9.0071993E15', '9.007199E15'), ...streamed(45, 92, '9.0071993E15', '9.007199E15')],
  },
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
  {
    reason: 'message-count',
    scenario: /^transactions$|^messages-hex$/,
    table: 'transaction',
    column: 'data_collections',
    counts: [
      [collections([JAVA_MESSAGE, 1]), collections(['lab.message', 1])],
      [collections(['public.m', 2], [JAVA_MESSAGE, 1]), collections(['public.m', 2], ['lab.message', 1])],
      [collections(['public.tx_b', 2], ['public.tx_a', 4], ['s2.tx_c', 1], [JAVA_MESSAGE, 1]), collections(['public.tx_b', 2], ['lab.message', 1], ['public.tx_a', 4], ['s2.tx_c', 1])],
    ],
  },
  {
    reason: 'message-count',
    scenario: /^transactions-schemas$/,
    table: 'my_tx',
    column: 'data_collections',
    counts: [[collections(['public.tx_b', 2], ['public.tx_a', 4], ['s2.tx_c', 2], [JAVA_MESSAGE, 1]), collections(['public.tx_b', 2], ['lab.message', 1], ['public.tx_a', 4], ['s2.tx_c', 2])]],
  },
]

import type { Difference } from './difference-rule.ts'

const TYPES = /^(mysql|mariadb(\/11\.8)?)\/types/
const MYSQL_TYPES = /^mysql\/types/
const MARIADB_TYPES = /^mariadb(\/11\.8)?\/types/
const LATE_MARIADB = /^mariadb\/11\.8\//
const ANY = /^(mysql|mariadb(\/11\.8)?)\//
const SOURCE_TYPE = /^mysql\/types-source-type$/
const CONVERTERS = /^mysql\/types-converters$/
const CONNECTION_ZONE = /^mysql\/types-tz-connection$/

type Cell = readonly [op: string, id: number, theirs: string, ours: string]

/** A row of the snapshot. */
function read(id: number, theirs: string, ours: string): Cell {
  return ['r', id, theirs, ours]
}

/** A text of the snapshot. */
function readText(id: number, theirs: string, ours: string): Cell {
  return read(id, JSON.stringify(theirs), JSON.stringify(ours))
}

/** The server's text of a JSON value without the blanks that it writes. */
function compact(theirs: string): string {
  const text = JSON.parse(theirs) as string
  return JSON.stringify(text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1'))
}

function jsonColumn(scenario: RegExp, table: string, column: string): Difference {
  return { reason: 'json-text', scenario, table, column, turn: ['r', compact] }
}

/** A list of numbers: 1.7976931348623157e308, 0.0000001, 1e20 and 1.2345678901234568e29 are doubles, which Debezium prints digit by digit. */
function numbers(largest: string, smallest: string, ...large: readonly string[]): string {
  return JSON.stringify(`[${[18446744073709551615n, 9223372036854775807n, -9223372036854775808n, 32767, 32768, 65535, 65536, 2147483648, largest, 0.1, smallest, '100.0', ...large].join(',')}]`)
}

const DIGIT_BY_DIGIT = numbers(String(BigInt(Number.MAX_VALUE)), '0.0000000999999999999999954748111825886258685613938723690807819366455078125', String(10n ** 20n), '123456789012345677877719597056')

/** Time, timestamp and bits inside of a JSON value. */
function special(theirs: string): string {
  const text = JSON.parse(theirs) as string
  return JSON.stringify(text.replace('"t":"13:0-35:0-57.00000-5"', '"t":"-12:34:56.500000"').replace('"ts":"2020-01-01 00:00:00"', '"ts":"2020-01-01 00:00:00.000000"').replace(/"(bit|blob)":"(?=[^:"]*")/g, '"$1":"base64:type15:'))
}

const TIMESTAMP_DIGITS: readonly (readonly [column: string, fraction: string])[] = [['ts2', '10'], ['ts3', '100'], ['ts4', '1000'], ['ts5', '10000'], ['ts6', '100000']]

/** Seen with another zone of the connection: an hour or two early. */
const SHIFTED: readonly (readonly [table: string, column: string, cells: readonly Cell[]])[] = [
  ['t_def', 'ts', [readText(1, '2020-02-29T00:02:03Z', '2020-02-29T01:02:03Z')]],
  ['t_def', 'ts3', [readText(1, '2020-02-29T00:02:03.456Z', '2020-02-29T01:02:03.456Z')]],
  ['t_def', 'tscur', [readText(1, '2019-12-31T23:00:00Z', '2020-01-01T00:00:00.000000Z')]],
  ['t_timestamp', 'tcur', [readText(2, '2022-02-02T01:02:02.002Z', '2022-02-02T02:02:02.002Z'), readText(4, '2021-10-30T22:30:00.5Z', '2021-10-31T00:30:00.500Z')]],
  ['t_timestamp', 'tnn', [
    readText(1, '2019-12-31T23:00:00Z', '2020-01-01T00:00:00Z'), readText(2, '1969-12-31T23:00:01Z', '1970-01-01T00:00:01Z'),
    readText(3, '2021-03-28T00:30:00Z', '2021-03-28T01:30:00Z'), readText(4, '2021-10-30T23:30:00Z', '2021-10-31T01:30:00Z'),
  ]],
  ['t_timestamp', 'ts', [readText(1, '1969-12-31T23:00:01Z', '1970-01-01T00:00:01Z'), readText(2, '2038-01-19T02:14:07Z', '2038-01-19T03:14:07Z'), readText(4, '1999-12-31T23:00:00Z', '2000-01-01T00:00:00Z')]],
  ['t_timestamp', 'ts1', [readText(1, '1969-12-31T23:00:01.1Z', '1970-01-01T00:00:01.1Z'), readText(2, '2038-01-19T02:14:07.9Z', '2038-01-19T03:14:07.9Z'), readText(4, '1999-12-31T23:00:00.1Z', '2000-01-01T00:00:00.1Z')]],
  ['t_timestamp', 'ts2', [readText(1, '2001-09-08T23:46:40.25Z', '2001-09-09T01:46:40.25Z'), readText(2, '2038-01-19T02:14:07.99Z', '2038-01-19T03:14:07.99Z')]],
  ...[['ts3', '789', '999'], ['ts4', '7891', '9999'], ['ts5', '78912', '99999'], ['ts6', '789123', '999999']].map(([column, first, second]): readonly [string, string, readonly Cell[]] => [
    't_timestamp', column!, [readText(1, `2020-02-29T11:34:56.${first}Z`, `2020-02-29T12:34:56.${first}Z`), readText(2, `2038-01-19T02:14:07.${second}Z`, `2038-01-19T03:14:07.${second}Z`)],
  ]),
  ...TIMESTAMP_DIGITS.map(([column, fraction]): readonly [string, string, readonly Cell[]] => ['t_timestamp', column, [readText(4, '1999-12-31T23:00:00.1Z', `2000-01-01T00:00:00.${fraction}Z`)]]),
  ['t_zerodate', 'tsnn', [readText(2, '2019-12-31T23:00:00Z', '2020-01-01T00:00:00Z'), readText(4, '2019-12-31T23:00:00Z', '2020-01-01T00:00:00Z')]],
]

const UUID_CUT = '"0000123e-4567-e89b-12d3-a45642665544"'
const UUID_WHOLE = '"123e4567-e89b-12d3-a456-426655440000"'
/** In the place of the character that no longer is one. */
const UNKNOWN_LABEL = JSON.stringify('ünï?')

/** A default as the schema of a record has it. */
function quoted(scenario: RegExp, table: string, column: string, before: string, theirs: string, ours: string): Difference {
  const schema = (text: string): string => `{${before},"default":${JSON.stringify(text)},"field":"${column}"}`
  return { reason: 'quoted-default', scenario, table, column, schema: [schema(theirs), schema(ours)] }
}

/** Parameters of a schema with `column.propagate.source.type`. */
function sourceType(type: string, length: number, name: string): string {
  const prefix = '__debezium.source.column'
  return `"parameters":${JSON.stringify({ [`${prefix}.type`]: type, [`${prefix}.length`]: String(length), [`${prefix}.name`]: name })}`
}

/** Columns that MariaDB 11.8.9 does not log in an image before, nor in an update's after; 11.8.6 did. */
const NOT_LOGGED: readonly (readonly [column: string, cells: readonly Cell[]])[] = [
  ['ssum', [['u', 101, '6', 'null'], ['u', 101, '30', 'null'], ['d', 103, '1', 'null']]],
  ['vsum', [['u', 101, '5', 'null'], ['u', 101, '13', 'null'], ['d', 103, '2', 'null']]],
]
const GONE = '"__debezium_unavailable_value"'

/** Tables that were made of a SELECT, as the server logs them; the legacy parser cuts the end. */
const LEGACY_TABLES = [
  ['ctas', "CREATE TABLE `ctas` (\n  `id` int NOT NULL,\n  `f1` varchar(5),\n  `num` decimal(2,1) NOT NULL DEFAULT '0.0',\n  `s` varchar(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL DEFAULT ''\n)"],
  ['ctas2', "CREATE TABLE `ctas2` (\n  `extra` int DEFAULT '4',\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n)"],
] as const

export const MYSQL_DIFFERENCES: readonly Difference[] = [
  { reason: 'date-snapshot', scenario: TYPES, table: 't_datetime', column: 'dt', cells: [read(4, '-12218824800000', '-12219688800000'), read(4, '-12218824800000000', '-12219688800000000'), readText(4, '1582-10-20T10:00:00Z', '1582-10-10T10:00:00Z')] },
  { reason: 'binary-zero-length', scenario: MYSQL_TYPES, table: 't_bin', column: 'b0', values: [['"AAAAAAAAAAAAAA=="', '""'], ['"00000000000000000000"', '""']] },
  ...([['t_bin', 'b0', 'bytes', 'BINARY'], ['t_char', 'v0', 'string', 'VARCHAR']] as const).map(([table, column, type, name]): Difference => {
    const [theirs, ours] = [10, 0].map((length) => `{"type":"${type}","optional":true,${sourceType(name, length, column)},"field":"${column}"}`) as [string, string]
    return { reason: 'binary-zero-length', scenario: SOURCE_TYPE, table, column, schema: [theirs, ours] }
  }),
  { reason: 'year-zero', scenario: MYSQL_TYPES, table: 't_date', column: 'y4', cells: [read(2, '2000', '0'), ['c', 102, '1900', '0']] },
  { reason: 'year-zero', scenario: MYSQL_TYPES, table: 't_zerodate', column: 'y', cells: [read(1, '2000', '0'), ['c', 101, '1900', '0'], ['d', 101, '1900', '0'], ['d', 1, '1900', '0']] },
  { reason: 'year-zero', scenario: /^mariadb\/types-year$/, table: 't', column: 'y', cells: [['c', 5, '1900', '0']] },
  { reason: 'float-snapshot', scenario: TYPES, table: 't_float', column: 'f', cells: [read(2, '-3.40282E38', '-3.4028235E38'), read(4, '1.67772E7', '1.6777216E7')] },
  { reason: 'float-snapshot', scenario: TYPES, table: 't_float', column: 'fu', cells: [read(2, '3.40282E38', '3.4028235E38')] },
  { reason: 'float-snapshot', scenario: TYPES, table: 't_float', column: 'f24', cells: [read(1, '3.14159', '3.1415927'), read(4, '123457.0', '123456.79')] },
  { reason: 'float-snapshot', scenario: CONVERTERS, table: 't_float', column: 'f', cells: [read(2, '-3.402820018375656E38', '-3.4028234663852886E38')] },
  { reason: 'converted-label', scenario: CONVERTERS, table: 't_enum', column: 'e', cells: [['u', 1, '"1"', '"a"'], ['d', 2, '"2"', '"b,c"']] },
  { reason: 'float-digits', scenario: MYSQL_TYPES, table: 't_vec', column: 'v', values: [['[1.0,-2.5,3.0000001E10]', '[1.0,-2.5,3.0E10]']] },
  { reason: 'float-digits', scenario: /^mariadb\/11\.8\/types-vector$/, table: 't', column: 'v', values: [['[1.0,-2.5,3.0000001E10]', '[1.0,-2.5,3.0E10]']] },
  { reason: 'timestamp-digits', scenario: TYPES, table: 't_def', column: 'tscur', cells: [readText(1, '2020-01-01T00:00:00Z', '2020-01-01T00:00:00.000000Z')] },
  { reason: 'timestamp-digits', scenario: TYPES, table: 't_timestamp', column: 'tcur', cells: [readText(4, '2021-10-31T00:30:00.5Z', '2021-10-31T00:30:00.500Z')] },
  ...TIMESTAMP_DIGITS.map(([column, fraction]): Difference => ({ reason: 'timestamp-digits', scenario: TYPES, table: 't_timestamp', column, cells: [readText(4, '2000-01-01T00:00:00.1Z', `2000-01-01T00:00:00.${fraction}Z`)] })),
  ...SHIFTED.map(([table, column, cells]): Difference => ({ reason: 'connection-time-zone', scenario: CONNECTION_ZONE, table, column, cells })),
  jsonColumn(MYSQL_TYPES, 't_json', 'j'), jsonColumn(MYSQL_TYPES, 't_json', 'jd'), jsonColumn(MYSQL_TYPES, 't_json', 'jnn'), jsonColumn(MYSQL_TYPES, 't_gen', 'js'),
  jsonColumn(/^mysql\/(partial-json|image-)/, 't', 'j'), jsonColumn(/^mysql\/partial-json$/, 't', 'k'), jsonColumn(/^mysql\/image-/, 't', 'js'),
  { reason: 'json-text', scenario: MYSQL_TYPES, table: 't_json', column: 'j', cells: [['c', 105, DIGIT_BY_DIGIT, numbers('1.7976931348623157e308', '0.0000001', '1e20', '1.2345678901234568e29')]] },
  { reason: 'json-text', scenario: MYSQL_TYPES, table: 't_json', column: 'j', turn: ['c', special] },
  { reason: 'json-text', scenario: MYSQL_TYPES, table: 't_json', column: 'j', turn: ['d', special] },
  { reason: 'enum-label', scenario: TYPES, table: 't_enum', column: 'e', values: [[JSON.stringify('b\\,c'), '"b,c"'], [JSON.stringify('z\\\\w'), JSON.stringify('z\\w')]] },
  { reason: 'enum-label', scenario: /^(mysql|mariadb)\/types-metadata-full$/, table: 't_enum', column: 'e', cells: [['c', 107, UNKNOWN_LABEL, JSON.stringify('ünï😀')]] },
  { reason: 'enum-label', scenario: ANY, table: 'chk', column: 'e', values: [[JSON.stringify('z\\,1'), '"z,1"']] },
  { reason: 'uuid-zeros', scenario: MARIADB_TYPES, table: 't_maria', column: 'u', values: [[UUID_CUT, UUID_WHOLE]] },
  { reason: 'uuid-zeros', scenario: /^mariadb(\/11\.8)?\/types-uuid$/, table: 't', column: 'id', values: [[UUID_CUT, UUID_WHOLE]], key: [`{"id":${UUID_CUT}}`, `{"id":${UUID_WHOLE}}`] },
  { reason: 'zero-timestamp', scenario: MARIADB_TYPES, table: 't_zerodate', column: 'ts', cells: [['c', 101, '"1970-01-01T00:00:00Z"', 'null'], ['d', 101, '"1970-01-01T00:00:00Z"', 'null'], ['d', 1, '"1970-01-01T00:00:00Z"', 'null']] },
  { reason: 'row-of-a-statement', scenario: ANY, table: 't', column: 'row', member: { ddl: 'alter table t change column cc ccc', path: ['source', 'row'], theirs: '1', ours: '0' } },
  ...['truncate', 'drop'].map((verb): Difference => ({ reason: 'row-of-a-statement', scenario: ANY, table: 'part', column: 'row', member: { ddl: `alter table part ${verb} partition`, path: ['source', 'row'], theirs: '1', ours: '0' } })),
  quoted(TYPES, 't_bin', 'bnn', '"type":"bytes","optional":false', 'YWJcMA==', 'YWIA'), quoted(TYPES, 't_bin', 'bnn', '"type":"string","optional":false', '61625c30', '616200'),
  quoted(TYPES, 't_def', 'bn', '"type":"bytes","optional":true', 'YWJcMA==', 'YWIA'), quoted(TYPES, 't_def', 'bn', '"type":"string","optional":true', '61625c30', '616200'),
  quoted(SOURCE_TYPE, 't_bin', 'bnn', `"type":"bytes","optional":false,${sourceType('BINARY', 3, 'bnn')}`, 'YWJcMA==', 'YWIA'),
  quoted(SOURCE_TYPE, 't_def', 'bn', `"type":"bytes","optional":true,${sourceType('BINARY', 3, 'bn')}`, 'YWJcMA==', 'YWIA'),
  quoted(MARIADB_TYPES, 't_bin', 'vbdef', '"type":"bytes","optional":true', 'XDDvv70=', 'AO+/vQ=='),
  quoted(MARIADB_TYPES, 't_def', 's', '"type":"string","optional":true', 'it\'\'s "q" \\\\ é?', 'it\'s "q" \\ é?'),
  ...LEGACY_TABLES.map(([table, text]): Difference => ({
    reason: 'statement-text', scenario: /^mysql\/ddl-legacy-parser$/, table, column: 'ddl', member: { ddl: `CREATE TABLE \`${table}\` (`, path: ['ddl'], theirs: JSON.stringify(text), ours: JSON.stringify(`${text} START TRANSACTION`) },
  })),
  {
    reason: 'charset-of-the-server', scenario: /^(mysql|mariadb\/11\.8)\//, table: 'z', column: 'defaultCharsetName',
    member: { ddl: 'create table after_all.z(', path: ['tableChanges', 0, 'table', 'defaultCharsetName'], theirs: '"latin1"', ours: '"utf8mb4"' },
  },
  { reason: 'server-version', scenario: LATE_MARIADB, table: 't_float', column: 'dp', values: [['-0.0', '0.0']] },
  ...NOT_LOGGED.map(([column, cells]): Difference => ({ reason: 'server-version', scenario: LATE_MARIADB, table: 't_gen', column, cells })),
  { reason: 'server-version', scenario: LATE_MARIADB, table: 't_gen', column: 'vtx', cells: [['u', 101, '"v2"', GONE], ['u', 101, '"v10"', GONE], ['d', 103, '"v1"', GONE]] },
  { reason: 'server-version', scenario: LATE_MARIADB, table: 't_gen', column: 'jx', cells: [['u', 101, '"y"', GONE], ['d', 103, 'null', GONE]] },
]

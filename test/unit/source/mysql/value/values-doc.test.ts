import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { TYPE } from '../../../../../src/source/mysql/binlog/column-type.ts'
import type { LoggedColumn } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { createDecoder, DECODERS, type Parsers } from '../../../../../src/source/mysql/value/decoder.ts'
import { TYPES } from '../../../../../src/source/mysql/value/value-type.ts'
import { expectGenerated, table } from '../../../document.ts'
import { column, logged } from './type-fixture.ts'

/** A cell in the text protocol, and the same in the log. */
type Cells = readonly [shown: string, text: Buffer, logged: LoggedColumn, cell: Buffer]

/** A line of docs/values.md: types that become the same, what they become, and examples. */
interface Line {
  readonly types: readonly string[]
  readonly what: string
  readonly kind: 'boolean' | 'number' | 'bigint' | 'string' | 'Buffer' | 'array' | 'object'
  /** Declaration and cells. */
  readonly examples: readonly (readonly [sql: string, ...Cells])[]
}

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')
/** Text that is its own example. */
const plain = (sql: string, text: string, of: LoggedColumn, cell: string): readonly [string, ...Cells] => [sql, text, Buffer.from(text), of, hex(cell)]
/** The same bytes in both layouts, shown as SQL. */
const raw = (sql: string, shown: string, of: LoggedColumn, cell: string): readonly [string, ...Cells] => [sql, shown, hex(cell), of, hex(cell)]

const POINT = 'e61000000101000000000000000000f03f00000000000004c0'

const LINES: readonly Line[] = [
  { types: ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'YEAR'], what: 'number', kind: 'number', examples: [plain('tinyint', '-128', logged(TYPE.tiny), '80'), plain('int unsigned', '4294967295', logged(TYPE.long), 'ffffffff'), plain('year', '2024', logged(TYPE.year), '7c')] },
  { types: ['BIGINT'], what: 'bigint', kind: 'bigint', examples: [plain('bigint unsigned', '18446744073709551615', logged(TYPE.longlong), 'ffffffffffffffff')] },
  { types: ['DECIMAL'], what: 'string: every digit, scale included', kind: 'string', examples: [plain('decimal(5,2)', '-12.50', logged(TYPE.newDecimal, (5 << 8) | 2), '7ff3cd')] },
  { types: ['FLOAT', 'DOUBLE'], what: 'number', kind: 'number', examples: [['float', '0.1', Buffer.from('0.10000000149011612'), logged(TYPE.float, 4), hex('cdcccc3d')], plain('double', '1e-7', logged(TYPE.double, 8), '48afbc9af2d77a3e')] },
  { types: ['BIT'], what: 'boolean of one bit, bigint of more', kind: 'bigint', examples: [raw('bit(1)', "b'1'", logged(TYPE.bit, 1), '01'), raw('bit(9)', "b'100000001'", logged(TYPE.bit, 9), '0101')] },
  { types: ['CHAR', 'VARCHAR', 'TINYTEXT', 'TEXT', 'MEDIUMTEXT', 'LONGTEXT'], what: 'string', kind: 'string', examples: [plain('varchar(20)', 'né 😀', logged(TYPE.varchar, 80), Buffer.from('né 😀').toString('hex')), raw('varchar(20) character set latin1', "_latin1 x'80'", logged(TYPE.varchar, 20), '80')] },
  { types: ['BINARY', 'VARBINARY', 'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB'], what: 'Buffer', kind: 'Buffer', examples: [['binary(3)', "x'00ff00'", hex('00ff00'), logged(TYPE.string, 3), hex('00ff')], raw('blob', "x''", logged(TYPE.blob, 2), '')] },
  { types: ['DATE'], what: 'string, ISO 8601', kind: 'string', examples: [plain('date', '2024-02-29', logged(TYPE.date), '5dd00f'), plain('date', '0000-00-00', logged(TYPE.date), '000000')] },
  { types: ['TIME'], what: 'string, as the server writes it', kind: 'string', examples: [plain('time', '-838:59:59', logged(TYPE.time2), '4b9105'), plain('time(3)', '13:14:15.500', logged(TYPE.time2, 3), '80d38f1388')] },
  { types: ['DATETIME'], what: 'string, ISO 8601 without an offset', kind: 'string', examples: [plain('datetime(2)', '2020-02-29 12:34:56.50', logged(TYPE.datetime2, 2), '99a5bac8b832')] },
  { types: ['TIMESTAMP'], what: 'string, ISO 8601 in UTC', kind: 'string', examples: [plain('timestamp(2) null', '2000-01-01 00:00:00.10', logged(TYPE.timestamp2, 2), '386d43800a')] },
  { types: ['ENUM'], what: 'string: the label; `\'\'` where a value was none', kind: 'string', examples: [plain("enum('no','yes')", 'yes', logged(TYPE.enum, 1), '02')] },
  { types: ['SET'], what: 'array of the labels', kind: 'array', examples: [plain("set('p','q','r')", 'p,r', logged(TYPE.set, 1), '05'), ["set('p')", "''", Buffer.alloc(0), logged(TYPE.set, 1), hex('00')]] },
  { types: ['JSON'], what: 'what `JSON.parse` makes of it', kind: 'object', examples: [plain('json', '{"a": [1, -1.5], "b": 1}', logged(TYPE.json, 4), '000200260012000100130001000214000501006162020012000501000b0a00000000000000f8bf')] },
  { types: ['GEOMETRY', 'POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION'], what: 'object: well-known binary, and the reference system (0: none)', kind: 'object', examples: [raw('point', "ST_GeomFromText('POINT(-2.5 1)', 4326)", logged(TYPE.geometry, 4), POINT)] },
  { types: ['VECTOR'], what: 'array of numbers', kind: 'array', examples: [raw('vector(2)', "STRING_TO_VECTOR('[1,0.1]')", logged(TYPE.vector, 4), '0000803fcdcccc3d')] },
  { types: ['UUID', 'INET4', 'INET6'], what: 'string', kind: 'string', examples: [plain('uuid', '123e4567-e89b-12d3-a456-426655440000', logged(TYPE.string, 16), '123e4567e89b12d3a45642665544'), plain('inet6', '2001:db8::', logged(TYPE.string, 16), '20010db8')] },
]

function decode(sql: string, of: LoggedColumn | undefined, cell: Buffer, parsers: Parsers = {}): unknown {
  return createDecoder(column(sql), of, parsers)(cell, 0, cell.length)
}

function kindOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return 'Buffer'
  return Array.isArray(value) ? 'array' : typeof value
}

describe('docs/values.md, MySQL and MariaDB', () => {
  test('says what each type becomes, with examples that the decoder made', () => {
    const rows = LINES.map(({ types, what, examples }) => [
      types.map((name) => `\`${name}\``).join(' '), what, examples.map(([, shown]) => `\`${shown}\``).join('<br>'),
      examples.map(([sql, , text]) => `\`${inspect(decode(sql, undefined, text), { breakLength: Infinity })}\``).join('<br>'),
    ])
    expectGenerated('values.md', 'mysql-types', table(['database type', 'JavaScript value', 'value', 'example'], rows))
  })

  test('has every type', () => {
    expect(new Set(LINES.flatMap(({ types }) => types))).toEqual(new Set(DECODERS.keys()))
    expect(new Set(TYPES.keys())).toEqual(new Set(DECODERS.keys()))
  })

  test.each(LINES)('$types become $kind, from a snapshot and from the log', ({ kind, examples }) => {
    for (const [sql, , text, of, cell] of examples) {
      expect(decode(sql, of, cell), sql).toEqual(decode(sql, undefined, text))
      expect(kindOf(decode(sql, undefined, text)), sql).toBe(sql === 'bit(1)' ? 'boolean' : kind)
    }
  })
})

describe('a parser of one’s own', () => {
  test.each([
    ['bigint', 'BIGINT', logged(TYPE.longlong), '0100000000000080', '-9223372036854775807'], ['int(8) zerofill', 'INT', logged(TYPE.long), '07000000', '7'], ['decimal(5,2)', 'DECIMAL', logged(TYPE.newDecimal, (5 << 8) | 2), '7ff3cd', '-12.50'],
    ['bit(1)', 'BIT', logged(TYPE.bit, 1), '01', '1'], ['bit(9)', 'BIT', logged(TYPE.bit, 9), '0101', '257'], ['timestamp(2) null', 'TIMESTAMP', logged(TYPE.timestamp2, 2), '386d43800a', '2000-01-01T00:00:00.10Z'],
    ['varbinary(4)', 'VARBINARY', logged(TYPE.varchar, 4), '00ff', '00ff'], ["set('p','q','r')", 'SET', logged(TYPE.set, 1), '05', 'p,r'], ['vector(2)', 'VECTOR', logged(TYPE.vector, 4), '0000803fcdcccc3d', '[1,0.1]'],
    ['point', 'POINT', logged(TYPE.geometry, 4), POINT, POINT.slice(8)], ['json', 'JSON', logged(TYPE.json, 4), '000200260012000100130001000214000501006162020012000501000b0a00000000000000f8bf', '{"a":[1,-1.5],"b":1}'],
  ])('of %s gets its text', (sql, name, of, cell, text) => {
    expect(decode(sql, of, hex(cell), { [name]: (given) => `<${given}>` })).toBe(`<${text}>`)
  })

  test('gets MariaDB’s JSON as it was written', () => {
    expect(decode('json', logged(TYPE.blob, 4), Buffer.from('{"a": 1}'), { JSON: (given) => given })).toBe('{"a": 1}')
    expect(decode('json', logged(TYPE.blob, 4), Buffer.from('{"a": 1}'))).toBe('{"a": 1}')
  })

  test('gets the same text of JSON from a snapshot', () => {
    expect(decode('json', undefined, Buffer.from('{"a": [1, -1.5], "b": 1}'), { JSON: (given) => given })).toBe('{"a":[1,-1.5],"b":1}')
  })
})

describe('a damaged cell', () => {
  test.each([['int', 'x'], ['decimal(5,2)', '1.2.3'], ['date', '2020'], ['json', '{'], ['double', 'nan'], ['bit(9)', 'x'], ['vector(2)', 'abc'], ['point', 'a']])('of %s is an error without its bytes', (sql, text) => {
    expect(() => decode(sql, undefined, Buffer.from(text))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_PROTOCOL' }))
  })
})

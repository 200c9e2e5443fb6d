import { describe, expect, it } from 'vitest'
import type { TailraceError } from '../../../../../src/error/tailrace-error.ts'
import type { HandlingModes } from '../../../../../src/event/handling-mode.ts'
import type { Schema } from '../../../../../src/event/schema.ts'
import { selectExpression } from '../../../../../src/source/mysql/value/select-expression.ts'
import { recorded } from '../../postgres/value/recording-writer.ts'
import { column, compiled, logged, modes, read } from './type-fixture.ts'
import { compileColumn } from '../../../../../src/source/mysql/value/column-codec.ts'

function schema(sql: string, rest: Partial<HandlingModes> = {}): string {
  const { type, name, parameters } = compiled(sql, undefined, rest).field.schema
  return [type, name?.replace('io.debezium.', '').replace('org.apache.kafka.connect.data.', 'connect.'), parameters === undefined ? undefined : JSON.stringify(parameters)].filter((part) => part !== undefined).join(' ')
}

function defaultOf(sql: string, rest: Partial<HandlingModes> = {}): string | undefined {
  const { default: value } = compiled(sql, undefined, rest).field.schema
  return value === undefined ? undefined : recorded(value)
}

describe('a column’s schema is Debezium’s', () => {
  it.each([
    ['tinyint(1)', 'int16'], ['tinyint unsigned', 'int16'], ['smallint', 'int16'], ['smallint unsigned', 'int32'], ['mediumint unsigned', 'int32'], ['int', 'int32'], ['int(8) zerofill', 'int64'], ['bigint', 'int64'], ['bigint unsigned', 'int64'],
    ['float', 'float'], ['float(24)', 'float'], ['float(25)', 'double'], ['float(7,4)', 'double'], ['real', 'double'], ['decimal', 'bytes connect.Decimal {"scale":"0","connect.decimal.precision":"10"}'],
    ['decimal(65,30)', 'bytes connect.Decimal {"scale":"30","connect.decimal.precision":"65"}'], ['bit', 'boolean'], ['bit(9)', 'bytes data.Bits {"length":"9"}'], ['year', 'int32 time.Year'],
    ['date', 'int32 time.Date'], ['time(6)', 'int64 time.MicroTime'], ['datetime(3)', 'int64 time.Timestamp'], ['datetime(4)', 'int64 time.MicroTimestamp'], ['timestamp(3) null', 'string time.ZonedTimestamp'],
    ['char(5)', 'string'], ['longtext', 'string'], ['binary(4)', 'bytes'], ['varchar(20) character set binary', 'bytes'], ['tinyblob', 'bytes'], ['json', 'string data.Json'],
    ["enum('a','b,c','d''e','z\\\\w')", 'string data.Enum {"allowed":"a,b\\\\,c,d\'e,z\\\\\\\\w"}'], ["set('a','b')", 'string data.EnumSet {"allowed":"a,b"}'],
    ['point', 'struct data.geometry.Point'], ['geometrycollection', 'struct data.geometry.Geometry'], ['vector(3)', 'array data.FloatVector'], ['uuid', 'string data.Uuid'], ['inet6', 'string'],
  ])('%s', (sql, expected) => {
    expect(schema(sql)).toBe(expected)
  })

  it('of times, by time.precision.mode', () => {
    const names = (time: HandlingModes['time']): string[] => ['date', 'time(6)', 'datetime(3)', 'timestamp null'].map((sql) => schema(sql, { time }))
    expect(names('adaptive')).toEqual(names('adaptive_time_microseconds'))
    expect(names('connect')).toEqual(['int32 connect.Date', 'int32 connect.Time', 'int64 connect.Timestamp', 'string time.ZonedTimestamp'])
    expect(names('isostring')).toEqual(['string time.IsoDate', 'string time.IsoTime', 'string time.IsoTimestamp', 'string time.ZonedTimestamp'])
    expect(names('microseconds')).toEqual(['int32 time.Date', 'int64 time.MicroTime', 'int64 time.MicroTimestamp', 'string time.ZonedTimestamp'])
    expect(names('nanoseconds')).toEqual(['int32 time.Date', 'int64 time.NanoTime', 'int64 time.NanoTimestamp', 'string time.ZonedTimestamp'])
  })

  it('of decimals and unsigned 64-bit integers, by their modes', () => {
    expect(schema('decimal(5,2)', { decimal: 'double' })).toBe('double')
    expect(schema('decimal(5,2)', { decimal: 'string' })).toBe('string')
    expect(schema('bigint unsigned', { bigintUnsigned: 'precise' })).toBe('bytes connect.Decimal {"scale":"0","connect.decimal.precision":"20"}')
  })

  it('leaves a column of an unknown type out, unless its bytes are asked for', () => {
    const of = { ...column('int'), typeName: 'XMLTYPE' }
    const place = { database: 'd', table: 't' }
    expect(compileColumn(of, undefined, modes(), () => undefined, place)).toBeUndefined()
    expect(compileColumn(of, undefined, modes({ includeUnknown: true }), () => undefined, place)?.field.schema.type).toBe('bytes')
  })
})

describe('a column’s default', () => {
  it.each([
    ['int default 42', 'int 42'], ['int default -1', 'int -1'], ['smallint(5) zerofill default 00007', 'int 7'], ['bigint unsigned default 18446744073709551615', 'long 9223372036854775807'], ['tinyint(1) default 0', 'int 0'], ['boolean not null default true', 'int 1'],
    ['decimal(10,3) default 1.5', 'decimal(3) 1.500'], ['double default 2.5e3', 'double 2500'], ['float default 1.1', 'float 1.1'], ["bit(1) default b'1'", 'true'], ["bit(9) default b'100000001'", 'bytes 0101'], ["bit(3) default b'101'", 'bytes 05'],
    ["date default '2020-02-29'", 'int 18321'], ["time default '-12:34:56'", 'int -45296000000'], ["time(3) default '01:02:03.456'", 'int 3723456000'], ["datetime default '2020-02-29 01:02:03'", 'ticks(3) 1582938123000'],
    ["datetime(6) default '2020-02-29 01:02:03.456789'", 'ticks(6) 1582938123456789'], ['datetime default current_timestamp', 'ticks(3) 0'], ["timestamp(3) null default '2020-02-29 01:02:03.456'", 'plain "2020-02-29T01:02:03.456Z"'],
    ['timestamp(6) not null default current_timestamp(6)', 'plain "1970-01-01T00:00:00Z"'], ["timestamp not null default '0000-00-00 00:00:00'", 'string "1970-01-01T00:00:00Z"'], ["date not null default '0000-00-00'", 'int 0'], ['year default 2020', 'int 2020'],
    ["varchar(5) default ''", 'string ""'], ["varchar(20) default 'it''s \"q\" \\\\ é😀'", 'string "it\'s \\"q\\" \\\\ é😀"'], ["enum('x','y') default 'y'", 'string "y"'], ["set('x','y') default 'x,y'", 'string "x,y"'], ["binary(3) default 'ab\\0'", 'bytes 616200'], ["varbinary(4) default 'zz'", 'bytes 7a7a'],
  ])('%s', (sql, expected) => {
    expect(defaultOf(sql)).toBe(expected)
  })

  it.each(['int default (1 + 2)', 'varchar(40) default (uuid())', "date default '0000-00-00'", "datetime default '0000-00-00 00:00:00'", 'int', 'int default null', "uuid default 'ffffffff-ffff-ffff-ffff-ffffffffffff'"])('is not shown: %s', (sql) => {
    expect(defaultOf(sql)).toBeUndefined()
  })

  it('follows the modes', () => {
    expect(defaultOf('bigint unsigned default 18446744073709551615', { bigintUnsigned: 'precise' })).toBe('decimal(0) 18446744073709551615')
    expect(defaultOf('decimal(10,3) default 1.5', { decimal: 'string' })).toBe('plain "1.500"')
    expect(defaultOf("binary(3) default 'ab\\0'", { binary: 'hex' })).toBe('plain "616200"')
    expect(defaultOf("time default '-12:34:56'", { time: 'isostring' })).toBeUndefined()
    expect(defaultOf('datetime default current_timestamp', { time: 'isostring' })).toBe('plain "1970-01-01T00:00:00Z"')
  })
})

describe('a date that is none', () => {
  const ZERO = Buffer.from('000000', 'hex')
  it.each([
    ['date', 'null'], ['date not null', 'int 0'], ["date not null default '2021-01-01'", 'int 18628'],
  ])('in %s', (sql, heard) => {
    expect(read(sql, undefined, Buffer.from('0000-00-00'))).toBe(heard)
    expect(read(sql, logged(10), ZERO)).toBe(heard)
  })

  it('may be one that no calendar has', () => {
    for (const text of ['2021-02-31', '2020-02-00', '2020-00-01', '0000-05-01', '2100-02-29']) expect(read('date', undefined, Buffer.from(text))).toBe('null')
    expect(read('date', undefined, Buffer.from('2000-02-29'))).toBe('int 11016')
    expect(read('datetime not null', undefined, Buffer.from('2020-02-30 10:00:00'))).toBe('int 0')
    expect(read('timestamp not null', logged(17), Buffer.from('00000000', 'hex'))).toBe('string "1970-01-01T00:00:00Z"')
  })
})

describe('a value that the chosen representation has not', () => {
  const NEGATIVE = Buffer.from('-01:00:00')

  it('is null, and a warning without the value', () => {
    const heard: TailraceError[] = []
    expect(read('time', undefined, NEGATIVE, { time: 'connect' }, (error) => heard.push(error))).toBe('null')
    expect(heard.map(({ code, where }) => ({ code, where }))).toEqual([{ code: 'TR_VALUE_CONVERSION', where: { schema: 'd', table: 't', column: 'c', type: 'TIME' } }])
    expect(heard[0]!.message).not.toContain('01:00')
  })

  it('is the default of a column that cannot be null, and an error without one', () => {
    expect(read("time(6) not null default '00:00:01'", undefined, NEGATIVE, { time: 'connect', conversionFailure: 'skip' })).toBe('int 1000')
    expect(() => read('time not null', undefined, NEGATIVE, { time: 'connect', conversionFailure: 'skip' })).toThrow(expect.objectContaining({ code: 'TR_VALUE_CONVERSION' }))
  })

  it('is an error where that is asked for', () => {
    expect(() => read('datetime', undefined, Buffer.from('9999-12-31 00:00:00'), { time: 'nanoseconds', conversionFailure: 'fail' })).toThrow(expect.objectContaining({ code: 'TR_VALUE_CONVERSION' }))
  })

  it.each([
    ['int', '12a'], ['decimal(5,2)', '1.2.3'], ['date', '2020-1-1'], ['time', '1:2:3'], ['datetime', '2020-01-01 25:00:00'], ['double', 'nan'], ['uuid', 'x'], ['point', ''],
  ])('or cannot be read at all: %s %s', (sql, text) => {
    expect(read(sql, undefined, Buffer.from(text), { conversionFailure: 'skip' })).toBe('null')
  })

  it('or a number of no label, a set of none, a deflated value that is another length', () => {
    expect(read("enum('a')", logged(247, 1), Buffer.from([2]), { conversionFailure: 'skip' })).toBe('null')
    expect(read("set('a')", logged(248, 1), Buffer.from([2]), { conversionFailure: 'skip' })).toBe('null')
    expect(read('varchar(300)', logged(141, 1201), Buffer.from('8a012d4b4c1c05c40200', 'hex'), { conversionFailure: 'skip' })).toBe('null')
  })
})

describe('a value that the log did not carry', () => {
  it.each([
    ['text', '"__debezium_unavailable_value"'], ['json', '"__debezium_unavailable_value"'], ["enum('a')", '"__debezium_unavailable_value"'], ['int', 'unavailable'], ['int not null', 'unavailable'], ['decimal(5,2)', 'unavailable'], ['datetime', 'unavailable'],
  ])('%s', (sql, heard) => {
    expect(recorded(compiled(sql, undefined).unavailable)).toContain(heard)
  })

  it('of bytes is the placeholder as bytes, or hex columns have it as text', () => {
    expect(recorded(compiled('blob', undefined).unavailable)).toBe(`bytes ${Buffer.from('__debezium_unavailable_value').toString('hex')}`)
    expect(recorded(compiled('blob', undefined, { binary: 'hex' }).unavailable)).toBe('string "__debezium_unavailable_value"')
    expect(recorded(compiled('blob', undefined, { binary: 'base64' }).unavailable)).toBe('unavailable')
  })
})

describe('a table map that does not fit', () => {
  it('is a mismatch, never a value', () => {
    for (const [sql, of] of [['int', logged(15, 10)], ['text', logged(3)], ['date', logged(12)], ['bit(3)', logged(1)], ['json', logged(3)]] as const) {
      expect(() => compiled(sql, of)).toThrow(expect.objectContaining({ code: 'TR_MYSQL_SCHEMA_MISMATCH' }))
    }
  })

  it('may be of MariaDB’s old times, which do not say how many digits they have', () => {
    expect(read('time', logged(11), Buffer.from('c01dfe', 'hex'))).toBe('int -45296000000')
    expect(read('datetime', logged(12), Buffer.from('1b7b793b5f120000', 'hex'))).toBe('ticks(3) 1582938123000')
    expect(read('timestamp null', logged(7), Buffer.from('00e10b5e', 'hex'))).toBe('plain "2020-01-01T00:00:00Z"')
    expect(() => compiled('time(3)', logged(11))).toThrow(expect.objectContaining({ code: 'TR_MYSQL_SCHEMA_MISMATCH', remedy: expect.stringContaining('ALTER TABLE') as string }))
  })
})

describe('labels', () => {
  it('are those of the log where it has them', () => {
    const labels = [Buffer.from('ünï😀')]
    expect(read("enum('ünï?')", logged(247, 1, { labels, collation: 45 }), Buffer.from([1]))).toBe('text "ünï😀"')
    expect(read("set('?')", logged(248, 1, { labels: [Buffer.from([0xe9])], collation: 8 }), Buffer.from([1]))).toBe('text "é"')
  })
})

describe('text', () => {
  it('is in the character set that the log names', () => {
    expect(read('varchar(10)', logged(15, 40, { collation: 8 }), Buffer.from([0xe9]))).toBe('text "é"')
    expect(read('varchar(10) character set latin1', logged(15, 10, { collation: 51 }), Buffer.from([0xcf]))).toBe('text "П"')
  })
})

describe('a snapshot selects', () => {
  it.each([
    ['int', '`c`'], ['float', '`c` * 1e0'], ['float(7,4)', '`c` * 1e0'], ['double', '`c`'], ['double(10,3)', '`c` * 1e0'], ['varchar(10)', '`c`'], ['text character set utf8mb3', '`c`'], ['varchar(10) character set latin1', 'CONVERT(`c` USING binary)'],
    ['char(4) character set utf16', 'CONVERT(`c` USING binary)'], ["enum('é') character set latin1", '`c`'], ['json', '`c`'], ['blob', '`c`'],
  ])('%s as %s', (sql, expression) => {
    expect(selectExpression(column(sql))).toBe(expression)
  })
})

describe('the zero of a NOT NULL column without a default', () => {
  it.each([['date not null', { time: 'isostring' }, 'string "1970-01-01Z"'], ['datetime not null', { time: 'isostring' }, 'string "1970-01-01T00:00:00Z"'], ['datetime not null', {}, 'int 0']] as const)('%s %o', (sql, rest, heard) => {
    expect(read(sql, undefined, Buffer.from(sql.startsWith('datetime') ? '0000-00-00 00:00:00' : '0000-00-00'), rest)).toBe(heard)
  })

  it('is never in the schema', () => {
    const { default: value } = compiled('date not null', undefined).field.schema satisfies Schema
    expect(value).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import type { HandlingModes } from '../../../../../src/event/handling-mode.ts'
import type { LoggedColumn } from '../../../../../src/source/mysql/binlog/logged-column.ts'
import { logged, read } from './type-fixture.ts'

/*
  Cells as MySQL 9.7 and MariaDB 11.8 sent them, in a snapshot's rows (selected as selectExpression says) and in the log, and what the writer hears of
  both: what Debezium wrote for the same values (test/golden/mysql/types*), but for the places in docs/differences.md.
*/

/** Column, the text protocol's bytes (`hex …` where they are no text), the column in the table map, the log's bytes, what the writer hears. */
type Row = readonly [sql: string, text: string, column: LoggedColumn, cell: string, heard: string]

const LETTERS = "enum('a','b,c','z\\\\w')"
const LONG = 'a'.repeat(300)

function table(title: string, modes: Partial<HandlingModes>, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)('%s %s', (sql, text, column, cell, heard) => {
      expect(read(sql, undefined, text.startsWith('hex ') ? Buffer.from(text.slice('hex '.length), 'hex') : Buffer.from(text), modes)).toBe(heard)
      expect(read(sql, column, Buffer.from(cell, 'hex'), modes)).toBe(heard)
    })
  })
}

table('numbers', {}, [
  ['tinyint', '-128', logged(1), '80', 'int -128'],
  ['tinyint unsigned', '255', logged(1), 'ff', 'int 255'],
  ['boolean', '1', logged(1), '01', 'int 1'],
  ['smallint', '-32768', logged(2), '0080', 'int -32768'],
  ['smallint unsigned', '65535', logged(2), 'ffff', 'int 65535'],
  ['mediumint', '-8388608', logged(9), '000080', 'int -8388608'],
  ['mediumint unsigned', '16777215', logged(9), 'ffffff', 'int 16777215'],
  ['int', '-2147483648', logged(3), '00000080', 'int -2147483648'],
  ['int unsigned', '4294967295', logged(3), 'ffffffff', 'int 4294967295'],
  ['int(8) zerofill', '00000007', logged(3), '07000000', 'int 7'],
  ['bigint', '-9223372036854775808', logged(8), '0000000000000080', 'long -9223372036854775808'],
  ['bigint', '9007199254740993', logged(8), '0100000000002000', 'long 9007199254740993'],
  ['bigint', '-1', logged(8), 'ffffffffffffffff', 'long -1'],
  ['bigint unsigned', '9223372036854775807', logged(8), 'ffffffffffffff7f', 'long 9223372036854775807'],
  ['bigint unsigned', '18446744073709551615', logged(8), 'ffffffffffffffff', 'long -1'],
  ['bigint(20) zerofill', '00000000000000000008', logged(8), '0800000000000000', 'long 8'],
  ['year', '2155', logged(13), 'ff', 'int 2155'],
  ['year', '0000', logged(13), '00', 'int 0'],
  ['bit(1)', 'hex 01', logged(16, 1), '01', 'true'],
  ['bit(9)', 'hex 0101', logged(16, 9), '0101', 'bytes 0101'],
  ['bit(64)', 'hex 8000000000000000', logged(16, 64), '8000000000000000', 'bytes 0000000000000080'],
  ['float', '1.100000023841858', logged(4, 4), 'cdcc8c3f', 'float 1.1'],
  ['float', '16777216', logged(4, 4), '0000804b', 'float 16777216'],
  ['float', '-3.4028234663852886e38', logged(4, 4), 'ffff7fff', 'float -3.4028235e+38'],
  ['float', '1.401298464324817e-45', logged(4, 4), '01000000', 'float 1e-45'],
  ['float', '123456.7890625', logged(4, 4), '6520f147', 'float 123456.79'],
  ['float(7,4)', '123.45670318603516', logged(4, 4), 'd5e9f642', 'double 123.45670318603516'],
  ['double', '1.7976931348623157e308', logged(5, 8), 'ffffffffffffef7f', 'double 1.7976931348623157e+308'],
  ['double', '5e-324', logged(5, 8), '0100000000000000', 'double 5e-324'],
  ['double', '-0.1', logged(5, 8), '9a9999999999b9bf', 'double -0.1'],
  ['double', '1e15', logged(5, 8), '00003426f56b0c43', 'double 1000000000000000'],
  ['double(10,3)', '1234567.891', logged(5, 8), '759318e487d63241', 'double 1234567.891'],
  ['double zerofill', '0000000000000000002.25', logged(5, 8), '0000000000000240', 'double 2.25'],
])

table('unsigned 64-bit integers, precise', { bigintUnsigned: 'precise' }, [
  ['bigint unsigned', '18446744073709551615', logged(8), 'ffffffffffffffff', 'decimal(0) 18446744073709551615'],
  ['bigint(20) zerofill', '00000000000000000008', logged(8), '0800000000000000', 'decimal(0) 8'],
])

table('decimals, precise', {}, [
  ['decimal', '1234567890', logged(246, (10 << 8) | 0), '810dfb38d2', 'decimal(0) 1234567890'],
  ['decimal(5,2)', '-999.99', logged(246, (5 << 8) | 2), '7c189c', 'decimal(2) -999.99'],
  ['decimal(5,2)', '0.00', logged(246, (5 << 8) | 2), '800000', 'decimal(2) 0.00'],
  ['decimal(18,9)', '-0.000000001', logged(246, (18 << 8) | 9), '7ffffffffffffffe', 'decimal(9) -0.000000001'],
  ['decimal(65,30)', '12345678901234567890123456789012345.123456789012345678901234567891', logged(246, (65 << 8) | 30), '80bc614e35b7bf87350e34c02f075f79075bcd1500bc614e35b7bf87037b', 'decimal(30) 12345678901234567890123456789012345.123456789012345678901234567891'],
  ['decimal(2,2)', '0.99', logged(246, (2 << 8) | 2), 'e3', 'decimal(2) 0.99'],
  ['decimal(8,2) zerofill', '000009.50', logged(246, (8 << 8) | 2), '80000932', 'decimal(2) 9.50'],
])

table('decimals as strings', { decimal: 'string' }, [
  ['decimal(10,4)', '1.5000', logged(246, (10 << 8) | 4), '8000011388', 'plain "1.5000"'],
  ['decimal(20,2)', '-1.25', logged(246, (20 << 8) | 2), '7ffffffffffffffee6', 'plain "-1.25"'],
])

table('decimals as doubles', { decimal: 'double' }, [
  ['decimal(18,9)', '123456789.123456789', logged(246, (18 << 8) | 9), '875bcd15075bcd15', 'double 123456789.12345679'],
  ['decimal(5,2)', '10.10', logged(246, (5 << 8) | 2), '800a0a', 'double 10.10'],
])

table('dates and times', {}, [
  ['date', '1000-01-01', logged(10), '21d007', 'int -354285'],
  ['date', '1582-10-10', logged(10), '4a5d0c', 'int -141432'],
  ['date', '0001-01-01', logged(10), '210200', 'int 11323'],
  ['date', '0000-00-00', logged(10), '000000', 'null'],
  ['date', '2020-00-00', logged(10), '00c80f', 'null'],
  ['time', '-12:34:56', logged(19), '7f3748', 'int -45296000000'],
  ['time(1)', '23:59:59.9', logged(19, 1), '817efb5a', 'int 86399900000'],
  ['time(2)', '-00:00:00.01', logged(19, 2), '7fffffff', 'int -10000'],
  ['time(3)', '-838:59:59.000', logged(19, 3), '4b91050000', 'int -3020399000000'],
  ['time(4)', '-00:00:00.0001', logged(19, 4), '7fffffffff', 'int -100'],
  ['time(5)', '100:00:00.12345', logged(19, 5), '86400001e23a', 'int 360000123450'],
  ['time(6)', '-00:00:00.000001', logged(19, 6), '7fffffffffff', 'int -1'],
  ['datetime', '1000-01-01 00:00:00', logged(18), '8cb2420000', 'ticks(3) -30610224000000'],
  ['datetime', '1582-10-10 10:00:00', logged(18), '941814a000', 'ticks(3) -12219688800000'],
  ['datetime(1)', '1969-12-31 23:59:59.9', logged(18, 1), '99027f7efb5a', 'ticks(3) -100'],
  ['datetime(3)', '1969-07-20 20:17:40.001', logged(18, 3), '9901294468000a', 'ticks(3) -14182939999'],
  ['datetime(6)', '9999-12-31 23:59:59.999999', logged(18, 6), 'fef3ff7efb0f423f', 'ticks(6) 253402300799999999'],
  ['datetime', '0000-00-00 00:00:00', logged(18), '8000000000', 'null'],
  ['timestamp null', '1970-01-01 00:00:01', logged(17), '00000001', 'plain "1970-01-01T00:00:01Z"'],
  ['timestamp(2) null', '2000-01-01 00:00:00.10', logged(17, 2), '386d43800a', 'plain "2000-01-01T00:00:00.10Z"'],
  ['timestamp(6) null', '2038-01-19 03:14:07.999999', logged(17, 6), '7fffffff0f423f', 'plain "2038-01-19T03:14:07.999999Z"'],
  ['timestamp null', '0000-00-00 00:00:00', logged(17), '00000000', 'null'],
])

table('dates and times as ISO texts', { time: 'isostring' }, [
  ['date', '1000-01-01', logged(10), '21d007', 'plain "1000-01-01Z"'],
  ['time(6)', '12:34:56.789012', logged(19, 6), '80c8b80c0a14', 'plain "12:34:56.789012Z"'],
  ['time(1)', '23:59:59.9', logged(19, 1), '817efb5a', 'plain "23:59:59.9Z"'],
  ['datetime(6)', '2000-01-01 00:00:00.100000', logged(18, 6), '99644200000186a0', 'plain "2000-01-01T00:00:00.1Z"'],
  ['datetime', '1969-12-31 23:59:59', logged(18), '99027f7efb', 'plain "1969-12-31T23:59:59Z"'],
])

table('dates and times as Connect’s', { time: 'connect' }, [
  ['date', '1000-01-01', logged(10), '21d007', 'int -354285'],
  ['time(4)', '01:02:03.4567', logged(19, 4), '80108311d7', 'int 3723456'],
  ['time', '24:00:00', logged(19), '818000', 'int 86400000'],
  ['datetime(6)', '2020-02-29 12:34:56.789123', logged(18, 6), '99a5bac8b80c0a83', 'ticks(3) 1582979696789'],
])

table('times in nanoseconds', { time: 'nanoseconds' }, [
  ['time', '-838:59:59', logged(19), '4b9105', 'int -3020399000000000'],
  ['datetime(6)', '2020-02-29 12:34:56.789123', logged(18, 6), '99a5bac8b80c0a83', 'ticks(9) 1582979696789123000'],
  ['datetime(1)', '1969-12-31 23:59:59.9', logged(18, 1), '99027f7efb5a', 'ticks(9) -100000000'],
])

table('years below 100 as they are', { timeAdjuster: false }, [
  ['date', '0001-01-01', logged(10), '210200', 'int -719162'],
])

table('text, bytes and labels', {}, [
  ['char(5)', 'ab', logged(254, 20), '6162', 'text "ab"'],
  ['varchar(30)', 'hex 7461620920712220625c20', logged(15, 120), '7461620920712220625c20', 'text "tab\\t q\\" b\\\\ "'],
  ['text', 'hex 74c3a9787420f09f9880', logged(252, 2), '74c3a9787420f09f9880', 'text "téxt 😀"'],
  ['varchar(20) character set latin1', 'hex 636166e980', logged(15, 20), '636166e980', 'text "café€"'],
  ['varchar(20) character set utf16', 'hex d83dde0000e9', logged(15, 80), 'd83dde0000e9', 'text "😀é"'],
  ['varchar(20) character set sjis', 'hex 93fa967bb1', logged(15, 40), '93fa967bb1', 'text "日本ｱ"'],
  ['varchar(20) character set koi8r', 'hex f0d2c9d7c5d4', logged(15, 20), 'f0d2c9d7c5d4', 'text "Привет"'],
  ['binary(4)', 'hex 01020000', logged(254, 4), '0102', 'bytes 01020000'],
  ['binary(4)', 'hex 00000000', logged(254, 4), '', 'bytes 00000000'],
  ['binary(0)', '', logged(254), '', 'bytes '],
  ['varbinary(10)', 'hex 0000', logged(15, 10), '0000', 'bytes 0000'],
  ['blob', 'hex f09f9880', logged(252, 2), 'f09f9880', 'bytes f09f9880'],
  [LETTERS, 'b,c', logged(247, 1), '02', 'text "b,c"'],
  [LETTERS, 'z\\w', logged(247, 1), '03', 'text "z\\\\w"'],
  ["enum('a')", '', logged(247, 1), '00', 'text ""'],
  ["set('a','b c','d''e')", "a,d'e", logged(248, 1), '05', 'text "a,d\'e"'],
  ["set('a')", '', logged(248, 1), '00', 'text ""'],
])

table('bytes as hex', { binary: 'hex' }, [
  ['binary(4)', 'hex 01020000', logged(254, 4), '0102', 'plain "01020000"'],
  ['varbinary(10)', 'hex deadbeef', logged(15, 10), 'deadbeef', 'plain "deadbeef"'],
])

table('bytes as URL-safe base64', { binary: 'base64-url-safe' }, [
  ['varbinary(10)', 'hex fffefd', logged(15, 10), 'fffefd', 'plain "__79"'],
])

table('documents', {}, [
  ['json', '{"a": [1, -1.5], "b": 1}', logged(245, 4), '000200260012000100130001000214000501006162020012000501000b0a00000000000000f8bf', 'json {"a":[1,-1.5],"b":1}'],
  ['point', 'hex 000000000101000000000000000000f03f00000000000004c0', logged(255, 4), '000000000101000000000000000000f03f00000000000004c0', '{x: double 1, y: double -2.5, wkb: bytes 0101000000000000000000f03f00000000000004c0, srid: null}'],
  ['point', 'hex e61000000101000000cdcccccccccc2a400000000000404a40', logged(255, 4), 'e61000000101000000cdcccccccccc2a400000000000404a40', '{x: double 13.4, y: double 52.5, wkb: bytes 0101000000cdcccccccccc2a400000000000404a40, srid: int 4326}'],
  ['linestring', 'hex 0000000001020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f', logged(255, 4), '0000000001020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f', '{wkb: bytes 01020000000200000000000000000000000000000000000000000000000000f03f000000000000f03f, srid: null}'],
  ['vector(3)', 'hex 0000803f000020c0cdcccc3d', logged(242, 4), '0000803f000020c0cdcccc3d', '[float 1, float -2.5, float 0.1]'],
])

table('types of MariaDB', {}, [
  ['uuid', '123e4567-e89b-12d3-a456-426655440000', logged(254, 16), '123e4567e89b12d3a45642665544', 'plain "123e4567-e89b-12d3-a456-426655440000"'],
  ['uuid', '00000000-0000-0000-0000-000000000000', logged(254, 16), '', 'plain "00000000-0000-0000-0000-000000000000"'],
  ['inet4', '10.0.0.0', logged(254, 4), '0a', 'plain "10.0.0.0"'],
  ['inet6', '2001:db8::', logged(254, 16), '20010db8', 'plain "2001:db8::"'],
  ['inet6', '::ffff:1.2.3.4', logged(254, 16), '00000000000000000000ffff01020304', 'plain "::ffff:1.2.3.4"'],
  ['year(2)', '70', logged(13), '46', 'int 1970'],
  ['year(2)', '00', logged(13), '64', 'int 2000'],
  ['varchar(300) compressed', LONG, logged(141, 1201), '8a012c4b4c1c05c40200', `text "${LONG}"`],
  ['varchar(30) compressed character set latin1', 'hex e9', logged(141, 31), '00e9', 'text "é"'],
])

import type { ServerKind } from '../mysql-run.ts'

/** A column's type as SQL declares it, and values as SQL writes them. */
export interface TypeSample {
  readonly sql: string
  readonly values: readonly string[]
  /** Only there. */
  readonly on?: 'mysql' | 'mariadb'
}

const DATES = ["'1000-01-01'", "'9999-12-31'", "'1970-01-01'", "'1582-10-10'", "'2000-02-29'", "'0001-01-01'", "'0069-12-31'", "'0070-01-01'", "'0100-03-01'", "'0000-00-00'", "'2020-00-00'", "'2020-02-00'", "'2021-02-31'", "'0000-05-01'"]
const TIMES = ['00:00:00', '-00:00:01', '23:59:59', '24:00:00', '838:59:59', '-838:59:59', '100:00:00', '-12:34:56', '-00:00:00', '01:02:03']
const FRACTIONS = ['', '.1', '.9', '.00', '.25', '.999', '.0001', '.1000', '.00001', '.123456', '.999999']
const MOMENTS = ['1000-01-01 00:00:00', '9999-12-31 23:59:59', '1582-10-10 10:00:00', '1969-12-31 23:59:59', '0001-01-01 00:00:00', '2020-02-29 12:34:56', '0000-00-00 00:00:00', '2020-00-01 01:02:03', '1677-09-21 00:12:43', '2262-04-11 23:47:16']
const STAMPS = ['1970-01-01 00:00:01', '2038-01-19 03:14:07', '2001-09-09 01:46:40', '2021-03-28 01:30:00', '0000-00-00 00:00:00']
const BYTES = ["''", "x'00'", "x'0000'", "x'01020000'", "x'ff'", "'a'", "'\\\\\"'"]
const LETTERS = "'p','q','r'"

/** Text that each character set has, and no other test of this kind can do without: signs, accents, both ends of the tables. */
const TEXT_OF: Readonly<Record<string, string>> = {
  armscii8: '«Ժ՛»', ascii: 'ascii~', big5: '中文〃', cp1250: 'žluťý€', cp1251: 'ПриветЂ', cp1256: 'سلام€', cp1257: 'ąčęėį€', cp850: 'çéß░', cp852: 'łŐž█', cp866: 'Привет╬', cp932: '日本ｱ①', dec8: 'Œœß', eucjpms: '日本ｱ①',
  euckr: '한국갂', gb18030: '中文😀€', gb2312: '中文・', gbk: '中文〃', geostd8: 'აბგ', greek: 'αβγΏ', hebrew: 'שלום', hp8: 'ÀÇñ₤', keybcs2: 'Čěš█', koi8r: 'Привет╬', koi8u: 'Київґ', latin1: 'café€ÿ', latin2: 'žluťý',
  latin5: 'ğşıİ', latin7: 'ąčęā', macce: 'žluť≠', macroman: 'é∞Ω', sjis: '日本ｱ〜', swe7: 'ÅÄÖåäö', tis620: 'สวัสดี', ucs2: 'é漢', ujis: '日本ｱ〜', utf16: '😀é漢', utf16le: '😀é漢', utf32: '😀é漢', utf8mb3: 'é漢字', utf8mb4: '😀é漢"\\\\ \t',
}

const of = (sql: string, ...values: string[]): TypeSample => ({ sql, values })
const quoted = (texts: readonly string[]): string[] => texts.map((text) => `'${text}'`)
const withFractions = (texts: readonly string[]): string[] => texts.flatMap((text) => FRACTIONS.map((fraction) => `'${text}${fraction}'`))

const NUMBERS: readonly TypeSample[] = [
  of('tinyint', '-128', '127', '0'), of('tinyint unsigned', '0', '255', '128'), of('tinyint(1)', '0', '1', '-1', '127'), of('boolean', 'true', 'false', '5'), of('smallint', '-32768', '32767'), of('smallint unsigned', '65535', '32768'),
  of('mediumint', '-8388608', '8388607', '-1'), of('mediumint unsigned', '16777215', '8388608'), of('int', '-2147483648', '2147483647', '-1'), of('int unsigned', '4294967295', '2147483648'),
  of('bigint', '-9223372036854775808', '9223372036854775807', '-1', '9007199254740993', '4294967296', '1000000', '999999'), of('bigint unsigned', '18446744073709551615', '9223372036854775808', '9223372036854775807', '0', '1'),
  of('tinyint(3) zerofill', '5', '255'), of('smallint zerofill', '6'), of('int(8) zerofill', '7', '123456789'), of('bigint(20) zerofill', '8', '18446744073709551615'), of('decimal(8,2) zerofill', '9.5', '0', '999999.99'),
  of('float zerofill', '1.5', '1e-20', '1e10'), of('double zerofill', '2.25', '1e300'), of('double(10,3) zerofill', '2.25'),
  of('decimal', '1234567890', '-9999999999', '0'), of('decimal(9,0)', '-999999999', '1'), of('decimal(5,2)', '-999.99', '0.01', '-0.01', '0', '-0.00'), of('decimal(18,9)', '123456789.123456789', '-0.000000001', '100000000.1'),
  of('decimal(65,30)', "'12345678901234567890123456789012345.123456789012345678901234567891'", "'-0.000000000000000000000000000001'", "'1.1'", "'-99999999999999999999999999999999999.999999999999999999999999999999'"),
  of('decimal(2,2)', '0.99', '-0.01', '0'), of('decimal(30,30)', '0.123456789012345678901234567891'), of('decimal(65)', "'99999999999999999999999999999999999999999999999999999999999999999'", '1'), of('decimal(10,4) unsigned', '1.5', '999999.9999'), of('decimal(10,1)', '1000000000', '123456789.1', '100000000'),
  of('float', '1.1', '0.1', '3.14159274', '-3.4028235e38', '3.4028235e38', '1e-45', '1.1754944e-38', '1.1754942e-38', '16777217', '1e10', '123456.789', '0', '-0e0', '9.007199e15', '8388609', '0.3333333', '1e6', '123456789', '7.038531e-26'),
  of('float unsigned', '0.1', '3.4028235e38'), of('float(24)', '3.14159274', '123456.789'), of('float(25)', '2.718281828459045'), of('float(7,4)', '123.4567', '-999.9999', '0'), of('float(20,2)', '123456789012.34', '0.1'),
  of('double', '1.7976931348623157e308', '5e-324', '-0.1', '1e15', '1e17', '0', '-0e0', '9007199254740993', '1e-7', '123456789012345678', '0.1e0+0.2e0', '2.2250738585072014e-308'), of('double(10,3)', '1234567.891', '0.001', '-9999999.999'),
  of('double(53,30)', '0.1', '1e20'), of('real', '0.1', '1e300'), of('double unsigned', '5e-324', '1'),
  of('bit(1)', "b'0'", "b'1'"), of('bit(2)', '2', '3'), ...[7, 8, 9, 16, 17, 31, 32, 33, 63, 64].map((bits) => of(`bit(${bits})`, '2', `b'${'1'.repeat(bits)}'`, `b'1${'0'.repeat(bits - 1)}'`, '0')),
  of('year', '1901', '2155', '0', '2000', '1970', '69', '70', "'00'"), { sql: 'year(2)', values: ['70', '69', "'00'", '0'], on: 'mariadb' },
]

const TIMES_AND_DATES: readonly TypeSample[] = [
  of('date', ...DATES),
  ...[0, 1, 2, 3, 4, 5, 6].flatMap((digits) => [of(`time(${digits})`, ...withFractions(TIMES)), of(`datetime(${digits})`, ...withFractions(MOMENTS)), of(`timestamp(${digits}) null`, ...withFractions(STAMPS.slice(0, -1)), quoted(STAMPS).at(-1)!)]),
]

const STRINGS: readonly TypeSample[] = [
  of('char(5)', "'ab '", "''", "'  x'", "'é😀'"), of('char(100)', "'x'", "repeat('😀',100)"), of('varchar(30)', "'tab\\t nl\\n q\" b\\\\ '", "''", "'null \\0 ctl \\r\\b\\Z'", "' '"), of('varchar(300)', "repeat('é',300)"), of('varchar(0)', "''"),
  of('tinytext', "'tiny'", "repeat('x',255)"), of('text', "'téxt 😀'", "repeat('y',65535)"), of('mediumtext', "repeat('m',70000)", "''"), of('longtext', "repeat('ß',40000)"), of('nchar(4)', "'né'"), of('nvarchar(8)', "'nvé'"),
  ...Object.entries(TEXT_OF).map(([charset, text]): TypeSample => ({ sql: `varchar(20) character set ${charset}`, values: [`'${text}'`, "''", "'plain 123'"], ...(charset === 'gb18030' ? { on: 'mysql' } : {}) })),
  of('char(4) character set utf16', "'é '", "'utf1'"), of('char(4) character set latin1', "'é '"), of('text character set latin1', "'œuvre'"), of('longtext character set sjis', "'日本ｱ'"), of('char(6) character set gbk', "'中 '"), of('char(3) character set ucs2', "'é '"),
  of('binary(4)', ...BYTES), of('binary', "x'00'", "x'ff'"), of('binary(0)', "''"), of('binary(255)', "x'00'", "repeat('z',255)"), of('varbinary(10)', ...BYTES), of('varbinary(300)', "repeat('b',300)", "x'0000'"), of('varchar(20) character set binary', "'bin\\0'"),
  of('tinyblob', ...BYTES), of('blob', "'😀'", "repeat(x'00',65535)"), of('mediumblob', "x'deadbeef'"), of('longblob', "x'cafebabe0000'", "repeat('l',70000)"),
  of("enum('a','b,c','d''e','','x\"y','z\\\\w','ünï','with space ')", "'a'", "'b,c'", "'d''e'", "''", "'x\"y'", "'z\\\\w'", "'ünï'", "'with space'", "'not a member'"), of(`enum(${labels(300)})`, "'e1'", "'e256'", "'e300'", '255'),
  of("enum('é','ß') character set latin1", "'é'", "'ß'"), of("enum('日','本') character set sjis", "'日'"), of(`set(${LETTERS})`, "''", "'p'", "'p,r'", "'r,q,p'", "'zz'"), of("set('a','b c','d''e','f\"g','ü')", "'a,b c,d''e'", "'ü'"),
  of(`set(${labels(64)})`, "'e1'", "'e1,e64'", "'e63'", '18446744073709551615', '9223372036854775807'), of(`set(${labels(9)})`, "'e9'", "'e1,e9'"), of(`set(${labels(33)})`, "'e33'"), of("set('я','в') character set cp1251", "'я,в'"),
]

const DOCUMENTS: readonly TypeSample[] = [
  of('json', `'{"b":1,"a":[1,-1,2.5,1e3,null,true,false,"s"],"n":{"x":{"y":[[],{}]}}}'`, "'[]'", "'null'", "'\"str\"'", "'[18446744073709551615,-9223372036854775808,1.7976931348623157e308,0.1,1e-7,100.0,1e20]'", `'"q\\\\"\\\\\\\\/\\\\b\\\\u0001 é 😀 </x>"'`, "'{}'", "json_array(repeat('x',70000))", `'{"": "empty", "a b": " , : "}'`),
  { sql: 'json', values: ["json_object('dec',cast(1.50 as decimal(10,2)),'d',cast('2020-02-29' as date),'t',cast('-12:34:56.5' as time(6)),'dt',cast('2020-02-29 01:02:03.456789' as datetime(6)),'ts',timestamp'2020-01-01 00:00:00','y',cast(2020 as year),'blob',x'00ff10','bit',b'101')"], on: 'mysql' },
  of('geometry', "ST_GeomFromText('POINT(1 -2.5)')", "ST_GeomFromText('POINT(100 200)',3857)", "ST_GeomFromText('LINESTRING(0 0,1 1)')"), of('point', 'point(0,0)', 'point(-1e300,1e-300)', "ST_GeomFromText('POINT(52.5 13.4)',4326)"), of('linestring', "ST_GeomFromText('LINESTRING(0 0,1 1,2 3)')"),
  of('polygon', "ST_GeomFromText('POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))')"), of('multipoint', "ST_GeomFromText('MULTIPOINT(1 1,2 2)')"), of('multilinestring', "ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))')"),
  of('multipolygon', "ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')"), of('geometrycollection', "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')", "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')"),
]

const MARIADB: readonly TypeSample[] = ([
  of('uuid', "'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'01020304-0506-7708-890a-0b0c0d0e0f10'"),
  of('inet4', "'1.2.3.4'", "'10.0.0.0'", "'0.0.0.0'", "'255.255.255.255'"),
  of('inet6', "'::'", "'::1'", "'2001:db8::1'", "'2001:db8::'", "'::ffff:1.2.3.4'", "'::1.2.3.4'", "'1::2:0:0:0:3'", "'1:0:0:2:0:0:3:4'", "'1:0:2:3:4:5:6:7'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", "'0:0:1::'", "'::5:0'", "'::ffff:0:0'", "'0:1:0:1:0:1:0:1'", "'fe80::1:0:0:1'"),
  of('text compressed', "repeat('a',300)", "'x'", "''", "repeat('é',70)"), of('varchar(30) compressed character set latin1', "'é'", "''", "repeat('é',30)"), of('varbinary(500) compressed', "repeat('b',400)", "x'00'"), of('longblob compressed', "repeat('d',300000)", "x''"), of('varchar(3000) compressed', "repeat('e',3000)"),
] satisfies TypeSample[]).map((sample) => ({ ...sample, on: 'mariadb' }))

/** What a server of this kind has. */
export function samplesOf(kind: ServerKind): readonly TypeSample[] {
  const mine = kind === 'MySQL' ? 'mysql' : 'mariadb'
  const vector: TypeSample[] = kind === 'MySQL' ? [of('vector(3)', "string_to_vector('[1,-2.5,3e10]')", "string_to_vector('[0.1,0,1e-30]')")] : kind === 'MariaDB 11.8' ? [of('vector(3)', "vec_fromtext('[1,-2.5,3e10]')", "vec_fromtext('[0.1,0,1]')")] : []
  return [...NUMBERS, ...TIMES_AND_DATES, ...STRINGS, ...DOCUMENTS, ...MARIADB, ...vector].filter(({ on }) => on === undefined || on === mine)
}

function labels(count: number): string {
  return Array.from({ length: count }, (_, index) => `'e${index + 1}'`).join(',')
}

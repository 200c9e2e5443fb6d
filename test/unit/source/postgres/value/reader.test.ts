import { describe, expect, it } from 'vitest'
import type { HandlingModes } from '../../../../../src/event/handling-mode.ts'
import { column, domain, read, type, MOOD } from './type-fixture.ts'

/** Column, the server's text, what the writer hears. */
type Row = readonly [of: string, text: string, heard: string]

function table(title: string, modes: Partial<HandlingModes>, rows: readonly Row[]): void {
  describe(title, () => {
    it.each(rows)('%s %s', (of, text, heard) => {
      expect(read(column(of), text, modes)).toBe(heard)
    })
  })
}

table('numbers', {}, [
  ['int2', '-32768', 'digits -32768'],
  ['int4', '2147483647', 'digits 2147483647'],
  ['int8', '-9223372036854775808', 'long -9223372036854775808'],
  ['oid', '4294967295', 'digits 4294967295'],
  ['bool', 't', 'true'],
  ['bool', 'f', 'false'],
  ['float4', '3.4028235e+38', 'float 3.4028235e+38'],
  ['float8', '-0', 'double -0'],
  ['float8', 'NaN', 'double NaN'],
  ['float4', '-Infinity', 'float -Infinity'],
])

table('decimals, precise', {}, [
  ['numeric(5,2)', '-999.99', 'decimal(2) -999.99'],
  ['numeric(38,0)', '99999999999999999999999999999999999999', 'decimal(0) 99999999999999999999999999999999999999'],
  ['numeric(3,-2)', '12300', 'decimal(2046) 12300'],
  ['numeric(3,5)', '0.00123', 'decimal(5) 0.00123'],
  ['numeric', '2.50', '{scale: int 1, value: decimal(1) 2.5}'],
  ['numeric', '100.00', '{scale: int 0, value: decimal(0) 100}'],
  ['numeric', '-0.00100', '{scale: int 3, value: decimal(3) -0.001}'],
  ['numeric', '0.000', '{scale: int 0, value: decimal(0) 0}'],
  ['numeric', '100000', '{scale: int 0, value: decimal(0) 100000}'],
  ['money', '$1,234,567.89', 'decimal(2) 1234567.89'],
  ['money', '-$92,233,720,368,547,758.08', 'decimal(2) -92233720368547758.08'],
])

table('decimals as doubles', { decimal: 'double' }, [
  ['numeric(5,2)', '1.10', 'double 1.10'],
  ['numeric', '1234567890123456789012345678.0123456789', 'double 1.2345678901234569e+27'],
  ['numeric', `1${'0'.repeat(400)}`, 'double Infinity'],
  ['numeric', 'NaN', 'double NaN'],
  ['numeric(5,2)', '-Infinity', 'double -Infinity'],
  ['money', '-$0.01', 'double -0.01'],
])

table('decimals as strings', { decimal: 'string', moneyFractionDigits: 4 }, [
  ['numeric', '2.50', 'plain "2.50"'],
  ['numeric(5,2)', '1.10', 'plain "1.10"'],
  ['numeric(3,-2)', '-100', `plain "-100.${'0'.repeat(2046)}"`],
  ['numeric', 'NaN', 'string "NAN"'],
  ['numeric', 'Infinity', 'string "POSITIVE_INFINITY"'],
  ['numeric(5,2)', '-Infinity', 'string "NEGATIVE_INFINITY"'],
  ['money', '$1,234.50', 'plain "1234.50"'],
])

table('money with other fraction digits', { moneyFractionDigits: 4 }, [['money', '$1.50', 'decimal(4) 1.50']])
table('money without a fraction: half away from zero', { moneyFractionDigits: 0 }, [
  ['money', '$1.50', 'decimal(0) 2'],
  ['money', '-$1.50', 'decimal(0) -2'],
  ['money', '$1.49', 'decimal(0) 1'],
  ['money', '-$0.49', 'decimal(0) 0'],
])

table('text', {}, [
  ['text', 'emoji 😀 " \\', 'text "emoji 😀 \\" \\\\"'],
  ['bpchar(5)', 'ab   ', 'text "ab   "'],
  ['name', 'ñ', 'text "ñ"'],
  ['citext', 'CiT', 'text "CiT"'],
  ['uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'plain "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
  ['json', '{"a": [1,  2.50]}', 'json {"a": [1,  2.50]}'],
  ['jsonb', '1.000', 'json 1.000'],
  ['xml', '<a b="c"/>', 'text "<a b=\\"c\\"/>"'],
  ['tstzrange', '["2024-01-01 00:00:00+00",)', 'text "[\\"2024-01-01 00:00:00+00\\",)"'],
  ['tsvector', "'a':1A", 'text "\'a\':1A"'],
  ['mood', 'very "happy"', 'text "very \\"happy\\""'],
])

table('bits', {}, [
  ['bit(1)', '1', 'true'],
  ['varbit(1)', '0', 'false'],
  ['bit(12)', '100000000001', 'bytes 0108'],
  ['bit(64)', '0'.repeat(64), 'bytes '],
  ['varbit', '101', 'bytes 05'],
  ['varbit', '', 'bytes '],
  ['varbit(70)', `1${'0'.repeat(68)}1`, 'bytes 010000000000000020'],
])

describe('binary', () => {
  const cell = '\\xfbeffe00'
  it.each([
    ['bytes', 'bytes fbeffe00', 'bytes 29'],
    ['base64', 'plain "++/+AA=="', 'plain "KQ=="'],
    ['base64-url-safe', 'plain "--_-AA=="', 'plain "KQ=="'],
    ['hex', 'plain "fbeffe00"', 'plain "29"'],
  ] as const)('%s', (binary, bytea, opaque) => {
    expect(read(column('bytea'), cell, { binary })).toBe(bytea)
    expect(read(column('pair'), ')', { binary, includeUnknown: true })).toBe(opaque)
  })
})

table('dates and times, adaptive', {}, [
  ['date', '2024-02-29', 'int 19782'],
  ['date', '1582-10-14', 'int -141428'],
  ['date', '0001-12-31 BC', 'int -719163'],
  ['date', '5874897-12-31', 'int 2145042905'],
  ['date', '4713-01-01 BC', 'int -2440550'],
  ['date', 'infinity', 'int -2147472692'],
  ['date', '-infinity', 'int -2147472691'],
  ['time', '13:14:15.123456', 'int 47655123456'],
  ['time', '24:00:00', 'int 86400000000'],
  ['time(3)', '13:14:15.12', 'int 47655120'],
  ['time(4)', '00:00:00.0001', 'int 100'],
  ['timetz', '24:00:00-08', 'plain "08:00:00Z"'],
  ['timetz', '10:00:00.5+05:45', 'plain "04:15:00.5Z"'],
  ['timetz', '00:00:01+15:59:59', 'plain "08:00:02Z"'],
  ['timestamp', '1969-12-31 23:59:59.999999', 'ticks(6) -1'],
  ['timestamp(3)', '1969-12-31 23:59:59.999', 'ticks(3) -1'],
  ['timestamp', '0044-03-15 12:00:00.5 BC', 'ticks(6) -63517780799500000'],
  ['timestamp', '294247-01-10 04:00:54.775807', 'ticks(6) 9223372036854775807'],
  ['timestamp', 'infinity', 'ticks(6) 9223372036825200000'],
  ['timestamp', '-infinity', 'ticks(6) -9223372036832400000'],
  ['timestamp(0)', 'infinity', 'ticks(3) 9223372036825200'],
  ['timestamp(0)', '294276-12-31 23:59:59', 'ticks(3) 9224318015999000'],
  ['timestamptz', '2024-02-29 13:14:15+00', 'plain "2024-02-29T13:14:15.000000Z"'],
  ['timestamptz(3)', '2024-02-29 13:14:15.1+00', 'plain "2024-02-29T13:14:15.100Z"'],
  ['timestamptz(0)', '2024-02-29 13:14:15+00', 'plain "2024-02-29T13:14:15Z"'],
  ['timestamptz', '0044-03-15 12:00:00.5+00 BC', 'plain "-0043-03-15T12:00:00.500000Z"'],
  ['timestamptz', '12345-06-07 08:09:10.123456+00', 'plain "+12345-06-07T08:09:10.123456Z"'],
  ['timestamptz', '2024-01-01 01:30:00.25+05:45', 'plain "2023-12-31T19:45:00.250000Z"'],
  ['timestamptz', '9999-12-31 23:00:00-02', 'plain "+10000-01-01T01:00:00.000000Z"'],
  ['timestamptz', '-infinity', 'plain "-infinity"'],
])

table('dates and times, connect', { time: 'connect' }, [
  ['date', '1970-01-02', 'int 1'],
  ['time', '00:00:00.000999', 'int 0'],
  ['timestamp', '1969-12-31 23:59:59.9999', 'ticks(3) -1'],
  ['timestamp', '-infinity', 'ticks(3) -9223372036832400'],
])

table('dates and times, microseconds', { time: 'microseconds' }, [
  ['time(0)', '00:00:01', 'int 1000000'],
  ['timestamp(0)', '1970-01-01 00:00:01', 'ticks(6) 1000000'],
])

table('dates and times, adaptive_time_microseconds', { time: 'adaptive_time_microseconds' }, [
  ['time(0)', '00:00:01', 'int 1000000'],
  ['timestamp(0)', '1970-01-01 00:00:01', 'ticks(3) 1000'],
])

table('dates and times, nanoseconds', { time: 'nanoseconds' }, [
  ['time', '24:00:00', 'int 86400000000000'],
  ['timestamp', '2262-04-11 23:47:16.854775', 'ticks(9) 9223372036854775000'],
  ['timestamp', '1677-09-21 00:12:43.145225', 'ticks(9) -9223372036854775000'],
  ['timestamp', 'infinity', 'ticks(9) 9223372036854775807'],
  ['timestamp', '-infinity', 'ticks(9) -9223372036854775808'],
])

table('dates and times, isostring', { time: 'isostring' }, [
  ['date', '2024-02-29', 'string "2024-02-29Z"'],
  ['date', '12345-06-07', 'string "+12345-06-07Z"'],
  ['date', 'infinity', 'string "-5877611-06-21Z"'],
  ['time', '13:14:15.5', 'plain "13:14:15.5Z"'],
  ['time', '24:00:00', 'string "00:00:00Z"'],
  ['timestamp', '0001-12-31 23:59:59 BC', 'string "0000-12-31T23:59:59Z"'],
  ['timestamp', 'infinity', 'string "+294247-01-10T04:00:25.2Z"'],
  ['timestamp', '-infinity', 'string "-290308-12-21T19:59:27.6Z"'],
])

table('intervals', {}, [
  ['interval', '1 year 2 mons 3 days 04:05:06.789012', 'long 37091106789012'],
  ['interval', '-1 years -2 mons -3 days -04:05:06.789012', 'long -37091106789012'],
  ['interval', '1 mon -1 days +00:00:01', 'long 2543401000000'],
  ['interval', '178000000 years', 'long 9223372036854775807'],
  ['interval', '-178000000 years', 'long -9223372036854775808'],
  ['interval', '00:00:00', 'long 0'],
])

table('intervals as text', { interval: 'string' }, [
  ['interval', '-1 years -2 mons -3 days -04:05:06.789012', 'plain "P-1Y-2M-3DT-4H-5M-6.789012S"'],
  ['interval', '-00:00:00.001', 'plain "P0Y0M0DT0H0M-0.001S"'],
  ['interval', '1000:00:00', 'plain "P0Y0M0DT1000H0M0S"'],
  ['interval', '1 mon -1 days +00:00:01', 'plain "P0Y1M-1DT0H0M1S"'],
])

table('arrays', {}, [
  ['int4[]', '{1,NULL,-3}', '[digits 1, null, digits -3]'],
  ['int4[]', '{}', '[]'],
  ['int4[]', '[0:2]={5,6,7}', '[digits 5, digits 6, digits 7]'],
  ['text[]', '{a,"b c",NULL,"NULL","q\\"x\\\\y","{}","",null}', '[text "a", text "b c", null, text "NULL", text "q\\"x\\\\y", text "{}", text "", null]'],
  ['bytea[]', '{"\\\\x00ff",NULL,"\\\\x"}', '[bytes 00ff, null, bytes ]'],
  ['numeric(5,2)[]', '{1.50,-999.99}', '[decimal(2) 1.50, decimal(2) -999.99]'],
  ['bit(3)[]', '{101,NULL}', '[bytes 05, null]'],
  ['bit(1)[]', '{1,0}', '[true, false]'],
  ['mood[]', '{sad,"very \\"happy\\"",NULL}', '[text "sad", text "very \\"happy\\"", null]'],
  ['time[]', '{13:14:15.123456,24:00:00}', '[int 47655123000, int 86400000000]'],
  ['timetz[]', '{13:14:15.123456+02}', '[plain "11:14:15Z"]'],
  ['timestamptz[]', '{"2024-02-29 11:14:15.123456+00",infinity}', '[plain "2024-02-29T11:14:15.123456Z", plain "infinity"]'],
  ['hstore[]', '{"\\"a\\"=>\\"1\\"",NULL}', '[json {"a":"1"}, null]'],
  ['int2vector', '1 -2 3', '[digits 1, digits -2, digits 3]'],
  ['oidvector', '', '[]'],
])

table('arrays as ISO text', { time: 'isostring' }, [['time[]', '{13:14:15.123456,13:14:15.100000,00:00:00.0009}', '[plain "13:14:15.123Z", plain "13:14:15.1Z", plain "00:00:00Z"]']])

table('hstore', {}, [
  // The order of java.util.HashMap, not the server's.
  ['hstore', '"a"=>"1", "n"=>NULL, "z"=>"9", "b c"=>"d \\"q\\" \\\\ ,=>"', 'json {"a":"1","b c":"d \\"q\\" \\\\ ,=>","z":"9","n":null}'],
  ['hstore', '', 'json {}'],
  ['hstore', '"\x1f"=>"\\\\u001f\t"', 'json {"\\u001F":"\\\\u001f\\t"}'],
])

table('hstore as a map', { hstore: 'map' }, [['hstore', '"b"=>NULL, "aa"=>"x"', '{aa: string "x", b: null}']])

table('geometry', { includeUnknown: true, binary: 'hex' }, [
  ['point', '(1.5,-2.5)', '{x: double 1.5, y: double -2.5, wkb: bytes 0101000000000000000000f83f00000000000004c0, srid: null}'],
  ['point', '(NaN,Infinity)', '{x: double NaN, y: double Infinity, wkb: bytes 0101000000000000000000f87f000000000000f07f, srid: null}'],
  ['circle', '<(1,2.5),1e-05>', `plain "${Buffer.from('<(1.0,2.5),1.0E-5>').toString('hex')}"`],
  ['box[]', '{(3,4),(1,2);(5,6),(0,0)}', `[plain "${Buffer.from('(3.0,4.0),(1.0,2.0)').toString('hex')}", plain "${Buffer.from('(5.0,6.0),(0.0,0.0)').toString('hex')}"]`],
  ['line', '{1e+07,12345678,0.001}', `plain "${Buffer.from('{1.0E7,1.2345678E7,0.001}').toString('hex')}"`],
  ['geometry', '0101000020E6100000000000000000F03F0000000000000040', '{wkb: bytes 0101000020e6100000000000000000f03f0000000000000040, srid: int 4326}'],
  ['geography', '0101000000000000000000F03F0000000000000040', '{wkb: bytes 0101000000000000000000f03f0000000000000040, srid: null}'],
  ['vector', '[1,2.5,-3e-07]', '[double 1, double 2.5, double -3e-07]'],
  ['halfvec', '[0.5]', '[float 0.5]'],
])

describe('domains', () => {
  it('are values of the innermost type, with the innermost modifier', () => {
    expect(read(column('int4', { type: domain('posint2', domain('posint', type('int4'))) }), '7')).toBe('digits 7')
    const money92 = domain('money92', type('numeric'), ((9 << 16) | 2) + 4)
    expect(read(column('int4', { type: domain('outer', money92) }), '3.50')).toBe('decimal(2) 3.50')
    expect(read(column('int4', { type: domain('intarr', type('int4[]')) }), '{7,8}')).toBe('[digits 7, digits 8]')
    expect(read(column('int4', { type: domain('m', MOOD) }), 'ok')).toBe('text "ok"')
  })

  it('in arrays are unknown types', () => {
    const array = { oid: 0, name: '_posint', schema: 'public', kind: 'base' as const, element: domain('posint', type('int4')) }
    expect(read(column('int4', { type: array }), '{1,2}', { includeUnknown: true })).toBe('[bytes 31, bytes 32]')
  })
})

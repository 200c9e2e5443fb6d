import { expect, test } from 'vitest'
import { compactJson } from '../../../src/source/mysql/json/compact-json.ts'
import { JsonText } from '../../../src/source/mysql/json/json-text.ts'
import { writeJson } from '../../../src/source/mysql/json/write-json.ts'
import { campaign } from '../../fuzz/campaign.ts'
import { capturedPart } from '../../fuzz/mysql-json-capture.ts'
import { startMysql } from '../../server/mysql.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { requireMysql } from '../../server/require.ts'
import { anyDocument } from './any-document.ts'
import { captureChanges } from './json-log.ts'

const withMysql = await requireMysql()

withMysql('JSON of the log and of a snapshot', () => {
  test('every kind of value has the same text in both', { timeout: 120_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('j')
    const expressions = [
      "json_array(cast('0000-00-00' as date), cast('9999-12-31 23:59:59.999999' as datetime(6)), date'2020-02-29', timestamp'2020-01-01 00:00:00', timestamp'0000-01-01 01:02:03.04')",
      "json_array(cast('00:00:00' as time), time'-00:00:00.000001', time'-838:59:59', time'838:59:59', time'-12:34:56.5', time'100:00:01', time'-00:00:01')",
      "json_array(cast(-0.00 as decimal(5,2)), cast(0.5 as decimal(5,3)), cast('-12345678901234567890123456789012345.123456789012345678901234567890' as decimal(65,30)), 0.000000000000000000000000000001)",
      "json_array(cast(0 as decimal(1,0)), cast(5 as decimal(3,0)), 1.0, -0.1, 123456789.123456789, 1234567890.1234567890, 100000000000000000000, -1.50, cast(repeat('9', 65) as decimal(65,0)), 18446744073709551616)",
      "json_array(x'00', repeat(x'61', 57), unhex(repeat('00', 58)), unhex(repeat('ff', 1000)), _binary'', b'101', cast('x' as binary(3)), inet6_aton('::1'))",
      "'[18446744073709551615,9223372036854775807,9223372036854775808,-9223372036854775808,32767,32768,-32768,-32769,65535,65536,2147483647,2147483648,-2147483648,-2147483649,4294967295,4294967296,9007199254740993,-9007199254740993]'",
      "'[1.7976931348623157e308,0.1,1e-7,100.0,1e20,123456789012345678901234567890,-0.0,0.0,1e14,1e15,1e16,123456789012345.6,1234567890123456.7,12345678901234567.8,999999999999999.9,5e-324,2.2250738585072014e-308,1e-14,1e-15,1e-16,-1.2345678901234567e-15,1.23456789012345678e-14,1e22,1e23]'",
      "'\"q\\\\\"\\\\\\\\/\\\\b\\\\f\\\\n\\\\r\\\\t\\\\u0001\\\\u001f\\\\u007f\\\\u0000 é 😀 \\\\u2028 </x> , : {} [] base64:type15:AA==\\\\n\"'",
      "json_object('', 'empty', 'dup', 1, 'aa', 1, 'b', 2, 'ccc', 3, 'é', 4, '\"', 5, '\\n', 6, '\\\\', 7, ' ', 8)",
      "json_array(st_geomfromtext('POINT(1 2)'), cast(2020 as year), cast(1.1 as float), 1.5e0, true, false, null, 'text')",
      "'null'", "'true'", "'false'", "'1'", "'-1'", "'1.5'", "'\"\"'", "'[]'", "'{}'", "'[{}]'", 'null',
      "concat(repeat('[', 100), repeat(']', 100))", "concat(repeat('{\"a\":', 100), '1', repeat('}', 100))",
      'json_array(repeat("x", 127), repeat("y", 128))', 'json_array(repeat("x", 16383), repeat("y", 16384))', 'json_array(repeat("x", 70000))',
      'json_array(repeat("x", 70000), 1, 40000, 70000, -70000, 5000000000, true, 1.5, json_array(1, 70000), json_object("k", 70000))', 'json_object("a", repeat("x", 70000), "b", 70000, "c", -1, "d", null, "e", -70000)', 'json_object(repeat("k", 65535), 1)',
      "(select json_object('bt', bt, 'bb', bb, 'en', en, 'se', se, 'ts', ts, 'vb', vb, 'bi', bi, 'lt', lt, 'ye', ye, 'tm', tm, 'g', g, 'dt', dt) from kinds)", '(select json_arrayagg(x) from many)', '(select json_objectagg(x, x) from many)',
    ]
    const texts = await roundTrip(server, async () => {
      await server.script(`
        create table kinds (bt bit(12), bb blob, en enum('a','b'), se set('a','b'), ts timestamp(3) null, vb varbinary(10), bi binary(3), lt text character set latin1, ye year, tm time(2), g geometry, dt datetime);
        insert into kinds values (b'101', repeat('ab', 100), 'b', 'a,b', '2024-01-02 03:04:05.678', 'xx', 'y', 'é', 2021, '-838:59:59', st_geomfromtext('LINESTRING(1 2,3 4)'), '1000-01-01 00:00:00');
        create table many (x int primary key); set cte_max_recursion_depth = 100000;
        insert into many with recursive n(x) as (select 1 union all select x + 1 from n where x < 70000) select x from n;
        set sql_mode = ''; ${expressions.map((expression, index) => `insert into d values (${index}, ${expression})`).join(';')}`, 'j')
    })
    expect(texts.size).toBe(expressions.length)
    const small = [...texts.values()].filter(({ binary, text }) => text.length > 0 && binary.length < 1500)
    expect(capturedPart('documents', small.map(({ binary, text }) => ({ binary: binary.toString('base64'), text })))).toEqual(small.map(({ binary, text }) => ({ binary: binary.toString('base64'), text })))
    expect(texts.get(0)?.text).toBe('["0000-00-00","9999-12-31 23:59:59.999999","2020-02-29","2020-01-01 00:00:00.000000","0000-01-01 01:02:03.040000"]')
    expect(texts.get(1)?.text).toBe('["00:00:00.000000","-00:00:00.000001","-838:59:59.000000","838:59:59.000000","-12:34:56.500000","100:00:01.000000","-00:00:01.000000"]')
    expect(texts.get(2)?.text).toBe('[0.00,0.500,-12345678901234567890123456789012345.123456789012345678901234567890,0.000000000000000000000000000001]')
    expect(texts.get(5)?.text).toBe('[18446744073709551615,9223372036854775807,9223372036854775808,-9223372036854775808,32767,32768,-32768,-32769,65535,65536,2147483647,2147483648,-2147483648,-2147483649,4294967295,4294967296,9007199254740993,-9007199254740993]')
    expect(texts.get(7)?.text).toBe('"q\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\u007f\\u0000 é 😀 \u2028 </x> , : {} [] base64:type15:AA==\\n"')
    expect(texts.get(8)?.text).toBe('{"":"empty","\\n":6," ":8,"\\"":5,"\\\\":7,"b":2,"aa":1,"é":4,"ccc":3,"dup":1}')
  })

  test('any document has the same text in both', { timeout: 300_000 }, async () => {
    await using server = await startMysql()
    await server.createDatabase('j')
    await campaign('JSON documents', 8, async (random) => {
      await server.query('drop table if exists d', 'j')
      const documents = Array.from({ length: 400 }, () => anyDocument(random))
      const texts = await roundTrip(server, async () => {
        await server.withClient('j', async (client) => {
          await client.query('begin')
          for (const [id, text] of documents.entries()) await client.query('insert into d values (?, ?)', [id, text])
          await client.query('commit')
        })
      })
      expect(texts.size).toBe(documents.length)
      for (const [id, { text }] of texts) expect(sameValue(JSON.parse(text), JSON.parse(documents[id]!)), `${text} for ${documents[id]}`).toBe(true)
    })
  })
})

/** The text of each document, after it was seen that the log's is the same as the snapshot's. */
async function roundTrip(server: MysqlServer, write: () => Promise<void>): Promise<Map<number, { text: string; binary: Buffer }>> {
  await server.query('create table d (id int primary key, j json)', 'j')
  const changes = await captureChanges(server, write)
  const rows = await server.query<{ id: number; text: string | null }>('select id, cast(j as char) text from d', 'j')
  const snapshot = new Map(rows.map(({ id, text }) => [id, text === null ? undefined : Buffer.from(text)]))
  const texts = new Map<number, { text: string; binary: Buffer }>()
  const [stream, compact] = [new JsonText(), new JsonText()]
  for (const { id, after } of changes) {
    const text = snapshot.get(id)
    if (text === undefined) expect(after).toBe(undefined)
    stream.clear()
    compact.clear()
    if (after !== undefined) writeJson(after, 0, after.length, stream)
    if (text !== undefined) compactJson(text, 0, text.length, compact)
    const written = stream.bytes.toString('utf8', 0, stream.length)
    expect(written.slice(0, 100_000)).toBe(compact.bytes.toString('utf8', 0, compact.length).slice(0, 100_000))
    expect(written.length).toBe(compact.bytes.toString('utf8', 0, compact.length).length)
    if (text !== undefined) JSON.parse(written)
    texts.set(id, { text: written, binary: Buffer.from(after ?? []) })
  }
  return texts
}

/** The server reads the text of a double not always as the nearest one. */
function sameValue(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return Math.abs(one - other) <= Math.max(5e-324, Math.abs(other) * 2 ** -50)
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [members, others] = [Object.entries(one), new Map(Object.entries(other))]
  return members.length === others.size && members.every(([key, value]) => others.has(key) && sameValue(value, others.get(key)))
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLabel, encodeLabel } from '../../../src/schema-history/enum-label.ts'
import { decodeRecord, encodeRecord } from '../../../src/schema-history/record-json.ts'
import { decodeTableId, encodeTableId } from '../../../src/schema-history/table-id.ts'
import { richHistoryRecords } from '../../../src/testing/index.ts'
import { seedOf } from '../offset/seed.ts'
import { goldenHistories } from './golden-history.ts'

const GOLDEN = [...goldenHistories()]

test.each(GOLDEN)('what Debezium wrote is read and written again, byte for byte: %s', (_, lines) => {
  for (const line of lines) expect(encodeRecord(decodeRecord(line))).toBe(line)
})

test('what stands in a record', () => {
  const lines = GOLDEN.flatMap(([, written]) => written.map(decodeRecord))
  expect(lines.length).toBeGreaterThan(3000)
  const columns = lines.flatMap(({ changes }) => changes.flatMap(({ shape }) => shape?.columns ?? []))
  expect(columns.find(({ labels }) => labels.includes("d'e"))?.labels).toContain('z\\w')
  expect(lines.flatMap(({ changes }) => changes).filter(({ previous }) => previous !== undefined).length).toBeGreaterThan(0)
  expect(decodeRecord(
    '{"source":{"server":"srv"},"position":{"file":"b","pos":7},"ts_ms":1,"databaseName":"d","ddl":"x","tableChanges":[{"type":"ALTER","id":"\\"d\\".\\"t\\"","previousId":"\\"d\\".\\"s\\"","table":{"defaultCharsetName":"utf8mb4","primaryKeyColumnNames":["b","a"],"columns":['
    + '{"name":"a","jdbcType":4,"typeName":"INT","typeExpression":"INT","charsetName":null,"position":1,"optional":true,"autoIncremented":false,"generated":false,"comment":null,"hasDefaultValue":true,"enumValues":[]},'
    + '{"name":"b","jdbcType":1,"typeName":"ENUM","typeExpression":"ENUM","charsetName":"latin1","length":1,"position":2,"optional":false,"autoIncremented":false,"generated":false,"comment":"c","hasDefaultValue":true,"defaultValueExpression":"x","enumValues":["\'x\'"]}],"attributes":[]},"comment":"about"}]}',
  )).toEqual({
    source: { server: 'srv' }, position: { file: 'b', pos: 7 }, timestampMs: 1, database: 'd', ddl: 'x',
    changes: [{
      type: 'ALTER', database: 'd', table: 't', previous: { database: 'd', table: 's' },
      shape: {
        database: 'd', name: 't', key: [1, 0], charset: 'utf8mb4', comment: 'about',
        columns: [
          { name: 'a', jdbcType: 4, typeName: 'INT', typeExpression: 'INT', charset: undefined, length: undefined, scale: undefined, optional: true, autoIncremented: false, generated: false, comment: undefined, hasDefault: true, default: undefined, labels: [] },
          { name: 'b', jdbcType: 1, typeName: 'ENUM', typeExpression: 'ENUM', charset: 'latin1', length: 1, scale: undefined, optional: false, autoIncremented: false, generated: false, comment: 'c', hasDefault: true, default: 'x', labels: ['x'] },
        ],
      },
    }],
  })
})

test('a record with every member comes back as it was, in one line', () => {
  for (const record of richHistoryRecords()) {
    const line = encodeRecord(record)
    expect(line).not.toMatch(/[\n\r]/)
    expect(decodeRecord(line)).toEqual(record)
  }
})

test('control characters are spelled as Jackson spells them, backslashes before an u are no escapes', () => {
  const record = { ...richHistoryRecords()[1]!, ddl: '\u001f \\u001f \\\u001f \b' }
  expect(encodeRecord(record)).toContain('"ddl":"\\u001F \\\\u001f \\\\\\u001F \\b"')
  expect(decodeRecord(encodeRecord(record)).ddl).toBe(record.ddl)
})

test('members that are not known are left aside, those that may be missing are missing', () => {
  const record = decodeRecord('{"source":{"server":"s"},"position":{},"schemaName":"x","new":{"a":[1]},"tableChanges":[{"type":"CREATE","id":"t","new":1,"table":{"columns":[{"name":"a","nativeType":3,"jdbcType":4,"typeName":"INT","optional":true,"autoIncremented":false,"generated":false,"new":2}],"attributes":[{"name":"n","value":"v"}]}}]}')
  expect(record).toMatchObject({ timestampMs: 0, database: '', ddl: '', changes: [{ database: '', table: 't', shape: { key: [], charset: undefined, columns: [{ name: 'a', typeExpression: 'INT', hasDefault: false, labels: [] }] } }] })
})

test('a statement that changed nothing that is kept is written without the table, which Debezium could not read', () => {
  const record = { ...richHistoryRecords()[1]!, changes: [{ type: 'ALTER' as const, database: 'd', table: 't' }] }
  expect(encodeRecord(record)).toContain('"tableChanges":[]')
})

describe('what is no record', () => {
  test.each([
    ['', 'it is not JSON'], ['{"source":{}', 'it is not JSON'], ['secret', 'it is not JSON'], ['[]', 'it is not an object'], ['null', 'it is not an object'], ['{}', 'source is not an object'], ['{"source":{"server":1},"position":{}}', 'source is not a text'],
    ['{"source":{},"position":[]}', 'position is not an object'], ['{"source":{},"position":{},"ddl":1}', 'ddl is not a text'], ['{"source":{},"position":{},"ts_ms":"1"}', 'ts_ms is not a number'],
    ['{"source":{},"position":{},"tableChanges":{}}', 'tableChanges is not a list'], ['{"source":{},"position":{},"tableChanges":[{"type":"RENAME"}]}', 'type is neither'], ['{"source":{},"position":{},"tableChanges":[{"type":"DROP","id":"a.b.c"}]}', 'id is not the name of a table'],
    ['{"source":{},"position":{},"tableChanges":[{"type":"CREATE","id":"t","table":{"columns":[],"primaryKeyColumnNames":["secret"]}}]}', 'primaryKeyColumnNames has what is no column'],
  ])('%s', (line, problem) => {
    let message = ''
    try {
      decodeRecord(line)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain(problem)
    expect(message).not.toContain('secret')
  })
})

test('labels and names of tables come back from what they are written as', () => {
  const seed = seedOf('schema history names')
  const letters = fc.string({ unit: fc.constantFrom('a', "'", '"', '`', '\\', '.', '%', '_', '\n', '\0', 'n', 'Z', 'ü', '鲸') })
  fc.assert(fc.property(letters, (label) => void expect(decodeLabel(encodeLabel(label))).toBe(label)), { seed, numRuns: 500 })
  fc.assert(fc.property(letters, letters.filter((name) => name !== ''), (database, table) => void expect(decodeTableId(encodeTableId(database, table))).toEqual({ database, table })), { seed, numRuns: 500 })
})

test('labels as other statements spell them', () => {
  for (const [literal, label] of [["'a'", 'a'], ['"a\'b""c"', 'a\'b"c'], ["'a\"\"b'", 'a""b'], ["'\\'\\\"\\t\\Z\\x'", '\'"\t\u001ax'], ["'\\%\\_'", '\\%\\_'], ['plain', 'plain'], ["'", "'"]]) expect(decodeLabel(literal!)).toBe(label)
})

test('names of tables as Debezium may have them, and what is none', () => {
  for (const id of ['"d"."t"', 'd.t', '`d`.`t`', '"d".t']) expect(decodeTableId(id)).toEqual({ database: 'd', table: 't' })
  expect(decodeTableId('Straße "7"."t""t"')).toEqual({ database: 'Straße "7"', table: 't"t' })
  expect(decodeTableId('"a"b')).toEqual({ database: '', table: '"a"b' })
  for (const id of ['', '.', '"d".', '.t', 'a.b.c']) expect(() => decodeTableId(id), id).toThrow('id is not the name of a table')
})

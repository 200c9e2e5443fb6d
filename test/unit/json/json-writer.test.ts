import { describe, expect, test } from 'vitest'
import { RecordBatch } from '../../../src/format/record-batch.ts'
import { byteRun } from '../../../src/byte/byte-run.ts'
import { JsonWriter } from '../../../src/json/json-writer.ts'
import { columnLayout } from '../../../src/json/json-layout.ts'
import type { Schema } from '../../../src/event/schema.ts'
import { slice, writeJson } from './write-json.ts'

const TEXT: Schema = { type: 'string', optional: true }
const INTEGER: Schema = { type: 'int32', optional: false }

describe('arrays, structs and maps', () => {
  test('commas stand between elements and members only', () => {
    const json = writeJson((writer) => {
      writer.beginArray()
      writer.element()
      writer.integer(1)
      writer.element()
      writer.beginArray()
      writer.endArray()
      writer.element()
      writer.beginStruct()
      writer.member('a"b')
      writer.null()
      writer.member('ключ')
      writer.beginStruct()
      writer.endStruct()
      writer.endStruct()
      writer.element()
      writer.string('[')
      writer.element()
      writer.boolean(true)
      writer.endArray()
    })
    expect(json).toBe('[1,[],{"a\\"b":null,"ключ":{}},"[",true]')
  })

  test('text that ends with an opening bracket is not taken for the beginning of a list', () => {
    const json = writeJson((writer) => {
      writer.beginStruct()
      writer.member('a[{')
      writer.string('{')
      writer.member('b')
      writer.string('x')
      writer.endStruct()
    })
    expect(json).toBe('{"a[{":"{","b":"x"}')
  })
})

describe('columns', () => {
  const defaulted: Schema = { type: 'string', optional: true, default: (writer) => writer.string('preset') }
  const row = (replaceNull: boolean, ...schemas: Schema[]): string =>
    writeJson((writer) => {
      writer.use(columnLayout('{', schemas.map((schema, index) => ({ name: `c${index}`, schema })), replaceNull))
      for (let index = 0; index < schemas.length; index++) {
        writer.column(index)
        writer.null()
      }
      writer.run(byteRun('}'))
    })

  test('NULL is null, or the default where the converter replaces it', () => {
    expect(row(true, TEXT, defaulted)).toBe('{"c0":null,"c1":"preset"}')
    expect(row(false, TEXT, defaulted)).toBe('{"c0":null,"c1":null}')
  })

  test('a required column without a value has its default, else the zero of its type', () => {
    expect(row(false, { ...defaulted, optional: false })).toBe('{"c0":"preset"}')
    const zeros: [Schema, string][] = [
      [{ type: 'boolean', optional: false }, 'false'],
      [{ type: 'int16', optional: false }, '0'],
      [{ type: 'int64', optional: false, name: 'io.debezium.time.MicroTimestamp' }, '0'],
      [{ type: 'float', optional: false }, '0.0'],
      [{ type: 'double', optional: false }, '0.0'],
      [{ type: 'string', optional: false }, '""'],
      [{ type: 'string', optional: false, name: 'io.debezium.time.ZonedTimestamp' }, '"1970-01-01T00:00:00Z"'],
      [{ type: 'bytes', optional: false }, '""'],
      [{ type: 'bytes', optional: false, name: 'org.apache.kafka.connect.data.Decimal' }, '"AA=="'],
      [{ type: 'array', optional: false, items: TEXT }, '[]'],
      [{ type: 'map', optional: false, keys: TEXT, values: TEXT }, '{}'],
      [{ type: 'struct', optional: false, name: 'io.debezium.data.VariableScaleDecimal', fields: [{ name: 'scale', schema: INTEGER }, { name: 'value', schema: { type: 'bytes', optional: false } }] }, '{"scale":0,"value":"AA=="}'],
    ]
    for (const [schema, json] of zeros) expect(row(true, schema)).toBe(`{"c0":${json}}`)
    const point: Schema = {
      type: 'struct', optional: false, name: 'io.debezium.data.geometry.Point',
      fields: [{ name: 'x', schema: { type: 'double', optional: false } }, { name: 'y', schema: { type: 'double', optional: false } }, { name: 'wkb', schema: { type: 'bytes', optional: true } }, { name: 'srid', schema: { type: 'int32', optional: true } }],
    }
    expect(row(true, point)).toBe('{"c0":{"x":0.0,"y":0.0,"wkb":"AQEAAAAAAAAAAAAAAAAAAAAAAAAA","srid":null}}')
  })

  test('a null inside a column with a default is null', () => {
    const json = writeJson((writer) => {
      writer.use(columnLayout('{', [{ name: 'a', schema: { ...defaulted, type: 'array', items: TEXT } }], true))
      writer.column(0)
      writer.beginArray()
      writer.element()
      writer.null()
      writer.endArray()
      writer.run(byteRun('}'))
    })
    expect(json).toBe('{"a":[null]}')
  })

  test('a table without columns is an empty struct', () => {
    expect(row(true)).toBe('{}')
  })
})

describe('growth', () => {
  const value = slice('text with "quotes" and 😀')
  const number = slice('-1234567890123456789012.50')
  const raw = slice(Buffer.from([0, 1, 2, 250, 251]))
  const everything = (writer: JsonWriter): void => {
    writer.use(columnLayout('{"a lead that is longer than a few words":{', [{ name: 'a', schema: TEXT }, { name: 'b', schema: INTEGER }], true))
    writer.column(0)
    writer.text(value.bytes, value.start, value.end)
    writer.column(1)
    writer.integer(-4_294_967_297)
    writer.run(byteRun(',"c":'))
    writer.beginArray()
    for (const write of [
      () => writer.null(),
      () => writer.boolean(false),
      () => writer.digits(number.bytes, number.start, number.start + 9),
      () => writer.ticks(-9_223_372_037, 145_224_192, 9),
      () => writer.double(number.bytes, number.start, number.end),
      () => writer.decimal(number.bytes, number.start, number.end, 4),
      () => writer.plain(number.bytes, number.start, number.end),
      () => writer.bytes(raw.bytes, raw.start, raw.end),
      () => writer.hex(raw.bytes, raw.start, raw.end),
      () => writer.string('é'),
      () => writer.string('ascii'),
    ]) {
      writer.element()
      write()
    }
    writer.endArray()
    writer.beginStruct()
    writer.member('m')
    writer.endStruct()
  }

  test('whatever room there is, the same bytes are written', () => {
    const expected = writeJson(everything, 4096)
    expect(expected.length).toBeGreaterThan(250)
    for (let capacity = 0; capacity <= expected.length + 1600; capacity++) expect(writeJson(everything, capacity, 'kept')).toBe(expected)
  })

  test('a writer goes on in another batch', () => {
    const writer = new JsonWriter()
    const batches = [new RecordBatch(8), new RecordBatch(8), new RecordBatch(4096)]
    const texts = batches.map((batch, index) => {
      writer.begin(batch)
      writer.integer(index)
      everything(writer)
      writer.end()
      return batch.bytes.toString('utf8', 0, batch.length)
    })
    const expected = writeJson(everything)
    expect(texts).toEqual([0, 1, 2].map((index) => index + expected))
  })

  test('what is taken out leaves no trace', () => {
    const json = writeJson((writer) => {
      writer.string('before')
      const start = writer.position
      writer.string('taken out')
      expect(writer.take(start).toString()).toBe('"taken out"')
      writer.integer(1)
    })
    expect(json).toBe('"before"1')
  })
})

describe('runs', () => {
  test('bytes of any length', () => {
    for (let length = 0; length < 200; length++) {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(0x20 + (i % 0x5f))).join('')
      expect(writeJson((writer) => {
        writer.run(byteRun(text))
        writer.run(byteRun(`${text}ÿ\u{10ffff}`))
      })).toBe(`${text}${text}ÿ\u{10ffff}`)
    }
  })
})

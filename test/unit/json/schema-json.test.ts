import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Schema, SchemaType } from '../../../src/event/schema.ts'
import { writeSchema } from '../../../src/json/schema-json.ts'
import { seedOf } from '../offset/seed.ts'
import { writeJson } from './write-json.ts'

const json = (schema: Schema, field?: string): string => writeJson((writer) => writeSchema(writer, schema, field))
const text = (optional: boolean): Schema => ({ type: 'string', optional })

describe('schemas', () => {
  test('members come in the order of JsonConverter', () => {
    const decimal: Schema = { type: 'bytes', optional: true, name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters: { scale: '2', 'connect.decimal.precision': '10' } }
    expect(json(decimal, 'amount')).toBe('{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"amount"}')
    const all: Schema = { field: 'x', default: () => {}, parameters: { b: '2', a: '1' }, doc: 'said "so"', version: 3, name: 'n', optional: false, type: 'int32' } as Schema
    expect(json({ ...all, default: (writer) => writer.integer(7) }, 'f')).toBe('{"type":"int32","optional":false,"name":"n","version":3,"doc":"said \\"so\\"","parameters":{"b":"2","a":"1"},"default":7,"field":"f"}')
  })

  test('arrays, maps and structs name what they consist of behind their type', () => {
    expect(json({ type: 'array', optional: true, items: text(true) }, 'tags')).toBe('{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"tags"}')
    expect(json({ type: 'map', optional: true, keys: text(false), values: text(true) }, 'h')).toBe('{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"string","optional":true},"optional":true,"field":"h"}')
    const variable: Schema = {
      type: 'struct', optional: true, name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal',
      fields: [{ name: 'scale', schema: { type: 'int32', optional: false } }, { name: 'value', schema: { type: 'bytes', optional: false } }],
    }
    expect(json(variable, 'n')).toBe('{"type":"struct","fields":[{"type":"int32","optional":false,"field":"scale"},{"type":"bytes","optional":false,"field":"value"}],"optional":true,"name":"io.debezium.data.VariableScaleDecimal","version":1,"doc":"Variable scaled decimal","field":"n"}')
  })

  test('a default may be any value', () => {
    const listed: Schema = {
      type: 'array', optional: false, items: text(true),
      default: (writer) => {
        writer.beginArray()
        writer.element()
        writer.string('é "😀"')
        writer.element()
        writer.null()
        writer.endArray()
      },
    }
    expect(json(listed)).toBe('{"type":"array","items":{"type":"string","optional":true},"optional":false,"default":["é \\"\\uD83D\\uDE00\\"",null]}')
  })

  test('any schema reads back as itself', () => {
    const leaf: SchemaType[] = ['boolean', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'bytes']
    const named = {
      optional: fc.boolean(),
      name: fc.option(fc.string(), { nil: undefined }),
      version: fc.option(fc.nat(9), { nil: undefined }),
      doc: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      parameters: fc.option(fc.dictionary(fc.string().filter((name) => name !== '__proto__'), fc.string()), { nil: undefined }),
    }
    const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ type: fc.constantFrom(...leaf), ...named }) as fc.Arbitrary<Schema>,
        fc.record({ type: fc.constant('array'), items: tie('schema'), ...named }) as fc.Arbitrary<Schema>,
        fc.record({ type: fc.constant('map'), keys: tie('schema'), values: tie('schema'), ...named }) as fc.Arbitrary<Schema>,
        fc.record({ type: fc.constant('struct'), fields: fc.array(fc.record({ name: fc.string(), schema: tie('schema') }), { maxLength: 4 }), ...named }) as fc.Arbitrary<Schema>,
      ),
    }))
    const plain = (of: Schema): unknown => ({
      ...of,
      ...(of.items === undefined ? {} : { items: plain(of.items) }),
      ...(of.keys === undefined ? {} : { keys: plain(of.keys) }),
      ...(of.values === undefined ? {} : { values: plain(of.values) }),
      ...(of.fields === undefined ? {} : { fields: of.fields.map((field) => ({ ...(plain(field.schema) as object), field: field.name })) }),
    })
    fc.assert(
      fc.property(schema, (any) => {
        expect(JSON.parse(json(any))).toEqual(JSON.parse(JSON.stringify(plain(any))))
      }),
      { seed: seedOf('schemas') },
    )
  })
})

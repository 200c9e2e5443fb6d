import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Field, Schema, SchemaType, WriteValue } from '../../../../src/event/schema.ts'
import { avroSchema } from '../../../../src/format/avro/avro-schema.ts'
import { fieldNode } from '../../../../src/format/avro/field-node.ts'
import { renderAvro } from '../../../../src/format/avro/render-avro.ts'
import { startAvroData, type AvroDataPeer } from '../../../peer/avro-data/avro-data.ts'
import { requireAvroData } from '../../../server/require.ts'
import { writeSchema } from '../../../../src/json/schema-json.ts'
import { writeJson } from '../../json/write-json.ts'
import { seedOf } from '../../offset/seed.ts'

/* Schemas that no table has, made by chance: their text is what Confluent's converter makes of them, and so is a record of nulls. */

const DECIMAL = 'org.apache.kafka.connect.data.Decimal'
const word = fc.constantFrom('a', 'b1', 'Long_Name', '_x')
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('"quoted"', 'tab\t', 'é😀', '\u0001\u001f', '\\'))
const ascii = (value: string) => Buffer.from(value)

const PRESETS: Readonly<Partial<Record<SchemaType, fc.Arbitrary<WriteValue>>>> = {
  boolean: fc.boolean().map((value) => (writer) => writer.boolean(value)),
  int8: fc.integer({ min: -128, max: 127 }).map((value) => (writer) => writer.integer(value)),
  int16: fc.integer({ min: -32768, max: 32767 }).map((value) => (writer) => writer.integer(value)),
  int32: fc.integer().map((value) => (writer) => writer.integer(value)),
  int64: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map((value) => (writer) => writer.long(ascii(String(value)), 0, String(value).length)),
  float: fc.constantFrom('0', '1.5', '-0.1', '16777216', '3.4e+38').map((value) => (writer) => writer.float(ascii(value), 0, value.length)),
  double: fc.constantFrom('0', '1.5', '-0.1', '1e-10', '1.7976931348623157e+308').map((value) => (writer) => writer.double(ascii(value), 0, value.length)),
  string: text.map((value) => (writer) => writer.string(value)),
  bytes: fc.uint8Array({ maxLength: 6 }).map((value) => (writer) => writer.bytes(value, 0, value.length)),
}

const meaning = fc.record(
  { name: fc.constantFrom('io.debezium.time.MicroTime', 'Plain', 'x.y'), version: fc.integer({ min: 1, max: 9 }), doc: text, parameters: fc.dictionary(fc.constantFrom('length', 'allowed', 'p.q'), text, { maxKeys: 2, noNullPrototype: true }) },
  { requiredKeys: [] },
)

/** Names of structs are used up, because two of one name have to be the same. */
let structs = 0
const leaf: fc.Arbitrary<Schema> = fc.constantFrom(...(Object.keys(PRESETS) as SchemaType[])).chain((type) =>
  fc.tuple(fc.boolean(), meaning, fc.option(PRESETS[type]!, { nil: undefined })).map(([optional, more, preset]): Schema => ({ type, optional, ...more, ...(preset === undefined ? {} : { default: preset }) })))
const logical: fc.Arbitrary<Schema> = fc.oneof(
  fc.record({ scale: fc.integer({ min: 0, max: 12 }), precision: fc.option(fc.integer({ min: 1, max: 40 })), optional: fc.boolean(), preset: fc.option(fc.integer()) }).map(({ scale, precision, optional, preset }): Schema => ({
    type: 'bytes', optional, name: DECIMAL, version: 1, parameters: { scale: String(scale), ...(precision === null ? {} : { 'connect.decimal.precision': String(precision) }) },
    ...(preset === null ? {} : { default: (writer) => writer.decimal(ascii(String(preset)), 0, String(preset).length, scale) }),
  })),
  fc.tuple(fc.constantFrom(['int32', 'Date'], ['int32', 'Time'], ['int64', 'Timestamp']), fc.boolean()).map(([[type, name], optional]): Schema => ({ type: type, optional, name: `org.apache.kafka.connect.data.${name}`, version: 1 })),
)
const nested: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema; struct: Schema }>((tie) => ({
  struct: fc.tuple(fc.boolean(), fc.uniqueArray(fc.tuple(word, tie('schema')), { selector: ([name]) => name, minLength: 1, maxLength: 3 }), fc.constantFrom('n.s.', 'n.', '')).map(([optional, fields, space]): Schema =>
    ({ type: 'struct', optional, name: `${space}S${structs++}`, fields: fields.map(([name, schema]) => ({ name, schema })) })),
  schema: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'schema' },
    leaf,
    logical,
    fc.tuple(fc.boolean(), tie('schema'), meaning).map(([optional, items, { doc }]): Schema => ({ type: 'array', optional, items, ...(doc === undefined ? {} : { doc }) })),
    fc.tuple(fc.boolean(), tie('schema')).map(([optional, values]): Schema => ({ type: 'map', optional, keys: { type: 'string', optional: false }, values })),
    fc.tuple(fc.boolean(), tie('schema')).map(([optional, values]): Schema => ({ type: 'map', optional, name: `n.M${structs++}`, keys: { type: 'string', optional: true }, values })),
    tie('struct'),
  ),
})).schema

const seed = seedOf('Confluent’s schemas')
/** Only what may be null can be left out of the JSON. */
const nullable = (schema: Schema): Schema => ({ ...schema, optional: true })

const withAvroData = await requireAvroData()
withAvroData('schemas made by chance', () => {
  let peer: AvroDataPeer
  beforeAll(async () => {
    peer = await startAvroData()
  })
  afterAll(async () => await peer[Symbol.asyncDispose]())

  async function same(schema: Schema, metaData: boolean): Promise<void> {
    const json = `{"schema":${writeJson((writer) => writeSchema(writer, schema))},"payload":{}}`
    const { schema: expected, bytes } = await peer.convert(json, { 'connect.meta.data': String(metaData) })
    expect(avroSchema(schema, metaData)).toBe(expected)
    const nodes = schema.fields!.map((field) => fieldNode(field.schema, true, field.name))
    const written = renderAvro(nodes, (writer) => nodes.forEach((_, index) => {
      writer.column(index)
      writer.null()
    }))
    expect(written.toString('hex')).toBe(bytes.toString('hex'))
  }

  test('have the text that Confluent’s converter gives them', async () => {
    await fc.assert(fc.asyncProperty(fc.array(nested, { minLength: 1, maxLength: 4 }), fc.constantFrom('p.s.t.Value', 'Value'), fc.boolean(), async (schemas, name, metaData) => {
      const fields: Field[] = schemas.map((schema, index) => ({ name: `f${index}`, schema: nullable(schema) }))
      await same({ type: 'struct', optional: false, name, version: 2, fields }, metaData)
    }), { seed, numRuns: 300 })
  })

  test('a named type is written once, then named: in its own namespace by its short name', async () => {
    const decimal: Schema = { type: 'struct', optional: true, name: 'io.debezium.data.VariableScaleDecimal', version: 1, doc: 'Variable scaled decimal', fields: [{ name: 'scale', schema: { type: 'int32', optional: false } }, { name: 'value', schema: { type: 'bytes', optional: false } }] }
    const wrapper: Schema = { type: 'struct', optional: true, name: 'io.debezium.data.Pair', fields: [{ name: 'a', schema: decimal }, { name: 'b', schema: decimal }] }
    const local: Schema = { ...decimal, name: 'p.s.t.Local' }
    const fields = [wrapper, decimal, { type: 'array', optional: true, items: decimal } as const, local, local].map((schema, index) => ({ name: `f${index}`, schema }))
    await same({ type: 'struct', optional: false, name: 'p.s.t.Value', fields }, true)
  })
})

test('two types of one name are an error, not a schema that means something else', () => {
  const of = (type: SchemaType): Schema => ({ type: 'struct', optional: true, name: 'x.Y', fields: [{ name: 'a', schema: { type, optional: true } }] })
  expect(() => avroSchema({ type: 'struct', optional: false, name: 'R', fields: [{ name: 'a', schema: of('int32') }, { name: 'b', schema: of('string') }] })).toThrow('x.Y')
})

test('a default that is no number is left out: Avro has none', () => {
  const schema: Schema = { type: 'struct', optional: false, name: 'R', fields: ['NaN', 'Infinity'].map((value, index) => ({ name: `f${index}`, schema: { type: 'double', optional: index === 0, default: (writer) => writer.double(ascii(value), 0, value.length) } })) }
  expect(avroSchema(schema)).toBe('{"type":"record","name":"R","fields":[{"name":"f0","type":["null","double"],"default":null},{"name":"f1","type":"double"}],"connect.name":"R"}')
})

import { expect, it } from 'vitest'
import { compileColumn } from '../../../../../src/source/postgres/value/column-codec.ts'
import { column, compiled, domain, modes, MOOD, type } from './type-fixture.ts'

const unknown = ['line', 'lseg', 'box', 'path', 'polygon', 'circle', 'tsquery', 'pg_lsn', 'xid', 'xid8', 'cid', 'tid', 'regclass', 'jsonpath', 'int4multirange', 'pair', 'lquery', 'refcursor', 'pair[]', 'box[]', 'pg_lsn[]', 'int4multirange[]']

it.each(unknown)('%s is left out, unless unknown types are included', (name) => {
  const of = column(name)
  expect(compileColumn(of, modes(), () => {}, { schema: 's', table: 't' })).toBeUndefined()
  const bytes = name.endsWith('[]') ? { type: 'array', items: { type: 'bytes', optional: false }, optional: true } : { type: 'bytes', optional: true }
  expect(compiled(of, { includeUnknown: true }).field).toEqual({ name: 'c', schema: bytes })
})

it.each(['money[]', 'name[]', 'interval[]', 'varbit[]', 'xml[]', 'point[]', 'refcursor[]'])('%s is left out even then, as by Debezium', (name) => {
  expect(compileColumn(column(name), modes({ includeUnknown: true }), () => {}, { schema: 's', table: 't' })).toBeUndefined()
})

it('a type of the user called like one of pg_catalog is unknown', () => {
  const impostor = { ...type('int4'), schema: 'public' }
  expect(compileColumn(column('int4', { type: impostor }), modes(), () => {}, { schema: 's', table: 't' })).toBeUndefined()
})

it('an enum’s labels are in its schema, also through a domain', () => {
  const schema = { type: 'string', name: 'io.debezium.data.Enum', version: 1, parameters: { allowed: 'sad,ok,very "happy"' } }
  expect(compiled(column('mood')).field.schema).toEqual({ ...schema, optional: true })
  expect(compiled(column('int4', { type: domain('m', MOOD), optional: false })).field.schema).toEqual({ ...schema, optional: false })
  expect(compiled(column('mood[]')).field.schema).toEqual({ type: 'array', items: { ...schema, optional: false }, optional: true })
})

it('bit(n)[] is an array, unlike in Debezium’s schema', () => {
  const items = { type: 'bytes', name: 'io.debezium.data.Bits', version: 1, parameters: { length: '3' }, optional: true }
  expect(compiled(column('bit(3)[]')).field.schema).toEqual({ type: 'array', items, optional: true })
})

it('numeric modifiers become scale and precision', () => {
  const parameters = { scale: '2', 'connect.decimal.precision': '10' }
  expect(compiled(column('numeric(10,2)')).field.schema).toEqual({ type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal', version: 1, parameters, optional: true })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChangeEvent } from '../../../../src/event/change-event.ts'
import type { Schema, WriteValue } from '../../../../src/event/schema.ts'
import type { TransactionMarker } from '../../../../src/event/transaction.ts'
import { debeziumAvro, type DebeziumAvroOptions } from '../../../../src/format/avro/index.ts'
import { debeziumJson } from '../../../../src/format/json/debezium-json.ts'
import { ABSENT, RecordBatch } from '../../../../src/format/record-batch.ts'
import { NDJSON } from '../../../../src/sink/stdout/ndjson-line.ts'
import { readAvro } from '../../../oracle/avro-reader.ts'
import { imageOf, testEvent, testTable, TRANSACTION, type TestTableOptions } from '../test-table.ts'
import { IdServer } from './id-server.ts'

const LONG: Schema = { type: 'int64', optional: false }
const TEXT: Schema = { type: 'string', optional: true }
const FIELDS = [{ name: 'id', schema: LONG }, { name: 'name', schema: TEXT }]
const row = (id: number, name: string | null) => imageOf([(writer) => writer.integer(id), (writer) => (name === null ? writer.null() : writer.string(name))])
const tableOf = (options: Partial<TestTableOptions> = {}) => testTable({ schema: 'public', name: 'orders', fields: FIELDS, key: [0], ...options })
const never = AbortSignal.timeout(600_000)

let registry: IdServer
beforeAll(async () => {
  registry = await IdServer.start()
})
afterAll(async () => await registry[Symbol.asyncDispose]())

function formatOf(options: Partial<DebeziumAvroOptions> = {}): ReturnType<typeof debeziumAvro> {
  return debeziumAvro({ logicalName: 'shop', version: '1', runId: 'r', registry: { urls: registry.url }, ...options })
}

interface Read {
  readonly destination: string
  readonly key: unknown
  readonly value: unknown
  readonly headers: readonly string[]
}

async function encode(format: ReturnType<typeof debeziumAvro>, events: readonly ChangeEvent[]): Promise<Read[]> {
  await format.ready!(events, never)
  const batch = new RecordBatch(16)
  for (const event of events) format.encode(event, batch, 1_795_207_720_080_123n)
  const read = (start: number, end: number): unknown => {
    if (start === ABSENT) return null
    const framed = Buffer.from(batch.bytes.subarray(start, end))
    expect(framed[0]).toBe(0)
    return readAvro(registry.schemaOf(framed), framed.subarray(5))
  }
  return Array.from({ length: batch.end }, (_, index) => ({
    destination: batch.destination[index]!,
    key: read(batch.keyStart[index]!, batch.keyEnd[index]!),
    value: read(batch.valueStart[index]!, batch.valueEnd[index]!),
    headers: batch.headers[index]!.map(({ name, value }) => `${name}=${value.toString()}`),
  }))
}

describe('records', () => {
  test('a create, an update, a delete with its tombstone, a truncate', async () => {
    const table = tableOf()
    const read = await encode(formatOf(), [
      testEvent('c', table, { after: row(1, 'one') }), testEvent('u', table, { before: row(1, 'one'), after: row(1, null) }), testEvent('d', table, { before: row(1, null) }), testEvent('t', table, {}),
    ])
    expect(read.map(({ key }) => key)).toEqual([{ id: 1n }, { id: 1n }, { id: 1n }, { id: 1n }, null])
    const part = (name: string): unknown[] => read.map(({ value }) => (value === null ? 'tombstone' : (value as Record<string, unknown>)[name]))
    expect(part('op')).toEqual(['c', 'u', 'd', 'tombstone', 't'])
    expect(part('before')).toEqual([null, { id: 1n, name: 'one' }, { id: 1n, name: null }, 'tombstone', null])
    expect(part('after')).toEqual([{ id: 1n, name: 'one' }, { id: 1n, name: null }, null, 'tombstone', null])
    expect(part('ts_ns')).toEqual([1_795_207_720_080_123_000n, 1_795_207_720_080_123_000n, 1_795_207_720_080_123_000n, 'tombstone', 1_795_207_720_080_123_000n])
    expect(read.map(({ destination }) => destination)).toEqual(new Array(5).fill('shop.public.orders'))
    expect(await encode(formatOf({ tombstones: false }), [testEvent('d', table, { before: row(1, null) })])).toHaveLength(1)
  })

  test('what a transaction’s events share is written once prepared, and says the same', async () => {
    for (const perTransaction of [false, true]) {
      const table = tableOf({ perTransaction })
      const read = await encode(formatOf(), Array.from({ length: 8 }, (_, index) => testEvent('c', table, { after: row(index, 'x'), low: index, snapshot: index < 6 ? 'false' : 'last' })))
      const sources = read.map(({ value }) => (value as { source: Record<string, unknown> }).source)
      expect(sources.map(({ lsn, snapshot }) => [lsn, snapshot])).toEqual(Array.from({ length: 8 }, (_, index) => [BigInt(index), index < 6 ? 'false' : 'last']))
      expect(sources[5]).toEqual({ ...sources[0], lsn: 5n })
      expect(sources[0]).toMatchObject({ version: '1', connector: 'postgresql', name: 'shop', ts_ms: 1795207719370n, ts_us: 1795207719370482n, txId: 755n, sequence: '[null,"38188416"]', db: 'lab', table: 'orders', xmin: null })
    }
  })

  test('headers are those of the JSON format, the other key of a key update too', async () => {
    for (const headerSchemas of [true, false]) {
      const events = [testEvent('d', tableOf(), { before: row(1, null), other: row(2, null) }), testEvent('c', tableOf(), { after: row(2, null), other: row(1, null) })]
      const json = debeziumJson({ logicalName: 'shop', runId: 'r', schemaNameAdjustment: 'avro', schemasEnable: { header: headerSchemas } })
      const batch = new RecordBatch(16)
      for (const event of events) json.encode(event, batch, 0n)
      const expected = Array.from({ length: batch.end }, (_, index) => batch.headers[index]!.map(({ name, value }) => `${name}=${value.toString()}`))
      const got = (await encode(formatOf({ headerSchemas }), events)).map(({ headers }) => headers)
      expect(got).toEqual(expected)
      expect(got[0]![0]).toContain('__debezium.newkey=')
    }
    expect((await encode(formatOf({ contextHeaders: false }), [testEvent('c', tableOf(), { after: row(1, null) })]))[0]!.headers).toEqual([])
  })

  test('headers of one key update after the other hold their own key, also where it needed more room than there was', async () => {
    const fields = [{ name: 'name', schema: { type: 'string', optional: false } as const }]
    const table = testTable({ schema: 'public', name: 'by_text', fields, key: [0] })
    const key = (text: string) => imageOf([(writer) => writer.string(text)])
    const texts = ['a'.repeat(700), 'b'.repeat(2), 'c'.repeat(70_000), 'd']
    const read = await encode(formatOf({ headerSchemas: false }), texts.map((text) => testEvent('c', table, { after: key('x'), other: key(text) })))
    expect(read.map(({ headers }) => headers[0])).toEqual(texts.map((text) => `__debezium.oldkey={"name":"${text}"}`))
  })

  test.each([true, false])('keys as JSON are those of the JSON format, with schemas %s, and no schema is registered for them', async (keySchemas) => {
    registry.subjects.clear()
    const events = [
      testEvent('c', tableOf({ name: 'json_keys' }), { after: row(1, 'one') }), testEvent('d', tableOf({ name: 'json_keys' }), { before: row(1, null) }), testEvent('t', tableOf({ name: 'json_keys' }), {}),
      testEvent('m', tableOf({ name: '' }), { message: { prefix: 'a "b" é', content: Buffer.from('x'), transactional: true } }),
      new ChangeEvent('b', tableOf({ name: '' }), TRANSACTION, 'false', 0, 1, 0, 0, undefined, undefined, undefined, { id: '7:"8"', counts: undefined }),
      new ChangeEvent('s', tableOf({ name: '' }), TRANSACTION, 'false', 0, 1, 0, 0, undefined, undefined, undefined, { database: 'da"ta', ddl: '', changes: [] }),
    ]
    const [avro, json] = [formatOf({ keys: 'json', keySchemas }), debeziumJson({ logicalName: 'shop', schemaNameAdjustment: 'avro', schemasEnable: { key: keySchemas } })]
    await avro.ready!(events, never)
    const keys = [avro, json].map((format) => {
      const batch = new RecordBatch(16)
      for (const event of events) format.encode(event, batch, 0n)
      return Array.from({ length: batch.end }, (_, index) => (batch.keyStart[index] === ABSENT ? null : batch.bytes.toString('utf8', batch.keyStart[index], batch.keyEnd[index])))
    })
    expect(keys[0]).toEqual(keys[1])
    expect(keys[0]!.map((key) => key !== null)).toEqual([true, true, true, false, true, true, true])
    expect([...registry.subjects.values()].flatMap((each) => [...each])).toEqual(['shop.public.json_keys-value', 'shop.message-value', 'shop.transaction-value', 'shop-value'])
  })

  test('a transaction with a message, told of from its beginning to its end, is asked for at once: what shares a table has schemas of its own', async () => {
    const table = tableOf({ name: '' })
    const order = (total: number) => ({ id: '755:1', total, inTable: 1 })
    const marker = (op: 'b' | 'e', counts?: TransactionMarker['counts']) => new ChangeEvent(op, table, TRANSACTION, 'false', 0, 1, 0, 0, undefined, undefined, undefined, { id: '755:1', counts })
    const read = await encode(formatOf({ transactionTopic: 'tx', topicDelimiter: '-' }), [
      marker('b'), testEvent('m', table, { message: { prefix: 'p', content: Buffer.from('x'), transactional: true }, order: order(1) }), testEvent('c', tableOf(), { after: row(1, 'one'), order: order(200) }),
      marker('e', [{ table: '', events: 1 }, { table: 'public.orders', events: 1 }]), testEvent('m', table, { message: { prefix: 'q', content: Buffer.from('x'), transactional: false } }),
    ])
    const ts_ms = 0n
    expect(read.map(({ destination }) => destination)).toEqual(['shop-tx', 'shop.message', 'shop-public-orders', 'shop-tx', 'shop.message'])
    expect(read[0]).toMatchObject({ key: { id: '755:1' }, value: { status: 'BEGIN', id: '755:1', event_count: null, data_collections: null, ts_ms }, headers: [] })
    expect(read[3]).toMatchObject({ value: { status: 'END', id: '755:1', event_count: 2n, data_collections: [{ data_collection: 'shop.message', event_count: 1n }, { data_collection: 'public.orders', event_count: 1n }], ts_ms } })
    const transactions = read.map(({ value }) => (value as { transaction?: unknown }).transaction)
    expect(transactions).toEqual([undefined, { id: '755:1', total_order: 1n, data_collection_order: 1n }, { id: '755:1', total_order: 200n, data_collection_order: 1n }, undefined, null])
    expect((read[2]!.value as { op: string }).op).toBe('c')
  })

  test.each([['bytes', Buffer.from([0xfb, 0xff])], ['base64', '+/8='], ['base64-url-safe', '-_8='], ['hex', 'fbff']] as const)('a logical message, %s', async (binary, content) => {
    const [read] = await encode(formatOf({ modes: { binary } }), [testEvent('m', tableOf({ name: '' }), { message: { prefix: 'p', content: Buffer.from([0xfb, 0xff]), transactional: true } })])
    expect(read).toMatchObject({ destination: 'shop.message', key: { prefix: 'p' }, value: { op: 'm', ts_ms: 1795207720080n, message: { prefix: 'p', content } }, headers: [] })
  })
})

describe('schemas', () => {
  test('are asked for once a table version, and nothing is waited for when all are known', async () => {
    const format = formatOf()
    const table = tableOf({ name: 'asked_once' })
    const events = [testEvent('c', table, { after: row(1, null) }), testEvent('c', table, { after: row(2, null) })]
    const before = registry.requests
    await format.ready!(events, never)
    expect(registry.requests - before).toBe(2)
    expect(format.ready!(events, never)).toBeUndefined()
    // another version of the same shape has the same schema
    await format.ready!([testEvent('c', tableOf({ name: 'asked_once' }), { after: row(1, null) })], never)
    expect(registry.requests - before).toBe(2)
    await format.ready!([events[0]!, testEvent('c', tableOf({ name: 'another' }), { after: row(1, null) })], never)
    expect(registry.requests - before).toBe(4)
  })

  test.each([
    ['topic', ['shop.public.subjects-key', 'shop.public.subjects-value']],
    ['record', ['shop.public.subjects.Key', 'shop.public.subjects.Envelope']],
    ['topic-record', ['shop.public.subjects-shop.public.subjects.Key', 'shop.public.subjects-shop.public.subjects.Envelope']],
    [{ value: 'record' }, ['shop.public.subjects-key', 'shop.public.subjects.Envelope']],
  ] as const)('stand under subjects by %j', async (subjectNameStrategy, expected) => {
    registry.subjects.clear()
    await formatOf({ subjectNameStrategy }).ready!([testEvent('c', tableOf({ name: 'subjects' }), { after: row(1, null) })], never)
    expect([...registry.subjects.values()].flatMap((each) => [...each])).toEqual(expected)
  })

  test('a table without a key has no key schema', async () => {
    registry.subjects.clear()
    const table = testTable({ schema: 'public', name: 'nokey', fields: FIELDS })
    const [read] = await encode(formatOf(), [testEvent('c', table, { after: row(1, null) })])
    expect(read!.key).toBeNull()
    expect([...registry.subjects.values()].flatMap((each) => [...each])).toEqual(['shop.public.nokey-value'])
  })
})

describe('errors', () => {
  const nothing: WriteValue = (writer) => writer.null()
  const failing = (act: () => unknown): unknown => {
    try {
      act()
    } catch (error) {
      return error
    }
    throw new Error('no error')
  }

  test('a name that Avro has not: the column’s or the schema’s, with the option that mends it', () => {
    const column = tableOf({ fields: [...FIELDS, { name: 'a-b', schema: TEXT }] })
    expect(failing(() => formatOf().prepare!(column))).toMatchObject({ code: 'TR_AVRO_NAME', where: { table: 'public.orders', column: 'a-b' }, remedy: expect.stringContaining('fieldNameAdjustment') as string })
    formatOf({ fieldNameAdjustment: 'avro' }).prepare!(column)
    for (const logicalName of ['my-shop', '1shop']) {
      expect(failing(() => formatOf({ logicalName, schemaNameAdjustment: 'none' }).prepare!(tableOf()))).toMatchObject({ code: 'TR_AVRO_NAME', where: { table: 'public.orders' }, remedy: expect.stringContaining('schemaNameAdjustment') as string })
      formatOf({ logicalName }).prepare!(tableOf())
    }
  })

  test('a part of a schema name that begins with a digit is written as Debezium does', async () => {
    const [read] = await encode(formatOf(), [testEvent('c', tableOf({ schema: 'y', name: 'ok' }), { after: row(1, null) })])
    expect(read!.destination).toBe('shop.y.ok')
    const format = formatOf()
    const event = testEvent('c', tableOf({ schema: '2024', name: 'ok' }), { after: row(1, null) })
    await format.ready!([event], never)
    format.encode(event, new RecordBatch(16), 0n)
    expect(registry.schemas.some((schema) => schema.includes('"namespace":"shop.2024.ok"'))).toBe(true)
  })

  test('two tables with one subject', () => {
    const format = formatOf()
    format.prepare!(tableOf({ name: 'a b' }))
    expect(failing(() => format.prepare!(tableOf({ name: 'a_b' })))).toMatchObject({ code: 'TR_NAME_COLLISION', where: { table: 'public.a_b', subject: 'shop.public.a_b-key' } })
    // a later version of the same table has it rightly
    format.prepare!(tableOf({ name: 'a b', fields: [...FIELDS, { name: 'more', schema: TEXT }] }))
  })

  test('null inside of an array that has no room for it names table and column', async () => {
    const table = tableOf({ name: 'moods', fields: [...FIELDS, { name: 'm', schema: { type: 'array', optional: true, items: { type: 'string', optional: false } } }] })
    const image = imageOf([(writer) => writer.integer(1), nothing, (writer) => {
      writer.beginArray()
      writer.element()
      writer.null()
      writer.endArray()
    }])
    await expect(encode(formatOf(), [testEvent('c', table, { after: image })])).rejects.toMatchObject({ code: 'TR_VALUE_CONVERSION', where: { column: 'public.moods.m' } })
  })

  test('a sink that writes text', () => {
    expect(failing(() => formatOf().encode(testEvent('c', tableOf(), { after: row(1, null) }), new RecordBatch(16, NDJSON), 0n))).toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED' })
  })

  test('events whose schemas were not asked for', () => {
    expect(failing(() => formatOf().encode(testEvent('c', tableOf(), { after: row(1, null) }), new RecordBatch(16), 0n))).toMatchObject({ code: 'TR_ENGINE_INVARIANT' })
  })

  test('options: all that is wrong at once', () => {
    const error = failing(() => formatOf({ logicalName: '', subjectNameStrategy: 'table' as never, fieldNameAdjustment: 'latin' as never }))
    expect(error).toMatchObject({ code: 'TR_CONFIG_INVALID', message: expect.stringMatching(/logicalName.*subjectNameStrategy.*fieldNameAdjustment/) as string })
  })
})

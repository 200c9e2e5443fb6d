import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { debeziumJson, type EngineOptions, type Format } from '../../src/index.ts'
import { debeziumAvro } from '../../src/format/avro/index.ts'
import { kafkaOffsets, kafkaSchemaHistory, kafkaSink } from '../../src/kafka.ts'
import { startConfluentReader, type ConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { startKafkaClient, type ConnectJson, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { requireConfluentReader, requireKafka, requireKafkaClient, requireMariadb, requireMysql, requireRegistry } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, type EngineRun } from './engine-run.ts'
import { runMysql, startServer } from './mysql-run.ts'

const DB = 'shop'
/** Each type by its column's name, with its value in one row, and what Connect's JsonConverter writes of it. */
const COLUMNS: Readonly<Record<string, readonly [definition: string, value: string, json: unknown]>> = {
  // a double has other digits; the text says them
  big: ['bigint unsigned', '9223372036854775807', 2 ** 63],
  small: ['smallint not null default 7', '-3', -3],
  flag: ['tinyint(1)', '1', 1],
  price: ['decimal(10,2)', '-1.50', Buffer.from([0xff, 0x6a]).toString('base64')],
  ratio: ['double', '0.1', 0.1],
  single: ['float', '0.5', 0.5],
  name: ["varchar(40) default 'none'", "'größe 😀'", 'größe 😀'],
  latin: ['text character set latin1', "'café'", 'café'],
  state: ["enum('new','paid')", "'paid'", 'paid'],
  tags: ["set('a','b','c')", "'a,c'", 'a,c'],
  doc: ['json', `'{"a": [1, "x"]}'`, expect.stringMatching(/^\{"a": ?\[1, ?"x"\]\}$/)],
  day: ['date', "'2020-02-29'", 18_321],
  clock: ['time(3)', "'-00:00:01.5'", -1_500_000],
  moment: ['datetime(6)', "'2020-02-29 01:02:03.456789'", 1_582_938_123_456_789],
  stamp: ['timestamp null', "'2020-02-29 01:02:03'", '2020-02-29T01:02:03Z'],
  born: ['year', '1999', 1999],
  one: ['bit(1)', "b'1'", true],
  bits: ['bit(10)', "b'1000000001'", Buffer.from([1, 2]).toString('base64')],
  bytes: ['varbinary(10)', "x'00ff10'", Buffer.from([0, 255, 16]).toString('base64')],
  nothing: ['int', 'null', null],
}
const NAMES = Object.keys(COLUMNS)
const ROW = { id: 1, ...Object.fromEntries(Object.entries(COLUMNS).map(([name, [, , json]]) => [name, json])) }
const KINDS = [{ kind: 'MySQL', source: 'mysql' }, { kind: 'MariaDB 11.8', source: 'mariadb' }] as const

/** Fields of every offset that Debezium, whose two connectors have one form, left behind in its scenarios. Those of transaction metadata come and go. */
const DEBEZIUM_SHAPES: ReadonlySet<string> = new Set(readFileSync(path.join(import.meta.dirname, '../unit/offset/connect/debezium-mysql.ndjson'), 'utf8').split('\n').filter(Boolean).map((line) => shapeOf((JSON.parse(line) as { value: string }).value)))

/** Names and kinds of the fields, whose order nobody looks at. */
function shapeOf(value: string): string {
  const fields = Object.entries(JSON.parse(value) as object).filter(([name]) => name !== 'tailrace' && !name.startsWith('transaction_'))
  return fields.map(([name, field]) => `${name}:${typeof field}`).sort().join()
}

await requireMysql()
await requireMariadb('11.8')
await requireKafkaClient()
await requireConfluentReader()
await requireRegistry()
const withKafka = await requireKafka()

eachSideBySide(withKafka, KINDS)('$kind to Kafka', ({ kind, source }) => {
  let server: MysqlServer
  let kafka: KafkaServer
  let registry: RegistryServer
  let reader: KafkaClient
  let confluent: ConfluentReader
  const folder = offsetFolder()

  beforeAll(async () => {
    ;[server, kafka, registry] = await Promise.all([startServer(kind), startKafka(), startRegistry()])
    ;[reader, confluent] = await Promise.all([startKafkaClient(), startConfluentReader()])
  }, 240_000)
  afterAll(async () => {
    for (const each of [reader, confluent, registry, kafka, server]) await each?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  function run(name: string, format: Format, engine: Partial<EngineOptions> = {}): EngineRun {
    const brokers = [kafka.url]
    return runMysql({
      kind, port: server.port, database: DB, name, offsets: folder.file(name), source: { history: kafkaSchemaHistory({ brokers, topic: `${name}.history` }) },
      engine: { format, sink: kafkaSink({ brokers, exactlyOnce: true, topicCreation: [{ partitions: 1 }] }), offsets: kafkaOffsets({ brokers, topic: `${name}.offsets`, server: `${name}.prefix` }), ...engine },
    })
  }

  async function table(): Promise<void> {
    await server.createDatabase(DB)
    await server.script(`create table t (id int primary key, ${NAMES.map((name) => `${name} ${COLUMNS[name]![0]}`).join()}); ${insert(1)}`, DB)
  }

  function insert(id: number): string {
    return `insert into t values (${id}, ${NAMES.map((name) => COLUMNS[name]![1]).join()})`
  }

  /** A row of the snapshot; then the log: a row, its update, a new key, a delete. Ends when so much is delivered. */
  async function deliver(name: string, format: Format): Promise<void> {
    await table()
    await using engine = run(name, format)
    await engine.streaming()
    await server.script(`${insert(2)}; update t set price = 99.99, nothing = 5, name = null where id = 2; update t set id = 3 where id = 2; delete from t where id = 3`, DB)
    // read, create, update; delete, tombstone and create of the new key; delete, tombstone
    await engine.until(() => engine.engine.stats().delivered >= 8, 'all records')
    await engine.stop()
  }

  const OPERATIONS = [['r', null, 1], ['c', null, 2], ['u', 2, 2], ['d', 2, null], null, ['c', null, 3], ['d', 3, null], null]

  /** Operation, ids, and all that a row is. */
  function check(values: readonly (ConnectJson | null)[]): void {
    type Payload = { op: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null; source: Record<string, unknown> }
    const payloads = values.map((value) => (value === null ? null : (value.payload as Payload)))
    expect(payloads.map((payload) => payload && [payload.op, payload.before?.['id'] ?? null, payload.after?.['id'] ?? null])).toEqual(OPERATIONS)
    const [read, created, updated, deleted, , moved] = payloads
    expect(read!.after).toEqual(ROW)
    expect(values[0]!.text).toContain('"big":9223372036854775807')
    expect(created!.after).toEqual({ ...ROW, id: 2 })
    expect(updated!.before).toEqual(created!.after)
    expect(updated!.after).toEqual({ ...created!.after, price: Buffer.from([0x27, 0x0f]).toString('base64'), nothing: 5, name: null })
    expect(deleted!.before).toEqual(updated!.after)
    expect(moved!.after).toEqual({ ...updated!.after, id: 3 })
    for (const payload of payloads) if (payload !== null) expect(payload.source).toMatchObject({ connector: source, db: DB, table: 't', ...(payload.op === 'r' ? { snapshot: 'last' } : {}) })
  }

  it('JSON with schemas says what each row was, as Connect’s converter reads it', async () => {
    await deliver('json', debeziumJson({ logicalName: 'json', replaceNullWithDefault: { key: false, value: false } }))
    const records = await reader.read({ url: kafka.url, topic: `json.${DB}.t` })
    const values = await reader.connect(records.flatMap(({ value }) => value ?? []))
    check(records.map(({ value }) => (value === null ? null : values.shift()!)))
    const keys = await reader.connect(records.map(({ key }) => key!))
    expect(keys.map(({ payload }) => payload)).toEqual([1, 2, 2, 2, 2, 3, 3, 3].map((id) => ({ id })))
  }, 120_000)

  it('Avro says the same, as Confluent’s deserialiser and converter read it, and its schema is that of the JSON', async () => {
    const topic = `avro.${DB}.t`
    await deliver('avro', debeziumAvro({ logicalName: 'avro', registry: { urls: registry.url }, ignoreDefaultForNullables: true }))
    const records = await reader.read({ url: kafka.url, topic })
    const present = records.flatMap(({ value }) => value ?? [])
    const values = await confluent.connect(present, { registry: registry.url, topic, config: { 'ignore.default.for.nullables': 'true' } })
    const [schema] = values.map((value) => value.schema)
    check(records.map(({ value }) => (value === null ? null : values.shift()!)))
    const deserialised = await confluent.avro(present, { registry: registry.url, topic })
    expect(deserialised.map(({ value }) => (value as { op: string }).op)).toEqual(['r', 'c', 'u', 'd', 'c', 'd'])
    const row = (deserialised[0]!.value as { after: Record<string, Record<string, unknown>> }).after[`avro.${DB}.t.Value`]
    expect(row).toMatchObject({ id: 1, name: { string: 'größe 😀' }, state: { string: 'paid' }, one: { boolean: true }, nothing: null })
    const keys = await confluent.connect(records.map(({ key }) => key!), { registry: registry.url, topic, isKey: true })
    expect(keys.map(({ payload }) => payload)).toEqual([1, 2, 2, 2, 2, 3, 3, 3].map((id) => ({ id })))

    await deliver('twin', debeziumJson({ logicalName: 'avro', replaceNullWithDefault: { key: false, value: false } }))
    // the same topic, behind the records in Avro
    const [twin] = await reader.connect([(await reader.read({ url: kafka.url, topic })).slice(records.length)[0]!.value!])
    expect(rowFields(schema)).toEqual(rowFields(twin!.schema))
  }, 120_000)

  it('every offset in its topic has the key and the fields that Debezium writes', async () => {
    await table()
    const options = { limits: { maxBatchEvents: 1 }, offsetFlush: { intervalMs: 0 } }
    const change = async (): Promise<void> => server.script(`begin; ${insert(2)}; insert into t (id) values (10), (11), (12); delete from t where id > 9; commit; ${insert(20)}; alter table t add more int; ${insert(21).replace(/\)$/, ', 1)')}`, DB)
    {
      // what was read, and two rows of the transaction
      await using engine = run('shapes', debeziumJson({ logicalName: 'shapes' }), { ...options, stopAfter: 3 })
      await engine.streaming()
      await change()
      expect(await engine.ended).toBeUndefined()
    }
    await using engine = run('shapes', debeziumJson({ logicalName: 'shapes' }), options)
    await engine.until(() => engine.engine.stats().delivered >= 10, 'all records')
    await engine.stop()
    const stored = await reader.read({ url: kafka.url, topic: 'shapes.offsets' })
    expect(new Set(stored.map(({ key }) => key!.toString()))).toEqual(new Set(['["shapes",{"server":"shapes.prefix"}]']))
    const shapes = new Set(stored.map(({ value }) => shapeOf(value!.toString())))
    expect([...shapes].filter((shape) => !DEBEZIUM_SHAPES.has(shape))).toEqual([])
    // of a snapshot, between transactions, and inside of one
    expect(shapes.size).toBeGreaterThanOrEqual(3)
    expect([...shapes].some((shape) => /event:number.*row:number/.test(shape))).toBe(true)
    const last = JSON.parse(stored.at(-1)!.value!.toString()) as Record<string, unknown>
    const status = (await server.query<{ File: string }>(source === 'mysql' ? 'show binary log status' : 'show master status'))[0]!
    expect(last).toMatchObject({ file: status.File, server_id: 1 })
    expect(Number(last['ts_sec'])).toBeGreaterThan(1_500_000_000)
  }, 120_000)

  it('what Debezium left in its offsets topic is where an engine goes on', async () => {
    const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await kafka.createTopic('debezium.offsets', { config: { 'cleanup.policy': 'compact' } })
    const gtids = source === 'mysql' ? '97979797-0000-11ee-8000-000000033097:1-5' : '0-1-5'
    await producer.send({ topic: 'debezium.offsets', messages: [{ key: '["shop",{"server":"srv"}]', value: `{"ts_sec":1795209067,"file":"binlog.000001","pos":1376,"gtids":"${gtids}","row":1,"server_id":1,"event":4}` }] })
    await producer.disconnect()
    await using offsets = kafkaOffsets({ brokers: [kafka.url], topic: 'debezium.offsets', name: 'shop', server: 'srv', source })
    expect(await offsets.load('orders')).toEqual({ engine: 'orders', source, identity: {}, position: { phase: 'stream', file: 'binlog.000001', pos: 1376, gtids, transaction: { event: 4, row: 1, begin: 1376 }, serverId: 1, seconds: 1795209067 } })
  }, 120_000)
})

/** What Connect knows of a row's columns. */
function rowFields(envelope: unknown): unknown {
  const { fields } = envelope as { fields: { field: string; fields?: unknown }[] }
  return fields.find(({ field }) => field === 'after')!.fields
}

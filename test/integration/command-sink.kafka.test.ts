import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CreateStreamCommand, DescribeStreamCommand, type KinesisClient } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startConfluentReader, type ConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { startKafkaClient, type KafkaClient, type StoredRecord } from '../peer/kafka-client/kafka-client.ts'
import { startCommand, type Ended } from '../server/command.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startKinesis, type KinesisServer } from '../server/kinesis.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { requireConfluentReader, requireKafka, requireKafkaClient, requireKinesis, requirePostgres, requireRegistry } from '../server/require.ts'
import { emulatorClient, readStream } from './kinesis-reader.ts'

const DB = 'shop'
const CANARY = 'cAnArY-4711'
const CONVERTER = 'io.confluent.connect.avro.AvroConverter'
/** What the AWS SDK finds in the environment. */
const AWS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
const CHANGES = "insert into orders values (3, 3.50); update orders set total = null where id = 1; delete from orders where id = 2"

type Properties = Readonly<Record<string, string | number | undefined>>

await requirePostgres(17)
await requireKafka()
await requireKafkaClient()
await requireConfluentReader()
await requireKinesis('kinesalite')
const withServers = await requireRegistry()

withServers('the command with a sink of Debezium Server', () => {
  let server: PostgresServer
  let kafka: KafkaServer
  let registry: RegistryServer
  let kinesis: KinesisServer
  let client: KafkaClient
  let confluent: ConfluentReader
  let aws: KinesisClient
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-command-sink-'))
  let count = 0

  beforeAll(async () => {
    ;[server, kafka, registry, kinesis] = await Promise.all([startPostgres({ major: 17 }), startKafka({ autoCreate: true }), startRegistry(), startKinesis('kinesalite')])
    ;[client, confluent] = await Promise.all([startKafkaClient(), startConfluentReader()])
    aws = emulatorClient(kinesis.url)
  }, 240_000)
  afterAll(async () => {
    aws?.destroy()
    for (const each of [client, confluent, kafka, registry, kinesis, server]) await each?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    count++
    await server.createDatabase(DB)
    await server.script(DB, 'create table orders (id int primary key, total numeric(10,2), state text default \'new\'); insert into orders values (1, 1.50), (2, 2.50)')
  })

  /** Debezium's own properties for this server, and the sink's. */
  function configuration(properties: Properties): string {
    const all: Properties = {
      'name': 'shop', 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': prefix(),
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': 'postgres', 'database.dbname': DB,
      'slot.name': `slot_${count}`, 'offset.storage.file.filename': path.join(folder, `${count}.dat`), 'offset.flush.interval.ms': 0, 'errors.max.retries': 1, 'errors.retry.delay.initial.ms': 1, ...properties,
    }
    const file = path.join(folder, `${count}.properties`)
    writeFileSync(file, Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}\n`).join(''))
    return file
  }

  function prefix(): string {
    return `shop${count}`
  }

  function toKafka(properties: Properties = {}): string {
    return configuration({ 'debezium.sink.type': 'kafka', 'debezium.sink.kafka.producer.bootstrap.servers': kafka.url, ...properties })
  }

  async function run(file: string, ...args: readonly string[]): Promise<Ended> {
    await using command = startCommand(['run', file, ...args], AWS)
    return await command.ended
  }

  /** The two rows, then the changes, which are four records, in a second run. */
  async function deliver(file: string): Promise<void> {
    expect(await run(file, '--stop-after', '2')).toMatchObject({ code: 0, stdout: '' })
    await server.query(CHANGES, DB)
    expect(await run(file, '--stop-after', '4')).toMatchObject({ code: 0, stdout: '' })
  }

  /** `op`, and `id` of the row, of what Confluent's converter makes of values. */
  async function read(records: readonly StoredRecord[], config: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
    const values = await confluent.connect(records.flatMap(({ value }) => (value === null ? [] : [value])), { registry: registry.url, topic: `${prefix()}.public.orders`, config })
    return values.map(({ payload }) => {
      const { op, before, after } = payload as { op: string; before: { id: number } | null; after: { id: number } | null }
      return [op, (after ?? before)?.id]
    })
  }

  const EXPECTED = [['r', 1], ['r', 2], ['c', 3], ['u', 1], ['d', 2]]

  it('run: PostgreSQL to Kafka in Avro, as Confluent’s converter reads it back', async () => {
    const file = toKafka({ 'key.converter': CONVERTER, 'key.converter.schema.registry.url': registry.url, 'value.converter': CONVERTER, 'value.converter.schema.registry.url': registry.url })
    await deliver(file)
    const topic = `${prefix()}.public.orders`
    const records = await client.read({ url: kafka.url, topic })
    expect(await read(records)).toEqual(EXPECTED)
    const keys = await confluent.connect(records.map(({ key }) => key!), { registry: registry.url, topic, isKey: true })
    expect(keys.map(({ payload }) => payload)).toEqual([1, 2, 3, 1, 2, 2].map((id) => ({ id })))
    expect(records.map(({ value }) => value === null)).toEqual([false, false, false, false, false, true])
    const [first] = await confluent.connect([records[0]!.value!], { registry: registry.url, topic })
    // the decimal's unscaled bytes, 150
    expect(first!.payload).toMatchObject({ before: null, after: { id: 1, total: 'AJY=', state: 'new' }, source: { db: DB, table: 'orders' } })
    expect(records[0]!.headers.map(([name, value]) => [name, JSON.parse(value!.toString()) as unknown])).toContainEqual(['__debezium.context.connectorName', expect.objectContaining({ payload: 'postgresql' })])
    expect((await registry.fetch('/subjects')).body).toEqual(expect.arrayContaining([`${topic}-key`, `${topic}-value`]))
  })

  it('run: in Debezium Server’s form, with a login to the registry, keys in JSON, subjects by record', async () => {
    registry.front.requireLogin({ basic: `me:${CANARY}` })
    try {
      const text = Object.entries({
        'debezium.format.value': 'avro', 'debezium.format.schema.registry.url': registry.url, 'debezium.format.key.schemas.enable': 'false', 'debezium.format.value.value.subject.name.strategy': 'io.confluent.kafka.serializers.subject.RecordNameStrategy',
        'debezium.format.basic.auth.credentials.source': 'USER_INFO', 'debezium.format.basic.auth.user.info': `me:${CANARY}`,
      })
      await deliver(toKafka(Object.fromEntries(text)))
      const records = await client.read({ url: kafka.url, topic: `${prefix()}.public.orders` })
      expect(records.map(({ key }) => key!.toString())).toEqual([1, 2, 3, 1, 2, 2].map((id) => `{"id":${id}}`))
      const login = { 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': `me:${CANARY}`, 'value.subject.name.strategy': 'io.confluent.kafka.serializers.subject.RecordNameStrategy' }
      expect(await read(records, login)).toEqual(EXPECTED)
      const subjects = (await registry.fetch('/subjects')).body as string[]
      expect(subjects.filter((subject) => subject.startsWith(prefix()))).toEqual([`${prefix()}.public.orders.Envelope`])
    } finally {
      registry.front.requireLogin(undefined)
    }
  })

  it('run: PostgreSQL to Kinesis, in the order of each key', async () => {
    const stream = `${prefix()}.public.orders`
    await aws.send(new CreateStreamCommand({ StreamName: stream, ShardCount: 2 }))
    const state = async (): Promise<string | undefined> => (await aws.send(new DescribeStreamCommand({ StreamName: stream }))).StreamDescription?.StreamStatus
    await expect.poll(state, { timeout: 60_000 }).toBe('ACTIVE')
    const file = configuration({ 'debezium.sink.type': 'kinesis', 'debezium.sink.kinesis.region': 'us-east-1', 'debezium.sink.kinesis.endpoint': kinesis.url, 'debezium.sink.kinesis.batch.size': 2, 'converter.schemas.enable': 'false' })
    await deliver(file)
    const records = await readStream(aws, stream)
    const ops = (id: number): unknown[] => records.filter(({ partitionKey }) => partitionKey === `{"id":${id}}`).map(({ data }) => (data === '' ? null : (JSON.parse(data) as { op: string }).op))
    expect([1, 2, 3].map(ops)).toEqual([['r', 'u'], ['r', 'd', null], ['c']])
    expect(records).toHaveLength(6)
  })

  it('check: finds nothing in the way of either, and makes nothing', async () => {
    const toAvro = { 'debezium.sink.type': 'kafka', 'debezium.sink.kafka.producer.bootstrap.servers': kafka.url, 'key.converter': CONVERTER, 'value.converter': CONVERTER, 'converter.schema.registry.url': registry.url }
    const toKinesis = { 'debezium.sink.type': 'kinesis', 'debezium.sink.kinesis.region': 'us-east-1', 'debezium.sink.kinesis.endpoint': kinesis.url }
    for (const properties of [toAvro, toKinesis]) {
      await using command = startCommand(['check', configuration(properties)], AWS)
      expect(await command.ended).toEqual({ code: 0, signal: null, stdout: 'Nothing stands in the way\n', stderr: '' })
    }
    expect(await server.query('select slot_name::text from pg_replication_slots', DB)).toEqual([])
    expect(existsSync(path.join(folder, `${count}.dat`))).toBe(false)
  })

  it.each(['run', 'check'])('%s: Avro on standard output is refused before anything is touched', async (name) => {
    await using command = startCommand([name, configuration({ 'value.converter': CONVERTER, 'value.converter.schema.registry.url': registry.url })])
    const { code, stdout, stderr } = await command.ended
    expect(code).toBe(2)
    expect(name === 'run' ? stderr : stdout).toContain('TR_CONFIG_UNSUPPORTED: Avro is binary, and standard output takes lines of text')
    expect(await server.query('select slot_name::text from pg_replication_slots', DB)).toEqual([])
  })

  it('a registry that refuses the login is one coded error, and says nothing of the password', async () => {
    registry.front.requireLogin({ basic: 'me:other' })
    try {
      const file = toKafka({ 'key.converter': CONVERTER, 'value.converter': CONVERTER, 'converter.schema.registry.url': registry.url.replace('//', `//me:${CANARY}@`) })
      const { code, stdout, stderr } = await run(file, '--status', 'json')
      expect({ code, stdout, coded: stderr.includes('"code":"TR_AVRO_REGISTRY_AUTH"'), shown: stderr.includes(CANARY) }).toEqual({ code: 3, stdout: '', coded: true, shown: false })
    } finally {
      registry.front.requireLogin(undefined)
    }
  })
})

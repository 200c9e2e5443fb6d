import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-code.ts'
import type { ErrorCode } from '../../src/error/code.ts'
import { debeziumJson, TailraceError, type EngineOptions } from '../../src/index.ts'
import { kafkaOffsets, kafkaSink, type KafkaSinkOptions } from '../../src/kafka.ts'
import { encodeKey } from '../../src/offset/connect/offset-key.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { runCommand } from '../server/command.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { freePort } from '../server/port.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { deliver } from './kafka-delivery.ts'
import { runEngine, type EngineRun } from './engine-run.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()
/** Before these nothing was stored. */
const AT_START: readonly string[] = ['TR_KAFKA_CONNECT', 'TR_OFFSET_TOPIC', 'TR_OFFSET_CORRUPT']

withKafka('a mistake with Kafka is told with one code, and leaves nothing half done', () => {
  let server: PostgresServer
  let kafka: KafkaServer
  let reader: KafkaClient
  let folder: string
  let made = 0
  const deadBroker = { url: '' }

  beforeAll(async () => {
    ;[server, kafka, reader] = await Promise.all([startPostgres({ major: 17 }), startKafka(), startKafkaClient()])
    folder = mkdtempSync(path.join(tmpdir(), 'tailrace-kafka-bad-'))
    deadBroker.url = `127.0.0.1:${await freePort()}`
  })
  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  // half of the time is that for which the sink waits for more brokers
  eachSideBySide(describe, ['library', 'command', 'faults'] as const)('%s', (lane) => {
    const DB = `bad_${lane}`
    let count: number
    let name: string

    beforeEach(async () => {
      await server.createDatabase(DB)
      await server.query(`create table t (id int primary key, v text); insert into t values (1, 'one')`, DB)
      count = ++made
      name = `bad_${count}`
    })

    const offsetFile = (): string => path.join(folder, `${count}.offset.json`)
    const topic = (): string => `${name}.public.t`

    function start(sink: Partial<KafkaSinkOptions> = {}, engine: Partial<EngineOptions> = {}): EngineRun {
      return runEngine({
        port: server.port, database: DB, name, offsets: offsetFile(), source: { slot: { name, activeTimeoutMs: 0 }, publication: { name } },
        engine: {
          format: debeziumJson({ logicalName: name, schemasEnable: { key: false, value: false, header: false } }), retry: { maxAttempts: 1, initialDelayMs: 1 },
          sink: kafkaSink({ brokers: [kafka.url], topicCreation: [{ partitions: 1 }], ...sink }), ...engine,
        },
      })
    }

    const insert = (id: number, value: string): Promise<unknown> => server.query('insert into t values ($1, $2)', DB, [id, value])
    const idsIn = async (of: string): Promise<unknown[]> => (await reader.read({ url: kafka.url, topic: of })).map(({ key, value }) => (value === null ? null : (JSON.parse(key!.toString()) as { id: number }).id))
    const offsetsHere = (): string[] => readdirSync(folder).filter((entry) => entry.startsWith(`${count}.offset`))
    const topics = (): Promise<string[]> => kafka.withAdmin((admin) => admin.listTopics())

    interface Mistake {
      readonly code: ErrorCode
      readonly says: RegExp
      readonly sink?: () => Partial<KafkaSinkOptions>
      readonly engine?: () => Partial<EngineOptions>
      readonly prepare?: () => Promise<unknown>
      /** For the command: other properties of Debezium Server. */
      readonly properties?: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>
    }

    const inKafka = (offsets: string): Partial<EngineOptions> => ({ offsets: kafkaOffsets({ brokers: [kafka.url], topic: offsets, name, server: name }) })
    const storedIn = (offsets: string): Readonly<Record<string, string>> => ({ 'offset.storage': 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore', 'offset.storage.topic': offsets, 'bootstrap.servers': kafka.url })
    const key = (): string => encodeKey({ engine: name, server: name }).toString()

    async function offsetsTopic(config: Readonly<Record<string, string>>, ...values: readonly string[]): Promise<void> {
      await kafka.createTopic(`offsets-${name}`, { config })
      if (values.length > 0) await deliver({ brokers: [kafka.url] }, values.map((value) => ({ destination: `offsets-${name}`, key: key(), value })))
    }

    const mistakes: Readonly<Record<string, Mistake>> = {
      'no broker at the address': { code: 'TR_KAFKA_CONNECT', says: /ECONNREFUSED/, sink: () => ({ brokers: [deadBroker.url] }), properties: () => ({ 'debezium.sink.kafka.producer.bootstrap.servers': deadBroker.url }) },
      'no broker where offsets are': { code: 'TR_KAFKA_CONNECT', says: /ECONNREFUSED/, engine: () => ({ offsets: kafkaOffsets({ brokers: [deadBroker.url], topic: 'o' }) }), properties: () => ({ ...storedIn('o'), 'bootstrap.servers': deadBroker.url }) },
      'a host that does not exist': { code: 'TR_KAFKA_CONNECT', says: /ENOTFOUND|EAI_AGAIN/, sink: () => ({ brokers: ['kafka.invalid:9092'] }) },
      'a topic that nobody makes': { code: 'TR_KAFKA_TOPIC_MISSING', says: /bad_\d+\.public\.t .*topicCreation/, sink: () => ({ topicCreation: undefined as never }), properties: () => ({}) },
      'more replicas than there are brokers': { code: 'TR_KAFKA_TOPIC_INVALID', says: /INVALID_REPLICATION_FACTOR/, sink: () => ({ topicCreation: [{ partitions: 1, replicationFactor: 5 }] }), properties: () => ({ 'topic.creation.default.replication.factor': '5', 'topic.creation.default.partitions': '1' }) },
      'a setting that topics do not have': { code: 'TR_KAFKA_TOPIC_INVALID', says: /INVALID_CONFIG/, sink: () => ({ topicCreation: [{ config: { 'cleanup.police': 'compact' } }] }) },
      'a topic name that is none': { code: 'TR_KAFKA_TOPIC_INVALID', says: /INVALID_TOPIC_EXCEPTION/, sink: () => ({ topicName: () => 'no/name' }) },
      'a topic name that is none, and no rule that makes it': { code: 'TR_KAFKA_TOPIC_INVALID', says: /INVALID_TOPIC_EXCEPTION/, sink: () => ({ topicName: () => 'no/name', topicCreation: undefined as never }) },
      'a record that is too large': { code: 'TR_KAFKA_RECORD_TOO_LARGE', says: /\d{7} bytes, 1048000 .*deadLetterTopic/, prepare: () => insert(2, 'x'.repeat(1_100_000)), properties: () => ({ 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' }) },
      'a record that is larger than the broker’s limit': { code: 'TR_KAFKA_RECORD_TOO_LARGE', says: /MESSAGE_TOO_LARGE.*max\.message\.bytes/, prepare: () => insert(2, 'x'.repeat(1_100_000)), sink: () => ({ maxRecordBytes: 5_000_000 }), properties: () => ({ 'debezium.sink.kafka.producer.max.request.size': '5000000', 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' }) },
      'a compacted topic, and a table without a key': {
        code: 'TR_KAFKA_REJECTED', says: /INVALID_RECORD.*without a key/, prepare: () => server.query('create table nokey (v text); alter table nokey replica identity full; insert into nokey values (1)', DB),
        sink: () => ({ topicCreation: [{ config: { 'cleanup.policy': 'compact' } }] }),
      },
      'an offsets topic that forgets': { code: 'TR_OFFSET_TOPIC', says: /cleanup\.policy=delete/, prepare: () => offsetsTopic({ 'cleanup.policy': 'delete' }), engine: () => inKafka(`offsets-${name}`), properties: () => storedIn(`offsets-${name}`) },
      'an offsets topic that is compacted and forgets': { code: 'TR_OFFSET_TOPIC', says: /compact,delete|delete,compact/, prepare: () => offsetsTopic({ 'cleanup.policy': 'compact,delete' }), engine: () => inKafka(`offsets-${name}`) },
      'a stored offset that is none': { code: 'TR_OFFSET_CORRUPT', says: /damaged/, prepare: () => offsetsTopic({ 'cleanup.policy': 'compact' }, '{"lsn":1}', '{"lsn":'), engine: () => inKafka(`offsets-${name}`), properties: () => storedIn(`offsets-${name}`) },
      'an offsets topic that cannot be made': { code: 'TR_KAFKA_TOPIC_INVALID', says: /INVALID_REPLICATION_FACTOR/, engine: () => ({ offsets: kafkaOffsets({ brokers: [kafka.url], topic: `offsets-${name}`, replicationFactor: 5 }) }), properties: () => ({ ...storedIn(`offsets-${name}`), 'offset.storage.replication.factor': '5' }) },
    }

    function configuration(properties: Readonly<Record<string, string>>): string {
      const all = {
        'name': name, 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'plugin.name': 'pgoutput', 'topic.prefix': name,
        'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': 'no', 'database.dbname': DB, 'database.sslmode': 'disable',
        'slot.name': name, 'publication.name': name, 'publication.autocreate.mode': 'filtered', 'table.include.list': 'public\\\\.t', 'offset.storage.file.filename': offsetFile(),
        'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false', 'errors.max.retries': 1, 'errors.retry.delay.initial.ms': 1,
        'debezium.sink.type': 'kafka', 'debezium.sink.kafka.producer.bootstrap.servers': kafka.url, 'debezium.sink.kafka.producer.key.serializer': 'org.apache.kafka.common.serialization.StringSerializer', ...properties,
      }
      const file = path.join(folder, `${count}.properties`)
      writeFileSync(file, Object.entries(all).map(([property, value]) => `${property}=${value}\n`).join(''))
      return file
    }

    if (lane === 'library') {
      it.each(Object.keys(mistakes))('%s: the library', async (what) => {
        const { code, says, sink, engine, prepare } = mistakes[what]!
        await prepare?.()
        const begun = performance.now()
        await using run = start(sink?.(), engine?.())
        const error = await run.failure()
        expect({ code: error.code, text: `${error.message} ${error.remedy}` }).toEqual({ code, text: expect.stringMatching(says) as string })
        expect(performance.now() - begun).toBeLessThan(10_000)
        // nothing but what stood before the mistake in the snapshot's order
        if ((await topics()).includes(topic())) for (const id of await idsIn(topic())) expect(id).toBe(1)
        if (AT_START.includes(error.code)) expect(offsetsHere().filter((entry) => entry.endsWith('.json'))).toEqual([])
      })
    } else if (lane === 'command') {
      it.each(Object.keys(mistakes).filter((what) => mistakes[what]!.properties !== undefined))('%s: the command', async (what) => {
        const { code, says, prepare, properties } = mistakes[what]!
        await prepare?.()
        const run = await runCommand('run', configuration(await properties!()), '--status', 'json')
        const last = JSON.parse(run.stderr.split('\n').at(-2)!) as { message: string; remedy: string }
        expect({ code: run.code, stdout: run.stdout, last }).toMatchObject({ code: exitCodeOf(new TailraceError(code)), stdout: '', last: { state: 'failed', code } })
        expect(`${last.message} ${last.remedy}`).toMatch(says)
        expect(run.stderr).not.toContain('xxxxxxxxxx')
      })
    } else {
      it('a record that is too large, with a topic for such: key, headers, cut value and position, and the others go on', async () => {
        const large = 'x'.repeat(1_100_000)
        await using run = start({ deadLetterTopic: `dead-${name}` })
        await run.streaming()
        await insert(2, large)
        await insert(3, 'three')
        await run.until(() => run.engine.stats().delivered >= 3, 'all of them')
        await run.stop()
        expect(await idsIn(topic())).toEqual([1, 3])
        const [dead, ...others] = await reader.read({ url: kafka.url, topic: `dead-${name}` })
        expect(others).toEqual([])
        expect(dead!.key!.toString()).toBe('{"id":2}')
        expect(dead!.value!.toString()).toMatch(/^\{"before":null,"after":\{"id":2,"v":"x+$/)
        expect(dead!.value!.length).toBeLessThan(1_048_000)
        const headers = Object.fromEntries(dead!.headers.map(([header, value]) => [header, value!.toString()]))
        expect(headers).toMatchObject({ '__tailrace.errors.topic': topic(), '__tailrace.errors.code': 'TR_KAFKA_RECORD_TOO_LARGE', '__debezium.context.connectorName': expect.any(String) as string })
        expect(Number(headers['__tailrace.errors.value.bytes'])).toBeGreaterThan(1_100_000)
        // a broker that is busy with a new topic is asked again, which is told of as well
        expect(run.warnings.filter(({ code }) => code !== 'TR_KAFKA_CONNECT')).toMatchObject([{ code: 'TR_KAFKA_RECORD_TOO_LARGE', where: { topic: topic() } }])
        expect(JSON.stringify(run.warnings)).not.toContain('xxx')
      })

      it('an offset of another database', async () => {
        await using first = start({}, inKafka(`offsets-${name}`))
        await first.streaming()
        await first.stop()
        await server.createDatabase('another')
        await using second = runEngine({ port: server.port, database: 'another', name, offsets: offsetFile(), source: { slot: { name: `${name}_other`, activeTimeoutMs: 0 } }, engine: { ...inKafka(`offsets-${name}`), sink: kafkaSink({ brokers: [kafka.url] }), format: debeziumJson({ logicalName: name }) } })
        expect(await second.failure()).toMatchObject({ code: 'TR_OFFSET_FOREIGN' })
      })

      describe('brokers that go away', () => {
        async function gone(sink: Partial<KafkaSinkOptions>, engine: Partial<EngineOptions>, then: (run: EngineRun) => Promise<void>): Promise<void> {
          await using own = await startKafka()
          await using run = start({ ...sink, brokers: [own.url] }, engine)
          await run.streaming()
          await run.settled()
          await own.kill()
          await insert(2, 'two')
          await run.until(() => run.warnings.some(({ code, message }) => code === 'TR_KAFKA_CONNECT' && !message.includes('COORDINATOR')), 'a warning that says so')
          await then(run)
          expect(JSON.parse(readFileSync(offsetFile(), 'utf8'))).toMatchObject({ engine: name })
        }

        it('for longer than deliveryTimeoutMs end the engine, and the next start delivers', async () => {
          await gone({ deliveryTimeoutMs: 1500 }, {}, async (run) => {
            const error = await run.failure()
            expect(error).toMatchObject({ code: 'TR_KAFKA_UNAVAILABLE', message: expect.stringContaining('1500 ms') as string, cause: { code: 'TR_KAFKA_CONNECT' } })
          })
          await using again = start()
          await again.streaming()
          await again.until(async () => (await topics()).includes(topic()) && (await idsIn(topic())).includes(2), 'what was not delivered')
          await again.stop()
        })

        it('do not keep stop() from ending within stopTimeoutMs', async () => {
          await gone({}, { stopTimeoutMs: 1000 }, async (run) => {
            const begun = performance.now()
            await run.engine.stop()
            const error = await run.ended
            expect(performance.now() - begun).toBeLessThan(4000)
            if (error !== undefined) expect(error).toMatchObject({ code: 'TR_ENGINE_STOP_TIMEOUT' })
          })
        })
      })
    }
  })
})

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { debeziumJson, type TailraceError } from '../../src/index.ts'
import { kafkaSink, type KafkaSinkOptions } from '../../src/kafka.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { installedKafkaClients } from '../server/kafka-clients.ts'
import { freePort } from '../server/port.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { eachSideBySide } from '../server/side-by-side.ts'
import { offsetFolder, runEngine } from './engine-run.ts'
import { deliver } from './kafka-delivery.ts'
import { changesOf, firstSeen, upTo } from './kafka-topic.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()
const clients = installedKafkaClients()

it.each((['confluent', 'platformatic'] as const).filter((client) => !clients.includes(client)))('%s, whose package is not there, says how to get it', async (client) => {
  await expect(deliver({ brokers: ['127.0.0.1:1'], client }, [])).rejects.toMatchObject({ code: 'TR_KAFKA_CLIENT', remedy: expect.stringContaining('npm install @') as string })
})

it('a client that there is not', async () => {
  await expect(deliver({ brokers: ['127.0.0.1:1'], client: 'librdkafka' as never }, [])).rejects.toMatchObject({ code: 'TR_CONFIG_INVALID' })
})

it('what librdkafka has not is refused', async () => {
  const client = 'confluent'
  await expect(deliver({ brokers: ['127.0.0.1:1'], client, sasl: { mechanism: 'oauthbearer', token: () => Promise.resolve('') } }, [])).rejects.toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { option: 'sasl' } })
  await expect(deliver({ brokers: ['127.0.0.1:1'], client, tls: { servername: 'other' } }, [])).rejects.toMatchObject({ code: 'TR_CONFIG_UNSUPPORTED', where: { option: 'tls.servername' } })
})

withKafka('clients other than the first', () => {
  let kafka: KafkaServer
  let reader: KafkaClient
  let server: PostgresServer
  let count = 0
  const folder = offsetFolder()

  beforeAll(async () => {
    ;[server, kafka, reader] = await Promise.all([startPostgres({ major: 17 }), startKafka({ secure: true }), startKafkaClient()])
  })
  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const others = clients.filter((client) => client !== 'kafkajs')

  eachSideBySide(describe, others)('%s', (client) => {
    const secure = (password = kafka.sasl.password): KafkaSinkOptions => ({ client, connectTimeoutMs: 5000, brokers: [kafka.sasl.url], tls: { ca: kafka.sasl.ca }, sasl: { mechanism: 'scram-sha-512', username: kafka.sasl.username, password } })

    it('delivers over TLS with a login', async () => {
      const topic = `secure-${++count}`
      await kafka.createTopic(topic)
      await deliver(secure(), [{ destination: topic, key: 'k', value: 'v', headers: { h: '1' } }, { destination: topic, key: null, value: null }])
      expect((await reader.read({ url: kafka.url, topic })).map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([['k', 'v'], [undefined, undefined]])
    })

    it('makes topics by rule, and places keys as Kafka’s own client', async () => {
      const topic = `made-${++count}`
      const keys = Array.from({ length: 50 }, (_, index) => `{"id":${index}}`)
      await deliver({ client, brokers: [kafka.url], topicCreation: [{ partitions: 5, config: { 'retention.ms': '1000000' } }] }, keys.map((key) => ({ destination: topic, key, value: key })))
      const records = await reader.read({ url: kafka.url, topic })
      expect(records).toHaveLength(50)
      expect(records.map(({ partition }) => partition)).toEqual(await reader.partitions(records.map(({ key }) => key!), 5))
    })

    // librdkafka does not say why it cannot connect
    const untold = client === 'confluent' ? 'TR_KAFKA_CONNECT' : undefined
    const mistakes: Readonly<Record<string, readonly [code: string, options: () => Promise<KafkaSinkOptions> | KafkaSinkOptions, bytes?: number]>> = {
      'no broker': ['TR_KAFKA_CONNECT', async () => ({ client, brokers: [`127.0.0.1:${await freePort()}`], connectTimeoutMs: 2000 })],
      'a wrong password': [untold ?? 'TR_KAFKA_AUTH', () => secure('wrong-canary-5521')],
      'an authority that did not sign': [untold ?? 'TR_KAFKA_TLS', () => ({ ...secure(), tls: { ca: readFileSync(kafka.certificates!.strangerCa, 'utf8') } })],
      'a topic that nobody makes': ['TR_KAFKA_TOPIC_MISSING', () => ({ client, brokers: [kafka.url] })],
      'a topic that cannot be made': ['TR_KAFKA_TOPIC_INVALID', () => ({ client, brokers: [kafka.url], topicCreation: [{ replicationFactor: 5 }] })],
      'a name that is none': ['TR_KAFKA_TOPIC_INVALID', () => ({ client, brokers: [kafka.url], topicName: () => 'no/name', topicCreation: [{}] })],
      'a record that is larger than the broker’s limit': ['TR_KAFKA_RECORD_TOO_LARGE', () => ({ client, brokers: [kafka.url], maxRecordBytes: 5_000_000, topicCreation: [{}] }), 2_000_000],
    }

    it.each(Object.keys(mistakes))('%s', async (what) => {
      const [code, options, bytes = 1] = mistakes[what]!
      const error = (await deliver(await options(), [{ destination: `mistake-${++count}`, key: 'k', value: 'v'.repeat(bytes) }]).catch((thrown: unknown) => thrown)) as TailraceError
      expect({ code: error.code, text: `${error.message}` }).toEqual({ code, text: expect.not.stringContaining('canary') as string })
    })
  })

  it.runIf(others.length > 0)(`${others.join(', ')} lose nothing and keep the order while the broker is restarted and killed`, async () => {
    const names = others.map((client) => `flow_${client.replace('-', '_')}`)
    for (const name of names) {
      await server.createDatabase(name)
      await server.query('create table t (id int primary key)', name)
    }
    const engines = names.map((name, index) => runEngine({
      port: server.port, database: name, name, offsets: folder.file(name),
      engine: { format: debeziumJson({ logicalName: name, schemasEnable: { key: false, value: false, header: false } }), sink: kafkaSink({ client: others[index]!, brokers: [kafka.url], topicCreation: [{ partitions: 1 }], requestTimeoutMs: 5000 }) },
    }))
    const more = (first: number): Promise<unknown> => Promise.all(names.map(async (name) => {
      for (let id = first; id < first + 50; id++) await server.query('insert into t values ($1)', name, [id])
    }))
    try {
      for (const engine of engines) await engine.streaming()
      await more(1)
      await Promise.all([kafka.restart(), more(51)])
      await more(101)
      await kafka.kill()
      await more(151)
      await kafka.start()
      await more(201)
      for (const [index, engine] of engines.entries()) {
        await engine.until(() => engine.engine.stats().delivered >= 250, 'all changes')
        await engine.stop()
        expect(firstSeen(await changesOf(reader, kafka, `${names[index]!}.public.t`)), names[index]).toEqual(upTo(250))
      }
    } finally {
      for (const engine of engines) await engine[Symbol.asyncDispose]()
    }
  }, 120_000)
})

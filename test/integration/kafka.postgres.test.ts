import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { debeziumJson, memoryOffsets, type EngineOptions } from '../../src/index.ts'
import { kafkaOffsets, kafkaSink, type KafkaSinkOptions } from '../../src/kafka.ts'
import type { Failpoint } from '../../src/observe/failpoint.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'
import { changesOf, firstSeen, upTo } from './kafka-topic.ts'
import { SteadyWriter } from './steady-writer.ts'

await requirePostgres(17)
await requireKafkaClient()
const withKafka = await requireKafka()

withKafka('PostgreSQL to Kafka', () => {
  let server: PostgresServer
  let proxy: TcpProxy
  let kafka: KafkaServer
  let reader: KafkaClient
  const folder = offsetFolder()
  let cuts = 0

  beforeAll(async () => {
    proxy = await startTcpProxy(0)
    ;[server, kafka, reader] = await Promise.all([startPostgres({ major: 17 }), startKafka({ proxy }), startKafkaClient()])
  }, 180_000)

  afterAll(async () => {
    await reader?.[Symbol.asyncDispose]()
    await kafka?.[Symbol.asyncDispose]()
    await proxy?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function database(name: string, sql = ''): Promise<void> {
    await server.createDatabase(name)
    await server.script(name, `create table t (id int primary key); ${sql}`)
  }

  function run(name: string, sink: Partial<KafkaSinkOptions> = {}, engine: Partial<EngineOptions> = {}): EngineRun {
    return runEngine({
      port: server.port, database: name, name, offsets: folder.file(name),
      engine: {
        format: debeziumJson({ logicalName: name, schemasEnable: { key: false, value: false, header: false } }),
        sink: kafkaSink({ brokers: [kafka.url], topicCreation: [{ partitions: 3 }], ...sink }), ...engine,
      },
    })
  }

  test('snapshot, log, deletes with tombstones and headers arrive; keys are placed as Kafka’s own producer would', async () => {
    await database('whole', 'insert into t select generate_series(1, 50)')
    await using engine = run('whole')
    await engine.streaming()
    await server.script('whole', 'insert into t select generate_series(51, 100); delete from t where id <= 10; update t set id = 500 where id = 50')
    await engine.until(() => engine.engine.stats().delivered >= 123, 'all records')
    await engine.stop()
    const records = await reader.read({ url: kafka.url, topic: 'whole.public.t' })
    // 50 read, 50 created, 10 deleted with their tombstones, and a key update: delete, tombstone, create
    expect(records).toHaveLength(50 + 50 + 20 + 3)
    const keys = records.map(({ key }) => key!)
    expect(records.map(({ partition }) => partition)).toEqual(await reader.partitions(keys, 3))
    expect(records.filter(({ value }) => value === null)).toHaveLength(11)
    for (const { headers } of records) expect(headers.map(([name]) => name)).toContain('__debezium.context.connectorName')
    const moved = records.find(({ key, value }) => key!.toString() === '{"id":500}' && value !== null)!
    expect(moved.headers.find(([name]) => name === '__debezium.oldkey')![1]!.toString()).toBe('{"id":50}')
    const changes = await changesOf(reader, kafka, 'whole.public.t')
    expect(firstSeen(changes).sort((a, b) => a - b)).toEqual([...upTo(100), 500])
    for (let partition = 0; partition < 3; partition++) {
      const lsns = changes.filter((change) => change.partition === partition && change.op !== 'r').map(({ lsn }) => lsn)
      expect(lsns).toEqual([...lsns].sort((a, b) => a - b))
    }
  })

  describe('at least once and exactly once, while changes flow', () => {
    interface Flow {
      readonly name: string
      readonly exactlyOnce: boolean
      readonly writer: SteadyWriter
    }

    function start(name: string, exactlyOnce: boolean, brokers = [kafka.url]): EngineRun {
      return run(name, { brokers, exactlyOnce, topicCreation: [{ partitions: 1 }] }, exactlyOnce ? { offsets: kafkaOffsets({ brokers, topic: 'offsets' }) } : {})
    }

    async function expectAll({ name, exactlyOnce, writer: { committed } }: Flow): Promise<void> {
      const changes = await changesOf(reader, kafka, `${name}.public.t`)
      expect(firstSeen(changes), name).toEqual(committed)
      if (exactlyOnce) expect(changes.map(({ id }) => id), name).toEqual(committed)
    }

    /** The same happens to an engine of each kind, at one broker. */
    async function throughFaults(what: string, fault: (more: (count: number) => Promise<unknown>) => Promise<void>): Promise<void> {
      const names = [`${what}_alo`, `${what}_eo`] as const
      for (const name of names) await database(name)
      await using atLeastOnce = start(names[0], false, [kafka.proxiedUrl])
      await using exactlyOnce = start(names[1], true, [kafka.proxiedUrl])
      const engines = [atLeastOnce, exactlyOnce]
      for (const engine of engines) await engine.streaming()
      const writers = names.map((name) => new SteadyWriter(server.url(name)))
      const more = (count: number): Promise<unknown> => Promise.all(writers.map((writer) => writer.more(count)))
      try {
        await more(50)
        await fault(more)
        await more(50)
      } finally {
        for (const writer of writers) await writer[Symbol.asyncDispose]()
      }
      for (const [index, engine] of engines.entries()) {
        const writer = writers[index]!
        await engine.until(() => engine.engine.stats().delivered >= writer.committed.length, 'all changes')
        await engine.stop()
        await expectAll({ name: names[index]!, exactlyOnce: index === 1, writer })
      }
    }

    test('the broker is restarted', async () => {
      await throughFaults('restart', async (more) => {
        await kafka.restart()
        await more(50)
      })
    }, 120_000)

    test('the broker is killed', async () => {
      await throughFaults('kill', async (more) => {
        await kafka.kill()
        await more(50)
        await kafka.start()
      })
    }, 120_000)

    test('connections are cut again and again', async () => {
      await throughFaults('cut', async (more) => {
        for (let cut = 0; cut < 10; cut++) {
          await more(20)
          proxy.cut()
        }
      })
    }, 120_000)

    test.concurrent.each([['at least once', 'again_alo', false], ['exactly once', 'again_eo', true]] as const)('%s, the engine is stopped and started', async (_, name, exactlyOnce) => {
      await database(name)
      const writer = new SteadyWriter(server.url(name))
      try {
        for (let round = 0; round < 3; round++) {
          await using engine = start(name, exactlyOnce)
          await engine.streaming()
          await writer.more(40)
          await engine.stop()
        }
      } finally {
        await writer[Symbol.asyncDispose]()
      }
      await using last = start(name, exactlyOnce)
      await last.streaming()
      await server.script(name, 'insert into t values (1000000)')
      await last.until(async () => (await changesOf(reader, kafka, `${name}.public.t`)).some(({ id }) => id === 1_000_000), 'the last change')
      await last.stop()
      writer.committed.push(1_000_000)
      await expectAll({ name, exactlyOnce, writer })
    }, 120_000)
  })

  test.each([
    ['before it is asked for', () => proxy.cut()],
    ['while it is answered', () => proxy.cutAfter(1)],
  ])('a snapshot’s transactions all have the same offset: one whose commit is cut %s is told apart from the one before', async (_, cut) => {
    const name = `snapshot_cut_${++cuts}`
    await database(name, 'insert into t select generate_series(1, 1000)')
    let sent = 0
    const reach = (point: Failpoint): void => {
      if (point === 'kafka.transaction-sent' && ++sent % 3 === 2) cut()
    }
    await using engine = run(name, { brokers: [kafka.proxiedUrl], exactlyOnce: true, maxBufferedBytes: 30_000, topicCreation: [{ partitions: 1 }] }, {
      offsets: kafkaOffsets({ brokers: [kafka.proxiedUrl], topic: 'offsets' }), limits: { maxBatchEvents: 100 }, runtime: { reach },
    })
    await engine.streaming()
    await engine.stop()
    expect(sent).toBeGreaterThan(8)
    expect((await changesOf(reader, kafka, `${name}.public.t`)).map(({ id }) => id)).toEqual(upTo(1000))
  }, 60_000)

  test('an engine of the same name fences the one before, and both together deliver everything once', async () => {
    const name = 'fenced'
    await database(name)
    const engine = (): EngineRun => run(name, { exactlyOnce: true, topicCreation: [{ partitions: 1 }] }, { offsets: kafkaOffsets({ brokers: [kafka.url], topic: 'offsets' }) })
    await using older = engine()
    await older.streaming()
    const writer = new SteadyWriter(server.url(name))
    await writer.more(30)
    await using newer = engine()
    const failure = await older.failure()
    expect(failure.code).toBe('TR_KAFKA_FENCED')
    await newer.streaming()
    await writer.more(30)
    await writer[Symbol.asyncDispose]()
    await newer.until(async () => (await changesOf(reader, kafka, `${name}.public.t`)).length >= writer.committed.length, 'all changes')
    await newer.stop()
    expect((await changesOf(reader, kafka, `${name}.public.t`)).map(({ id }) => id)).toEqual(writer.committed)
  }, 60_000)

  test('exactly once with offsets elsewhere is a mistake', () => {
    expect(() => run('whole', { exactlyOnce: true }, { offsets: memoryOffsets() })).toThrow(expect.objectContaining({ code: 'TR_CONFIG_INVALID' }))
  })
})

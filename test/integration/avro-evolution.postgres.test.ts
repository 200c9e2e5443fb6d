import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { debeziumAvro, type DebeziumAvroOptions } from '../../src/format/avro/index.ts'
import { memorySink, type MemorySink } from '../../src/sink/memory/memory.ts'
import { readAvro } from '../oracle/avro-reader.ts'
import { startConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { requireConfluentReader, requirePostgres, requireRegistry } from '../server/require.ts'
import { offsetFolder, runEngine, type EngineRun } from './engine-run.ts'

/* Tables change, and so do their schemas in the registry: as its level of compatibility allows, or not at all. */

const MAJOR = 17
const DB = 'evolution'

interface Started extends AsyncDisposable {
  readonly run: EngineRun
  readonly sink: MemorySink
}

const withPostgres = await requirePostgres(MAJOR)
const withRegistry = await requireRegistry()
const withReader = await requireConfluentReader()
withPostgres('schemas of tables that change', () => {
  withRegistry('in a registry', () => {
    let server: PostgresServer
    let registry: RegistryServer
    const folder = offsetFolder()
    let count = 0

    beforeAll(async () => {
      server = await startPostgres({ major: MAJOR })
      registry = await startRegistry({ compatibility: 'FULL' })
    })
    afterAll(async () => {
      await registry[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })
    beforeEach(async () => {
      count++
      await server.createDatabase(DB)
    })
    afterEach(() => registry.front.clear())

    function start(options: Partial<DebeziumAvroOptions> = {}, name = `e${count}`): Started {
      const sink = memorySink()
      const format = debeziumAvro({ logicalName: `s${count}`, registry: { urls: registry.url, timeoutMs: 5_000, retryDelayMs: 10, maxRetryDelayMs: 50 }, ...options })
      const run = runEngine({ port: server.port, database: DB, name, offsets: folder.file(name), engine: { sink, format, limits: { maxBatchEvents: 1 } } })
      return { run, sink, [Symbol.asyncDispose]: async () => await run[Symbol.asyncDispose]() }
    }

    async function rowsOf(sink: MemorySink): Promise<unknown[]> {
      return await Promise.all(sink.records.map(async ({ value }) => ((await read(value!)) as { after: unknown }).after))
    }

    async function read(framed: Buffer): Promise<unknown> {
      const { body } = await registry.fetch(`/schemas/ids/${framed.readInt32BE(1)}`)
      return readAvro((body as { schema: string }).schema, framed.subarray(5))
    }

    async function versions(subject: string): Promise<unknown> {
      return (await registry.fetch(`/subjects/${subject}/versions`)).body
    }

    it('a column is added: a new version under full compatibility, and each row is read by the schema that it was written with', async () => {
      await server.script(DB, 'create table t (id int primary key, a text); insert into t values (1, \'one\')')
      await using started = start()
      const { run, sink } = started
      await run.streaming()
      await server.script(DB, "insert into t values (2, 'two'); alter table t add b int; insert into t values (3, 'three', 3)")
      await sink.waitFor(3, AbortSignal.timeout(60_000))
      expect(await rowsOf(sink)).toEqual([{ id: 1, a: 'one' }, { id: 2, a: 'two' }, { id: 3, a: 'three', b: 3 }])
      expect(await versions(`s${count}.public.t-value`)).toEqual([1, 2])
      expect(await versions(`s${count}.public.t-key`)).toEqual([1])
      const ids = sink.records.map(({ value }) => value!.readInt32BE(1))
      expect(ids[0]).toBe(ids[1])
      expect(ids[2]).not.toBe(ids[1])
    })

    withReader('read by Confluent’s consumer', () => {
      it('rows of both versions of a table are what they were', async () => {
        await server.script(DB, "create table t (id int primary key, n numeric(5,2), f float8[]); insert into t values (1, 1.5, '{0.5,NULL}')")
        await using started = start()
        const { run, sink } = started
        await run.streaming()
        await server.script(DB, "alter table t add b text default 'd'; insert into t values (2, -0.01, '{}')")
        await sink.waitFor(2, AbortSignal.timeout(60_000))
        await using reader = await startConfluentReader()
        const read = await reader.connect(sink.records.map(({ value }) => value!), { registry: registry.url, topic: `s${count}.public.t` })
        expect(read.map(({ payload }) => (payload as { after: unknown }).after)).toEqual([{ id: 1, n: Buffer.of(0, 150).toString('base64'), f: [0.5, null] }, { id: 2, n: Buffer.of(255).toString('base64'), f: [], b: 'd' }])
      })
    })

    it('a change that the registry refuses ends the engine, names the event, and nothing beyond it is delivered', async () => {
      await server.script(DB, 'create table t (id int primary key, a text); create table other (id int primary key)')
      const { run, sink } = start()
      await run.streaming()
      await server.script(DB, 'insert into t values (1, \'one\'); insert into other values (1); alter table t alter a type int using 5; insert into t values (2, 6); insert into other values (2)')
      const error = await run.failure()
      expect(error).toMatchObject({ code: 'TR_AVRO_INCOMPATIBLE', kind: 'definite' })
      expect(error.where).toMatchObject({ subject: `s${count}.public.t-value`, table: 'public.t', status: 409 })
      expect(error.where['event']).toMatch(/^pg:\d+:/)
      expect(error.message).toContain(String(error.where['event']))
      const rows = await rowsOf(sink)
      expect(rows.slice(0, 2)).toEqual([{ id: 1, a: 'one' }, { id: 1 }])
      // the table's rewrite is no event; what came after it was not delivered
      expect(rows).toHaveLength(2)

      // once the level allows it, delivery goes on with that event
      await registry.fetch(`/config/s${count}.public.t-value`, { method: 'PUT', body: { compatibility: 'NONE' } })
      await using second = start()
      await second.sink.waitFor(2, AbortSignal.timeout(60_000))
      expect(await rowsOf(second.sink)).toEqual([{ id: 2, a: 6 }, { id: 2 }])
    })

    it('with autoRegister off a missing schema is an error, and one that is there is used', async () => {
      await server.script(DB, 'create table t (id int primary key, a text); insert into t values (1, \'one\')')
      const error = await start({ autoRegister: false }, `off${count}`).run.failure()
      expect(error).toMatchObject({ code: 'TR_AVRO_SCHEMA_MISSING', kind: 'definite' })
      expect(error.where).toMatchObject({ subject: `s${count}.public.t-key`, table: 'public.t' })

      const first = start()
      await first.sink.waitFor(1, AbortSignal.timeout(60_000))
      await first.run.stop()
      await using second = start({ autoRegister: false }, `found${count}`)
      await second.sink.waitFor(1, AbortSignal.timeout(60_000))
      expect(second.sink.records[0]!.value!.readInt32BE(1)).toBe(first.sink.records[0]!.value!.readInt32BE(1))
    })

    it('a registry that is away for a while is waited for: no row is lost, and none comes twice', async () => {
      await server.script(DB, 'create table t (id int primary key, a text); insert into t values (1, \'one\')')
      await using started = start({ registry: { urls: registry.url, timeoutMs: 500, maxRetries: 0 } })
      const { run, sink } = started
      await run.streaming()
      registry.front.answer('reset')
      await server.script(DB, "alter table t add b int; insert into t values (2, 'two', 2); insert into t values (3, 'three', 3)")
      await run.until(() => run.retries.some(({ code }) => code === 'TR_AVRO_REGISTRY'), 'a retry')
      expect(sink.records).toHaveLength(1)
      registry.front.clear()
      await sink.waitFor(3, AbortSignal.timeout(60_000))
      expect(await rowsOf(sink)).toEqual([{ id: 1, a: 'one' }, { id: 2, a: 'two', b: 2 }, { id: 3, a: 'three', b: 3 }])
    })

    it('a column that Avro cannot name is an error before its first row, with what mends it', async () => {
      await server.script(DB, 'create table t (id int primary key, "é" text); insert into t values (1, \'one\')')
      const error = await start({}, `name${count}`).run.failure()
      expect(error).toMatchObject({ code: 'TR_AVRO_NAME', kind: 'definite', where: { table: 'public.t', column: 'é' } })
      expect(error.remedy).toContain('field.name.adjustment.mode')
      await using started = start({ fieldNameAdjustment: 'avro_unicode' })
      const { sink } = started
      await sink.waitFor(1, AbortSignal.timeout(60_000))
      expect(await rowsOf(sink)).toEqual([{ id: 1, _u00e9: 'one' }])
    })
  })
})

import { writeFile } from 'node:fs/promises'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { command } from '../../src/cli/command.ts'
import { encodeValue } from '../../src/offset/connect/offset-value.ts'
import { parseLsn, PgPosition } from '../../src/source/postgres/position.ts'
import { Random } from '../chaos/random.ts'
import { connectEntries } from '../peer/debezium/debezium.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { requireDebezium, requireKafka, requireKafkaClient, requirePostgres } from '../server/require.ts'
import { Recorded } from '../unit/cli/output.ts'
import { seedOf } from '../unit/offset/seed.ts'
import { BUSY_TABLES, BusyWriters } from './busy-writers.ts'
import { checkRelay, committed, type Leg } from './relay.ts'
import { OFFSET_KEY, topicOffsets } from './shared-configuration.ts'
import { byCommand, byDebezium, postgresConfiguration, type PostgresFields } from './take-over-run.ts'

/*
  As take-over.postgres.test.ts, with the offset in a topic of Kafka: Debezium's engine keeps it there with Kafka Connect's own
  KafkaOffsetBackingStore.
*/

const MAJOR = 18
const END = 'the end'
const NO_DATA = { 'snapshot.mode': 'no_data' }

async function offsets(...argv: string[]): Promise<string> {
  const [stdout, stderr] = [new Recorded(), new Recorded()]
  const code = await command(['offsets', ...argv], { stdout, stderr, environment: {}, signal: new AbortController().signal })
  expect(code, stderr.text).toBe(0)
  return stdout.text
}

const withPostgres = await requirePostgres(MAJOR)
const withKafka = await requireKafka()
const withClient = await requireKafkaClient()
const withDebezium = await requireDebezium()
withPostgres('Debezium and the command take turns', () => {
  withKafka('with their offset in Kafka', () => {
    withClient('which Kafka’s own client reads', () => {
      withDebezium('with one configuration', takeTurns)
    })
  })
})

function takeTurns(): void {
  let server: PostgresServer
  let kafka: KafkaServer
  let client: KafkaClient

  beforeAll(async () => {
    ;[server, kafka, client] = await Promise.all([startPostgres({ major: MAJOR }), startKafka(), startKafkaClient()])
  }, 180_000)
  afterAll(async () => {
    await Promise.all([server?.[Symbol.asyncDispose](), kafka?.[Symbol.asyncDispose](), client?.[Symbol.asyncDispose]()])
  })

  /** A database whose slot `truth` holds everything; slots of one server have names of their own. */
  async function prepared(database: string): Promise<void> {
    await server.createDatabase(database)
    await server.script(database, `${BUSY_TABLES} create publication relay for all tables; select pg_create_logical_replication_slot('${database}_truth', 'test_decoding'); select pg_create_logical_replication_slot('${database}', 'pgoutput')`)
  }

  async function markEnd(database: string): Promise<void> {
    await server.query(`select pg_logical_emit_message(true, 'busy', '${END}')`, database)
  }

  async function check(database: string, legs: readonly Leg[]): Promise<void> {
    const truth = await committed(server, database, `${database}_truth`)
    const relay = checkRelay(legs, truth)
    expect(relay.at(-1)?.to).toBe(truth.length)
    console.log(`${truth.length} events; ${relay.map(({ name, from, to, again }) => `${name} ${from}–${to}${again > 0 ? ` (${again} again)` : ''}`).join(', ')}`)
  }

  it('under load, stopped, killed and cut off after any record, they deliver every change in order', { timeout: 180_000 }, async () => {
    const seed = seedOf('take-over in Kafka')
    const random = new Random(seed)
    await prepared('busy')
    await using configuration = await postgresConfiguration(server, 'busy', { 'slot.name': 'busy', ...NO_DATA }, topicOffsets(kafka, client, 'connect-offsets'))
    const legs: Leg[] = []
    const some = (): number => random.between(20, 400)
    {
      await using writers = new BusyWriters(server.url('busy'), seed, { pauseMs: 60 })
      legs.push(await byDebezium(configuration, { stop: some() }))
      expect(await offsets('show', configuration.file)).toContain('Debezium wrote it')
      legs.push(await byCommand(configuration, { stop: some() }))
      expect(await offsets('show', configuration.file)).toContain('slot busy')
      legs.push(await byDebezium(configuration, { kill: some() }))
      legs.push(await byCommand(configuration, { kill: some() }))
      legs.push(await byCommand(configuration, { after: some() }))
      await writers.stop()
    }
    await markEnd('busy')
    legs.push(await byDebezium(configuration, { stop: `m ${END}` }))
    await check('busy', legs)
  })

  it('an offset of Debezium’s file goes on in the topic, and comes back into a file for Debezium', { timeout: 120_000 }, async () => {
    await prepared('moved')
    await using inFile = await postgresConfiguration(server, 'moved', { 'slot.name': 'moved', ...NO_DATA })
    await using inTopic = await postgresConfiguration(server, 'moved', { 'slot.name': 'moved', ...NO_DATA }, topicOffsets(kafka, client, 'moved-offsets'))
    await server.query('insert into item select g, g from generate_series(1, 900) g', 'moved')
    await markEnd('moved')
    const legs = [await byDebezium(inFile, { after: 300 })]
    const written = await inFile.stored<PostgresFields>()
    expect(await offsets('import', inTopic.file, '--from', inFile.offsets)).toContain('Debezium wrote it')
    // the topic is made as the configuration says, and holds what Debezium itself would go on from
    expect(await kafka.endOffsets('moved-offsets')).toHaveLength(5)
    expect(await inTopic.stored()).toMatchObject({ lsn: written.lsn, lsn_proc: written.lsn })
    legs.push(await byCommand(inTopic, { after: 300 }))
    const back = `${inFile.offsets}.back`
    expect(await offsets('export', inTopic.file, '--to', back)).toContain('slot moved')
    const { lsn, tailrace } = await inTopic.stored<PostgresFields>()
    const [entry, ...others] = await connectEntries(back)
    expect([entry?.[0], others]).toEqual([OFFSET_KEY, []])
    expect(JSON.parse(entry![1]!)).toMatchObject({ lsn, tailrace })
    await writeFile(inFile.file, `offset.storage.file.filename=${back}\n`, { flag: 'a' })
    legs.push(await byDebezium(inFile, { stop: `m ${END}` }))
    await check('moved', legs)
    // each change is a record of its own: nothing comes twice
    expect(legs.map(({ delivered }) => delivered.length)).toEqual([300, 300, 301])
  })

  it('an offset whose transaction was aborted counts for neither, once Debezium’s isolation.level is read_committed', { timeout: 120_000 }, async () => {
    await prepared('aborted')
    const topic = 'aborted-offsets'
    const more = { 'slot.name': 'aborted', 'isolation.level': 'read_committed', ...NO_DATA }
    await using configuration = await postgresConfiguration(server, 'aborted', more, topicOffsets(kafka, client, topic))
    await server.query('insert into item select g, g from generate_series(1, 9) g', 'aborted')
    await markEnd('aborted')
    const legs = [await byDebezium(configuration, { after: 3 })]
    await abort(topic)
    legs.push(await byCommand(configuration, { after: 3 }))
    await abort(topic)
    legs.push(await byDebezium(configuration, { stop: `m ${END}` }))
    await check('aborted', legs)
    expect(legs.map(({ delivered }) => delivered.length)).toEqual([3, 3, 4])
  })

  /** What an engine that delivers exactly once leaves when it ends between its records and their commit: an offset behind everything. */
  async function abort(topic: string): Promise<void> {
    const lsn = parseLsn(await server.value<string>('select pg_current_wal_lsn()::text'))!
    const offset = encodeValue({ engine: 'orders', source: 'postgresql', identity: {}, position: new PgPosition('stream', lsn).toJSON() }, 1n)
    const producer = new Kafka({ brokers: [kafka.url], logLevel: logLevel.NOTHING }).producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ key: OFFSET_KEY, value: offset }] })
    await transaction.abort()
    await producer.disconnect()
  }
}

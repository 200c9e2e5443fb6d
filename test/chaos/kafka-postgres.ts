import { KAFKA_FAILPOINTS } from '../../src/observe/failpoint.ts'
import type { StoredRecord } from '../peer/kafka-client/kafka-client.ts'
import type { PostgresServer } from '../server/postgres.ts'
import type { CompiledChild } from './compiled-child.ts'
import type { KillPoint, LogLine } from './engine-order.ts'
import { EngineProcess, type KillAt } from './engine-process.ts'
import type { PostgresKafkaOrder } from './kafka-order.ts'
import type { Fault, KafkaOrder, KafkaProcess, KafkaSubject } from './kafka-subject.ts'
import type { TopicLine, TrueChange } from './kafka-verdict.ts'
import { PREFILL, SCHEMA, TABLES } from './schema.ts'
import { Truth } from './truth.ts'
import { Writers } from './writers.ts'

/** A server on which a process that stands still loses its slot soon. */
export const KAFKA_CHAOS_SETTINGS: Readonly<Record<string, string>> = { wal_sender_timeout: '1s' }

/** Points on the way of every change to Kafka. */
export const KAFKA_POINTS: readonly KillPoint[] = [...KAFKA_FAILPOINTS.filter((point) => point !== 'kafka.transaction-unknown'), 'pump.sink-before', 'ledger.settled', 'ledger.save-before', 'ledger.save-after', 'ledger.acknowledged']

let runs = 0

/** PostgreSQL; records are the events as evidence, no format of Debezium's. */
export class PostgresSubject implements KafkaSubject {
  readonly faults: readonly Fault[] = ['kill', 'failpoint', 'failpoint', 'zombie', 'overlap', 'broker', 'cut', 'failpoint', 'kill', 'cut']
  readonly points = KAFKA_POINTS
  readonly superseded: ReadonlySet<string> = new Set(['TR_KAFKA_FENCED', 'TR_PG_SLOT_ACTIVE', 'TR_PG_SLOT_ADVANCED'])
  readonly notes = []
  /** Of database, engine, slot, publication and topic. */
  readonly name: string
  readonly #server: PostgresServer
  readonly #child: CompiledChild
  readonly #truth: Truth
  readonly #writers: Writers

  private constructor(name: string, server: PostgresServer, child: CompiledChild, truth: Truth, writers: Writers) {
    this.name = name
    this.#server = server
    this.#child = child
    this.#truth = truth
    this.#writers = writers
  }

  /** With writers that wait. */
  static async open(server: PostgresServer, child: CompiledChild, seed: number, writers = 8): Promise<PostgresSubject> {
    const name = `chaos_kafka_${++runs}`
    await server.createDatabase(name)
    await server.query(SCHEMA, name)
    await server.query(PREFILL, name)
    const truth = await Truth.start(server.url(name), `${name}_truth`)
    const writing = await Writers.start(server.url(name), writers, seed)
    await writing.pause()
    return new PostgresSubject(name, server, child, truth, writing)
  }

  get committed(): number {
    return this.#writers.committed
  }

  start(order: KafkaOrder, killAt?: KillAt): KafkaProcess {
    const whole: PostgresKafkaOrder = { ...order, port: this.#server.port, database: this.name, tables: TABLES.map(({ name }) => name) }
    return new EngineProcess<KafkaOrder>(this.#child, whole, killAt)
  }

  /** The slot keeps its place from the first moment on. */
  begun(): boolean {
    return true
  }

  async resume(): Promise<void> {
    await this.#truth.read()
    this.#writers.resume()
  }

  async pause(): Promise<void> {
    await this.#writers.pause()
  }

  async end(): Promise<void> {
    await this.#server.query("insert into marker (tag) values ('end')", this.name)
  }

  isEnd({ after }: TopicLine): boolean {
    return after?.['tag'] === 'end'
  }

  async lines(records: readonly StoredRecord[]): Promise<TopicLine[]> {
    return await Promise.resolve(records.map(({ value }) => toLine(JSON.parse(value!.toString()) as Extract<LogLine, { e: string }>)))
  }

  async truth(): Promise<TrueChange[]> {
    return (await this.#truth.read()).flatMap(({ xid, events }) => events.map(({ table, op, before, after, ordinal, part }) => ({ key: `${xid}:${ordinal}:${part}`, table, op, before, after })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writers[Symbol.asyncDispose]()
    await this.#truth[Symbol.asyncDispose]()
  }
}

/** Ids are pg:<system>:<database>:<commit LSN>:<LSN>:<ordinal>[:<part>] */
function toLine({ e, x, t, o, b, a }: Extract<LogLine, { e: string }>): TopicLine {
  const [, , , , , ordinal, part = '0'] = e.split(':')
  return { key: `${x}:${ordinal}:${part}`, id: e, table: t, op: o, before: b, after: a }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { ConfluentReader } from '../../peer/confluent/confluent-reader.ts'
import type { StoredRecord } from '../../peer/kafka-client/kafka-client.ts'
import type { MysqlServer } from '../../server/mysql-server.ts'
import type { RegistryFront } from '../../server/registry-front.ts'
import type { RegistryServer } from '../../server/registry.ts'
import { startTcpProxy, type TcpProxy } from '../../server/tcp-proxy.ts'
import type { CompiledChild } from '../compiled-child.ts'
import type { KillPoint } from '../engine-order.ts'
import { EngineProcess, type KillAt } from '../engine-process.ts'
import { KAFKA_POINTS } from '../kafka-postgres.ts'
import type { Disturbance, Fault, KafkaOrder, KafkaProcess, KafkaSubject, StreamedTruth } from '../kafka-subject.ts'
import type { TopicLine, TrueChange } from '../kafka-verdict.ts'
import { Random } from '../random.ts'
import type { MysqlKafkaOrder } from './kafka-order.ts'
import { avroValues, jsonValues, says, toLines, type ReadValues } from './kafka-record.ts'
import { changesOf, judgeSnapshots } from './kafka-snapshot.ts'
import type { Kind } from './order.ts'
import { DATABASE, moreRows, schema } from './schema.ts'
import { Truth } from './truth.ts'
import { MysqlWriters } from './writers.ts'

let runs = 0

export interface MysqlSubjectOptions {
  readonly kind: Kind
  readonly server: MysqlServer
  readonly child: CompiledChild
  readonly seed: number
  /** Default 5. */
  readonly writers?: number
  /** Records are Avro; without it they are JSON. */
  readonly avro?: { readonly registry: RegistryServer; readonly reader: ConfluentReader } | undefined
  /** A snapshot is taken. Default false. */
  readonly snapshot?: boolean
}

const MANY_ROWS = 400
/** A table is altered, and its next row needs a schema that the registry does not have. */
const REGISTRY_ASKED_MS = 5_000
const REGISTRY_DOWN = [{ answer: { status: 503 }, what: 'says 503' }, { answer: { status: 500, after: true }, what: 'does it and says 500' }, { answer: 'reset', what: 'cuts connections' }, { answer: 'hang', what: 'says nothing' }] as const

/** MySQL or MariaDB; records are Debezium's, and tables change while they are written to. */
export class MysqlSubject implements KafkaSubject {
  readonly faults: readonly Fault[]
  readonly points: readonly KillPoint[] = [...KAFKA_POINTS, 'source.schema-stored']
  readonly superseded: ReadonlySet<string> = new Set(['TR_KAFKA_FENCED', 'TR_HISTORY_LOCKED'])
  /** Of engine and topic. */
  readonly name = `chaos_mysql_${++runs}`
  readonly #options: MysqlSubjectOptions
  readonly #proxy: TcpProxy
  readonly #truth: Truth
  readonly #writers: MysqlWriters
  readonly #random: Random
  readonly #read: ReadValues
  #refusals = 0

  private constructor(options: MysqlSubjectOptions, proxy: TcpProxy, truth: Truth, writers: MysqlWriters) {
    const { avro, seed } = options
    this.#options = options
    this.faults = ['kill', 'failpoint', 'failpoint', 'zombie', 'overlap', 'broker', 'cut', 'failpoint', 'source-cut', 'cut', 'server', 'kill', ...(avro === undefined ? [] : (['registry', 'registry'] as const))]
    this.#proxy = proxy
    this.#truth = truth
    this.#writers = writers
    this.#random = new Random(seed ^ 0xd15)
    this.#read = avro === undefined ? jsonValues : avroValues(avro.reader, avro.registry.url, this.name)
  }

  /** With writers that wait. */
  static async open(options: MysqlSubjectOptions): Promise<MysqlSubject> {
    const { kind, server, seed, writers = 5, snapshot = false } = options
    const truth = new Truth(server)
    await server.createDatabase(DATABASE)
    await truth.skip()
    if (kind === 'mariadb') await server.query('set global log_bin_compress_min_len = 64, global log_bin_compress = ON')
    await server.script(schema(), DATABASE)
    if (snapshot) await server.script(moreRows(MANY_ROWS), DATABASE)
    const proxy = await startTcpProxy(server.port)
    const writing = new MysqlWriters(server, kind, writers, seed)
    // what is prepared before the engine begins would come without its rows
    writing.calm = true
    await writing.pause()
    return new MysqlSubject(options, proxy, truth, writing)
  }

  get committed(): number {
    return this.#writers.committed
  }

  get notes(): string[] {
    const { altered, left, refused } = this.#writers
    return [`schema changes   ${altered}`, `XA left prepared ${left}`, `refused          ${refused} (deadlocks, lock timeouts, columns that are gone)`, ...(this.#options.avro === undefined ? [] : [`registry refused  ${this.#refusals}`])]
  }

  start(order: KafkaOrder, killAt?: KillAt): KafkaProcess {
    const { kind, child, avro } = this.#options
    const whole: MysqlKafkaOrder = { ...order, kind, port: this.#proxy.port, database: DATABASE, historyTopic: `${this.name}.history`, ...(avro === undefined ? {} : { registry: avro.registry.url }) }
    return new EngineProcess<KafkaOrder>(child, whole, killAt)
  }

  /** Until an offset is stored an engine that reads no rows would begin wherever the log has come to. */
  begun(engine: KafkaProcess): boolean {
    return engine.lines().some((line) => 'stored' in line)
  }

  flow(): void {
    this.#writers.resume()
  }

  async resume(): Promise<void> {
    if (this.#options.snapshot !== true) await this.#truth.read()
    this.#writers.calm = false
    this.#writers.resume()
  }

  async pause(): Promise<void> {
    await this.#writers.pause()
  }

  async end(): Promise<void> {
    await this.#options.server.query('insert into marker (id, ver) values (1, 1)', DATABASE)
  }

  isEnd({ table }: TopicLine): boolean {
    return table === 'marker'
  }

  async disturb(fault: Disturbance): Promise<string> {
    if (fault === 'registry') return await this.#registryDown(this.#options.avro!.registry.front)
    if (fault === 'source-cut') {
      this.#proxy.cutAfter(this.#random.between(0, 20_000))
      return 'connections of the source cut'
    }
    await this.#writers.killServer()
    return 'database server killed'
  }

  async lines(records: readonly StoredRecord[]): Promise<TopicLine[]> {
    return await toLines(records, this.#read)
  }

  async truth(): Promise<TrueChange[]> {
    return changesOf(await this.#truth.read())
  }

  async judge(lines: readonly TopicLine[]): Promise<StreamedTruth> {
    return judgeSnapshots(await this.#truth.read(), lines)
  }

  /** Until the engine has asked it for something, and a little longer. */
  async #registryDown(front: RegistryFront): Promise<string> {
    const { answer, what } = this.#random.pick(REGISTRY_DOWN)
    const { altered } = this.#writers
    const asked = front.requests.length
    front.answer(answer)
    for (const end = performance.now() + REGISTRY_ASKED_MS; performance.now() < end && (front.requests.length === asked || this.#writers.altered === altered); ) await delay(10)
    await delay(this.#random.between(0, 1_000))
    const refused = front.requests.length - asked
    front.clear()
    this.#refusals += refused
    return refused === 0 ? 'registry down, and not asked' : `registry ${what}`
  }

  same(line: TopicLine, change: TrueChange): boolean {
    return says(line, change)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // what stays prepared would keep the next database from being made anew
    await this.#writers.pause()
    await this.#writers.endPrepared()
    await this.#writers[Symbol.asyncDispose]()
    await this.#proxy[Symbol.asyncDispose]()
  }
}

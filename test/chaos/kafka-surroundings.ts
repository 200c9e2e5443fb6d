import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startConfluentReader, type ConfluentReader } from '../peer/confluent/confluent-reader.ts'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import type { MysqlServer } from '../server/mysql-server.ts'
import { startPostgres, type PostgresMajor, type PostgresServer } from '../server/postgres.ts'
import { startRegistry, type RegistryServer } from '../server/registry.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { CompiledChild } from './compiled-child.ts'
import { KAFKA_CHAOS_SETTINGS, PostgresSubject } from './kafka-postgres.ts'
import { runFaults, type KafkaChaosResult, type KafkaRunOptions } from './kafka-run.ts'
import type { KafkaSubject } from './kafka-subject.ts'
import { MysqlSubject } from './mysql/kafka-subject.ts'
import { startChaosServer } from './mysql/main.ts'

export interface KafkaSurroundingsOptions {
  /** The database. Default postgres. */
  readonly from?: 'postgres' | 'mysql' | 'mariadb'
  /** Of PostgreSQL. Default 17. */
  readonly major?: PostgresMajor
  /** Of MySQL and MariaDB: records are Avro, in the place of JSON. Default false. */
  readonly avro?: boolean
  /** MySQL: gtid_mode=OFF. Default false. */
  readonly withoutGtid?: boolean
}

export type KafkaFaults = Pick<KafkaRunOptions, 'faults' | 'patienceMs' | 'seed' | 'maxBatchEvents' | 'untilWrong' | 'snapshotKills' | 'say'> & {
  readonly child?: CompiledChild
  /** Connections that write. */
  readonly writers?: number
  /** Where there is a violation. Default true. */
  readonly keepLogs?: boolean
}

/** Everything that a run with faults needs, for as many runs as come. */
export class KafkaSurroundings implements AsyncDisposable {
  readonly #options: KafkaSurroundingsOptions
  readonly #parts: AsyncDisposable[] = []
  #child: CompiledChild | undefined
  #server: PostgresServer | MysqlServer | undefined
  #proxy: TcpProxy | undefined
  #kafka: KafkaServer | undefined
  #reader: KafkaClient | undefined
  #avro: { readonly registry: RegistryServer; readonly reader: ConfluentReader } | undefined

  constructor(options: KafkaSurroundingsOptions = {}) {
    this.#options = options
  }

  /** The engine's program, once started. */
  get child(): CompiledChild {
    return this.#child!
  }

  async start(): Promise<void> {
    const avro = this.#options.avro === true ? [this.#startAvro()] : []
    await Promise.all([this.#startDatabase(), this.#startKafka(), startKafkaClient().then((reader) => (this.#reader = this.#keep(reader))), ...avro])
  }

  /** Of the database's server. */
  async version(): Promise<string> {
    return String(await this.#server!.value('select version()'))
  }

  /** Logs are kept in a folder that a violation is told with. */
  async run({ child = this.child, writers, keepLogs = true, ...options }: KafkaFaults): Promise<KafkaChaosResult> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    let kept = keepLogs
    try {
      await using subject = await this.#subject(child, options, writers)
      const result = await runFaults(subject, { kafka: this.#kafka!, proxy: this.#proxy!, reader: this.#reader!, folder, ...options })
      kept = keepLogs && result.violations.length > 0
      return result
    } finally {
      if (kept) console.error(`logs are kept in ${folder}`)
      else rmSync(folder, { recursive: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.[Symbol.dispose]()
    for (const part of this.#parts.reverse()) await part[Symbol.asyncDispose]()
  }

  async #subject(child: CompiledChild, { seed, snapshotKills }: Pick<KafkaRunOptions, 'seed' | 'snapshotKills'>, writers?: number): Promise<KafkaSubject> {
    const { from = 'postgres' } = this.#options
    if (from === 'postgres') return await PostgresSubject.open(this.#server as PostgresServer, child, seed, writers)
    return await MysqlSubject.open({ kind: from, server: this.#server as MysqlServer, child, seed, avro: this.#avro, snapshot: snapshotKills !== undefined, ...(writers === undefined ? {} : { writers }) })
  }

  async #startDatabase(): Promise<void> {
    const { from = 'postgres', major = 17, withoutGtid = false } = this.#options
    this.#server = this.#keep(from === 'postgres' ? await startPostgres({ major, settings: KAFKA_CHAOS_SETTINGS }) : await startChaosServer(from, withoutGtid))
    // keeps this process busy, while the others, which take longer, start in theirs
    this.#child = CompiledChild.compile(from === 'postgres' ? 'kafka-child' : 'mysql/kafka-child')
  }

  async #startKafka(): Promise<void> {
    this.#proxy = this.#keep(await startTcpProxy(0))
    this.#kafka = this.#keep(await startKafka({ proxy: this.#proxy }))
  }

  /** Tables change in ways that no level of compatibility allows. */
  async #startAvro(): Promise<void> {
    const [registry, reader] = await Promise.all([startRegistry({ compatibility: 'NONE' }), startConfluentReader()])
    this.#avro = { registry: this.#keep(registry), reader: this.#keep(reader) }
  }

  #keep<Part extends AsyncDisposable>(part: Part): Part {
    this.#parts.push(part)
    return part
  }
}

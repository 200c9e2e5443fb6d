import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomInt } from 'node:crypto'
import { startKafkaClient, type KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import { startKafka, type KafkaServer } from '../server/kafka.ts'
import { startPostgres, type PostgresServer } from '../server/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../server/tcp-proxy.ts'
import { CompiledChild } from './compiled-child.ts'
import { KAFKA_CHAOS_SETTINGS, runKafkaChaos, type KafkaChaosOptions, type KafkaChaosResult } from './kafka-run.ts'

/** Everything that a run with faults needs, for as many runs as come. */
export class KafkaSurroundings implements AsyncDisposable {
  #child: CompiledChild | undefined
  #server: PostgresServer | undefined
  #proxy: TcpProxy | undefined
  #kafka: KafkaServer | undefined
  #reader: KafkaClient | undefined

  /** The engine's program, once started. */
  get child(): CompiledChild {
    return this.#child!
  }

  async start(): Promise<void> {
    this.#child = CompiledChild.compile('kafka-child')
    this.#server = await startPostgres({ major: 17, settings: KAFKA_CHAOS_SETTINGS })
    this.#proxy = await startTcpProxy(0)
    this.#kafka = await startKafka({ proxy: this.#proxy })
    this.#reader = await startKafkaClient()
  }

  /** Prints its seed; TAILRACE_SEED gives one. */
  async run(options: Pick<KafkaChaosOptions, 'child' | 'faults' | 'writers' | 'patienceMs'>): Promise<KafkaChaosResult> {
    const seed = Number(process.env['TAILRACE_SEED'] ?? randomInt(2 ** 31))
    console.log(`chaos: TAILRACE_SEED=${seed}`)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tailrace-chaos-'))
    try {
      return await runKafkaChaos({ server: this.#server!, kafka: this.#kafka!, proxy: this.#proxy!, reader: this.#reader!, folder, seed, ...options })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.[Symbol.dispose]()
    for (const part of [this.#reader, this.#kafka, this.#proxy, this.#server]) await part?.[Symbol.asyncDispose]()
  }
}

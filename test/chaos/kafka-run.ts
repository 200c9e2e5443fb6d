import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { KAFKA_FAILPOINTS } from '../../src/observe/failpoint.ts'
import type { KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'
import type { PostgresServer } from '../server/postgres.ts'
import type { TcpProxy } from '../server/tcp-proxy.ts'
import type { CompiledChild } from './compiled-child.ts'
import type { LogLine } from './engine-order.ts'
import { EngineProcess, type KillAt } from './engine-process.ts'
import type { KafkaOrder } from './kafka-order.ts'
import { compareTopic, type TopicVerdict } from './kafka-verdict.ts'
import { Deck, Random } from './random.ts'
import { PREFILL, SCHEMA, TABLES } from './schema.ts'
import { Truth } from './truth.ts'
import { Writers } from './writers.ts'

let runs = 0
const WRITERS = 8
const LONG_MS = 90_000
const PATIENCE_MS = 6_000

type Line = Extract<LogLine, { e: string }>

/** A server on which a process that stands still loses its slot soon. */
export const KAFKA_CHAOS_SETTINGS: Readonly<Record<string, string>> = { wal_sender_timeout: '1s' }

export type Fault = 'kill' | 'failpoint' | 'zombie' | 'overlap' | 'broker' | 'cut'
const FAULTS: readonly Fault[] = ['kill', 'failpoint', 'failpoint', 'zombie', 'overlap', 'broker', 'cut', 'failpoint', 'kill', 'cut']
const POINTS: readonly KillAt['point'][] = [...KAFKA_FAILPOINTS.filter((point) => point !== 'kafka.transaction-unknown'), 'pump.sink-before', 'ledger.settled', 'ledger.save-before', 'ledger.save-after', 'ledger.acknowledged']
/** What an instance may end with once another one has gone on. */
const SUPERSEDED: ReadonlySet<string> = new Set(['TR_KAFKA_FENCED', 'TR_PG_SLOT_ACTIVE', 'TR_PG_SLOT_ADVANCED'])

export interface KafkaChaosOptions {
  readonly server: PostgresServer
  readonly kafka: KafkaServer
  /** Before the broker. */
  readonly proxy: TcpProxy
  readonly reader: KafkaClient
  readonly child: CompiledChild
  /** For logs. */
  readonly folder: string
  /** How many, or which. */
  readonly faults: number | readonly (Fault | KillAt)[]
  /** Connections that write. Default 8. */
  readonly writers?: number
  /** Milliseconds until an engine streams, and that nothing may arrive at the end. Default 90000. */
  readonly patienceMs?: number
  readonly seed: number
  readonly say?: (line: string) => void
}

export interface KafkaChaosResult extends TopicVerdict {
  /** Faults by what they were. */
  readonly faults: ReadonlyMap<string, number>
  readonly committed: number
}

/** Writers that never stop, an engine that writes to Kafka exactly once through faults of every kind, and what a consumer makes of the topic. */
export async function runKafkaChaos(options: KafkaChaosOptions): Promise<KafkaChaosResult> {
  const name = `chaos_kafka_${++runs}`
  const { server, seed, faults, writers: count = WRITERS } = options
  await server.createDatabase(name)
  await server.query(SCHEMA, name)
  await server.query(PREFILL, name)
  await using truth = await Truth.start(server.url(name))
  await using writers = await Writers.start(server.url(name), count, seed)
  await writers.pause()
  await using run = new KafkaChaosRun(options, name)
  await run.begin()
  await truth.read()
  writers.resume()
  if (typeof faults === 'number') for (let fault = 0; fault < faults; fault++) await run.fault()
  else for (const fault of faults) await run.fault(fault)
  await writers.pause()
  await run.finish()
  return { ...(await run.verdict(await truth.read())), faults: run.faults, committed: writers.committed }
}

class KafkaChaosRun implements AsyncDisposable {
  readonly faults = new Map<string, number>()
  readonly #options: KafkaChaosOptions
  /** Of database, engine, slot, publication and topic. */
  readonly #name: string
  readonly #random: Random
  readonly #deck: Deck<Fault>
  readonly #points: Deck<KillAt['point']>
  readonly #wrong: string[] = []
  readonly #consumed: Line[] = []
  #next = 0n
  #engine: EngineProcess<KafkaOrder>
  #started = 0

  constructor(options: KafkaChaosOptions, name: string) {
    this.#options = options
    this.#name = name
    this.#random = new Random(options.seed ^ 0x5eed)
    this.#deck = new Deck(FAULTS, this.#random)
    this.#points = new Deck(POINTS, this.#random)
    this.#engine = this.#start()
  }

  async begin(): Promise<void> {
    await this.#streaming(this.#engine)
  }

  async fault(fault: Fault | KillAt = this.#deck.deal()): Promise<void> {
    const label = await (typeof fault === 'string' ? this.#bringAbout(fault) : this.#killedAtPoint(fault))
    this.faults.set(label, (this.faults.get(label) ?? 0) + 1)
    this.#options.say?.(`${label}`)
  }

  /** Nobody writes: what is left arrives, and the engine stops in order. */
  async finish(): Promise<void> {
    const { server } = this.#options
    await server.query("insert into marker (tag) values ('end')", this.#name)
    const patienceMs = this.#options.patienceMs ?? LONG_MS
    for (let end = performance.now() + patienceMs; ; await delay(100)) {
      if (!this.#engine.running) this.#replace('at the end')
      const consumed = this.#consumed.length
      await this.#consume()
      // what has piled up may take its time, as long as it comes
      if (this.#consumed.length > consumed) end = performance.now() + patienceMs
      if (this.#consumed.at(-1)?.a?.['tag'] === 'end') break
      if (performance.now() > end) {
        this.#wrong.push('the last change did not arrive')
        break
      }
    }
    this.#engine.terminate()
    if (!(await this.#engine.ended(30_000))) this.#wrong.push('the engine did not stop')
  }

  async verdict(truth: Parameters<typeof compareTopic>[0]): Promise<TopicVerdict> {
    await this.#consume()
    const [end] = await this.#options.kafka.endOffsets(this.#name)
    // with markers of transactions, of which there is one each
    return compareTopic(truth, this.#consumed, Number(end), this.#wrong)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.kill()
  }

  async #bringAbout(fault: Fault): Promise<string> {
    const { kafka, proxy } = this.#options
    switch (fault) {
      case 'kill':
        await this.#running()
        await this.#engine.kill()
        this.#engine = this.#start()
        return 'killed at any time'
      case 'failpoint':
        return await this.#killedAtPoint({ point: this.#points.deal(), nth: this.#random.between(1, 20) })
      case 'zombie':
        return await this.#zombie()
      case 'overlap':
        return await this.#overlap()
      case 'broker':
        await this.#running()
        if (this.#random.chance(0.5)) await kafka.kill()
        else await kafka.stop()
        await delay(this.#random.between(0, 500))
        await kafka.start()
        await this.#stillRuns('broker restarted')
        return 'broker restarted'
      case 'cut':
        await this.#running()
        for (let cut = this.#random.between(1, 5); cut > 0; cut--) {
          proxy.cut()
          await delay(this.#random.between(0, 200))
        }
        await this.#stillRuns('connections cut')
        return 'connections cut'
    }
  }

  async #killedAtPoint(at: KillAt): Promise<string> {
    await this.#engine.kill()
    this.#engine = this.#start(at)
    await this.#engine.ended(PATIENCE_MS)
    await this.#engine.kill()
    const label = this.#engine.signal === 'SIGKILL' ? `killed at ${at.point}` : 'ended'
    this.#engine = this.#start()
    return label
  }

  /** It stands still in the middle of its work, another instance takes over, and then it wakes. */
  async #zombie(): Promise<string> {
    await this.#running()
    const zombie = this.#engine
    zombie.pause()
    this.#engine = this.#start()
    await this.#streaming(this.#engine)
    await delay(this.#random.between(0, 300))
    zombie.wake()
    await zombie.ended(PATIENCE_MS)
    await zombie.kill()
    this.#expectSuperseded(zombie, 'the zombie')
    return 'woke behind another instance'
  }

  /** Another instance is started while it works, as in a careless deployment. */
  async #overlap(): Promise<string> {
    await this.#running()
    const older = this.#engine
    this.#engine = this.#start()
    await this.#streaming(this.#engine)
    await older.ended(PATIENCE_MS)
    await older.kill()
    this.#expectSuperseded(older, 'the older instance')
    return 'another instance started'
  }

  #expectSuperseded(instance: EngineProcess<KafkaOrder>, which: string): void {
    const failed = instance.lines().find((line) => 'failed' in line)
    if (failed !== undefined && !SUPERSEDED.has(failed.failed)) this.#wrong.push(`${which} ended with ${failed.failed}: ${failed.message}`)
  }

  /** It streams, and then a moment passes. */
  async #running(): Promise<void> {
    if (!this.#engine.running) this.#replace('between two faults')
    await this.#streaming(this.#engine)
    await delay(this.#random.between(0, 600))
  }

  async #stillRuns(after: string): Promise<void> {
    await delay(this.#random.between(100, 800))
    if (!this.#engine.running) this.#replace(after)
  }

  /** An engine that ended although nobody killed it. */
  #replace(when: string): void {
    const failed = this.#engine.lines().find((line) => 'failed' in line)
    this.#wrong.push(`the engine ended (${when}) with ${failed?.failed ?? 'no error'}: ${failed?.message ?? this.#engine.complaint.slice(0, 1_500)} (${this.#engine.order.log})`)
    this.#engine = this.#start()
  }

  async #streaming(engine: EngineProcess<KafkaOrder>): Promise<void> {
    await engine.until((lines) => lines.some((line) => 'state' in line && line.state === 'streaming'), this.#options.patienceMs ?? LONG_MS)
  }

  #start(killAt?: KillAt): EngineProcess<KafkaOrder> {
    const { server, child, folder, proxy } = this.#options
    const random = this.#random
    return new EngineProcess(child, {
      port: server.port, database: this.#name, name: this.#name, brokers: [`127.0.0.1:${proxy.port}`], topic: this.#name, offsetsTopic: 'chaos-offsets', tables: TABLES.map(({ name }) => name),
      log: path.join(folder, `${String(++this.#started).padStart(3, '0')}.log`), maxBatchEvents: random.pick([4, 32, 200]), offsetIntervalMs: random.pick([0, 10, 100]), ...(random.chance(0.3) ? { maxBufferedBytes: 65_536 } : {}),
    }, killAt)
  }

  /** What a consumer of committed records gets next. */
  async #consume(): Promise<void> {
    const { reader, kafka } = this.#options
    const records = await reader.read({ url: kafka.url, topic: this.#name, from: this.#next, timeoutMs: LONG_MS })
    for (const { value } of records) this.#consumed.push(JSON.parse(value!.toString()) as Line)
    const last = records.at(-1)
    if (last !== undefined) this.#next = last.offset + 1n
  }
}

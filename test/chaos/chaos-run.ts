import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../server/postgres.ts'
import type { CompiledChild } from './compiled-child.ts'
import type { LogLine } from './engine-order.ts'
import { EngineProcess, type Attempt, type KillAt } from './engine-process.ts'
import { labelOf, planKills, type EpochPlan, type Kill } from './kill-plan.ts'
import { judge, type Verdict } from './oracle.ts'
import { Random } from './random.ts'
import { PREFILL, readTables, SCHEMA, TABLES } from './schema.ts'
import { Truth } from './truth.ts'
import { Writers } from './writers.ts'

export const DATABASE = 'chaos'
const WRITERS = 8
/** A point that is not reached by then is not on this attempt’s way: it is killed anyway. */
const PATIENCE_MS = 4_000
const CATCH_UP_MS = 120_000

/** Batches of one event to batches that hold whole transactions, and a sink that takes its time over them. */
const PACES = [{ maxBatchEvents: 1 }, { maxBatchEvents: 3 }, { maxBatchEvents: 16 }, { maxBatchEvents: 64 }, { maxBatchEvents: 64, sinkDelayMs: 5 }, { maxBatchEvents: 200, sinkDelayMs: 15 }]

export interface ChaosOptions {
  readonly server: PostgresServer
  readonly child: CompiledChild
  /** For logs and offset files. */
  readonly folder: string
  readonly kills: number
  readonly seed: number
  readonly say?: (line: string) => void
}

export interface ChaosResult {
  readonly verdicts: readonly Verdict[]
  /** Kills by where they happened. */
  readonly kills: ReadonlyMap<string, number>
  readonly committed: number
}

/** Writers that never stop, an engine that is killed again and again, and at each epoch’s end the oracle’s verdict. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { server, seed } = options
  await server.createDatabase(DATABASE)
  await server.query(SCHEMA, DATABASE)
  await using truth = await Truth.start(server.url(DATABASE))
  await server.query(PREFILL, DATABASE)
  await using writers = await Writers.start(server.url(DATABASE), WRITERS, seed)
  const run = new ChaosRun(options, truth, writers)
  await run.epochs(planKills(options.kills, new Random(seed)))
  return { verdicts: run.verdicts, kills: run.kills, committed: writers.committed }
}

class ChaosRun {
  readonly verdicts: Verdict[] = []
  readonly kills = new Map<string, number>()
  readonly #options: ChaosOptions
  readonly #truth: Truth
  readonly #writers: Writers
  readonly #random: Random
  #attempts: Attempt[] = []
  #epoch = 0

  constructor(options: ChaosOptions, truth: Truth, writers: Writers) {
    this.#options = options
    this.#truth = truth
    this.#writers = writers
    this.#random = new Random(options.seed ^ 0x5eed)
  }

  async epochs(plans: readonly EpochPlan[]): Promise<void> {
    const { server } = this.#options
    await this.#writers.pause()
    for (const plan of plans) {
      this.#epoch++
      this.#attempts = []
      const before = await server.withClient(DATABASE, readTables)
      await this.#truth.read()
      this.#writers.resume()
      for (const kill of [...plan.snapshot, ...plan.stream]) await this.#killed(kill)
      await this.#writers.pause()
      await this.#catchUp()
      const after = await server.withClient(DATABASE, readTables)
      const verdict = judge({ before, after, truth: await this.#truth.read(), attempts: this.#attempts })
      this.verdicts.push(verdict)
      this.#options.say?.(`epoch ${this.#epoch}: ${this.#attempts.length} processes, ${verdict.changes} changes, ${verdict.delivered} delivered, ${verdict.snapshotRows} snapshot rows, ${verdict.violations.length} violations`)
      if (verdict.violations.length > 0) return
      await this.#dropSlot()
    }
  }

  get #name(): string {
    return `chaos_${this.#epoch}`
  }

  #start(killAt?: KillAt): EngineProcess {
    const random = this.#random
    const { server, child, folder } = this.#options
    const file = (name: string): string => path.join(folder, `${this.#name}.${name}`)
    return new EngineProcess(child, {
      port: server.port, database: DATABASE, name: this.#name, offsets: file('offset.json'), log: file(`${String(this.#attempts.length + 1).padStart(3, '0')}.log`), tables: TABLES.map(({ name }) => name),
      ...random.pick(PACES), offsetIntervalMs: random.pick([0, 0, 5, 40]),
    }, killAt)
  }

  async #killed(kill: Kill): Promise<void> {
    await using engine = this.#start(kill.kind === 'point' ? kill.at : undefined)
    const label = await this.#provoke(kill, engine)
    await engine.kill()
    this.kills.set(label, (this.kills.get(label) ?? 0) + 1)
    await this.#record(engine)
  }

  /** Brings about the kill; returns what it was. */
  async #provoke(kill: Kill, engine: EngineProcess): Promise<string> {
    if (kill.kind === 'time') {
      const { from } = kill
      // a snapshot that an earlier process has finished begins no more
      if (from !== 'start') await engine.until((lines) => inState(from)(lines) || inState('streaming')(lines), CATCH_UP_MS)
      await engine.ended(kill.ms)
      return labelOf(kill)
    }
    const { point } = kill.at
    if (point === 'engine.draining' || point === 'engine.reconnect' || this.#random.chance(0.15)) {
      await engine.until(inState('streaming'), PATIENCE_MS)
      await delay(this.#random.between(0, 300))
      if (point === 'engine.draining') engine.terminate()
      else await this.#options.server.query('select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active', DATABASE, [this.#name])
    }
    await engine.ended(PATIENCE_MS)
    return engine.signal === 'SIGKILL' ? labelOf(kill) : 'random (its point was not reached)'
  }

  /** Nobody writes: the last process delivers what is left and stops in order. */
  async #catchUp(): Promise<void> {
    const { server } = this.#options
    const tag = `end of ${this.#name}`
    await server.query('insert into marker (tag) values ($1)', DATABASE, [tag])
    await using engine = this.#start()
    const marked = (lines: readonly LogLine[]): boolean => lines.some((line) => 'e' in line && line.t === 'public.marker' && line.a?.['tag'] === tag)
    await engine.until((lines) => inState('streaming')(lines) && marked(lines), CATCH_UP_MS)
    engine.terminate()
    await engine.ended(30_000)
    await this.#record(engine)
  }

  async #record(engine: EngineProcess): Promise<void> {
    // most of the time the next process finds the slot free, sometimes it comes while the walsender still holds it
    if (this.#random.chance(0.7)) await this.#released()
    const [slot] = await this.#options.server.query<{ confirmed: string | null }>('select confirmed_flush_lsn::text as confirmed from pg_replication_slots where slot_name = $1', DATABASE, [this.#name])
    await engine.kill()
    this.#attempts.push(engine.attempt(slot?.confirmed ?? null))
  }

  async #dropSlot(): Promise<void> {
    await this.#released()
    await this.#options.server.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1', DATABASE, [this.#name])
  }

  async #released(): Promise<void> {
    for (const end = performance.now() + 500; performance.now() < end; await delay(10)) {
      if ((await this.#options.server.value('select count(*) from pg_replication_slots where slot_name = $1 and active', DATABASE, [this.#name])) === '0') return
    }
  }
}

function inState(state: string): (lines: readonly LogLine[]) => boolean {
  return (lines) => lines.some((line) => 'state' in line && line.state === state)
}

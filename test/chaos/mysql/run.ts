import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { MysqlServer } from '../../server/mysql-server.ts'
import { startTcpProxy, type TcpProxy } from '../../server/tcp-proxy.ts'
import type { ChaosResult } from '../chaos-run.ts'
import type { CompiledChild } from '../compiled-child.ts'
import type { Verdict } from '../oracle.ts'
import { Random } from '../random.ts'
import { labelOf, planKills, type EpochPlan, type Kill } from './kill-plan.ts'
import { judge } from './oracle.ts'
import type { Kind, KillPoint, MysqlAttempt } from './order.ts'
import { MysqlProcess } from './process.ts'
import { DATABASE, readTables, schema } from './schema.ts'
import { Tables } from './tables.ts'
import { Truth } from './truth.ts'
import { MysqlWriters } from './writers.ts'

/** A point that is not reached by then is not on this attempt’s way: it is killed anyway. */
const PATIENCE_MS = 4_000
const CATCH_UP_MS = 120_000
/** What a snapshot reads grows with every epoch, and with it the time until there is one: after so many, tables begin anew. */
const EPOCHS_OF_A_DATABASE = 3
const PACES = [{ maxBatchEvents: 1 }, { maxBatchEvents: 3 }, { maxBatchEvents: 16 }, { maxBatchEvents: 64 }, { maxBatchEvents: 64, sinkDelayMs: 5 }, { maxBatchEvents: 200, sinkDelayMs: 15 }]

export interface MysqlChaosOptions {
  readonly kind: Kind
  readonly server: MysqlServer
  readonly child: CompiledChild
  /** For logs, offsets and schema histories. */
  readonly folder: string
  readonly kills: number
  readonly seed: number
  /** Default 5. */
  readonly writers?: number
  /** Default false. */
  readonly ignoreGtids?: boolean
  readonly say?: (line: string) => void
}

export interface MysqlChaosResult extends ChaosResult {
  /** Changes of the schema. */
  readonly altered: number
  /** XA transactions that were left by their connections. */
  readonly left: number
  readonly refused: number
}

/** Writers that never stop, an engine that is killed again and again, and at each epoch’s end the oracle’s verdict. */
export async function runMysqlChaos(options: MysqlChaosOptions): Promise<MysqlChaosResult> {
  const { server, seed, kind } = options
  if (kind === 'mariadb') await server.query('set global log_bin_compress_min_len = 64')
  await using proxy = await startTcpProxy(server.port)
  const all = { verdicts: [] as Verdict[], kills: new Map<string, number>(), committed: 0, altered: 0, left: 0, refused: 0 }
  const plans = planKills(options.kills, new Random(seed))
  for (let first = 0; first < plans.length && all.verdicts.every(({ violations }) => violations.length === 0); first += EPOCHS_OF_A_DATABASE) {
    const truth = new Truth(server)
    await server.createDatabase(DATABASE)
    await truth.skip()
    await server.script(schema(), DATABASE)
    await using writers = new MysqlWriters(server, kind, options.writers ?? 5, seed + first)
    const run = new MysqlChaos({ ...options, seed: seed + first }, truth, writers, proxy, first)
    await run.epochs(plans.slice(first, first + EPOCHS_OF_A_DATABASE))
    await writers.pause()
    await writers.endPrepared()
    all.verdicts.push(...run.verdicts)
    for (const [label, count] of run.kills) all.kills.set(label, (all.kills.get(label) ?? 0) + count)
    for (const name of ['committed', 'altered', 'left', 'refused'] as const) all[name] += writers[name]
  }
  return all
}

class MysqlChaos {
  readonly verdicts: Verdict[] = []
  readonly kills = new Map<string, number>()
  readonly #options: MysqlChaosOptions
  readonly #truth: Truth
  readonly #writers: MysqlWriters
  readonly #proxy: TcpProxy
  readonly #random: Random
  readonly #tables = new Tables()
  #attempts: MysqlAttempt[] = []
  #epoch: number

  /** `epoch`: how many there were before. */
  constructor(options: MysqlChaosOptions, truth: Truth, writers: MysqlWriters, proxy: TcpProxy, epoch: number) {
    this.#epoch = epoch
    this.#options = options
    this.#truth = truth
    this.#writers = writers
    this.#proxy = proxy
    this.#random = new Random(options.seed ^ 0x5eed)
  }

  async epochs(plans: readonly EpochPlan[]): Promise<void> {
    const { server, say } = this.#options
    for (const plan of plans) {
      this.#epoch++
      this.#attempts = []
      this.#writers.calm = true
      await this.#writers.endPrepared()
      for (const kill of plan.snapshot) await this.#killed(kill)
      for (const kill of plan.stream) {
        await this.#killed(kill)
        // the first of them has come to its stream
        this.#writers.calm = false
      }
      await this.#writers.pause()
      await this.#catchUp()
      const verdict = judge({ tables: this.#tables, truth: await this.#truth.read(), attempts: this.#attempts, after: await readTables(server) })
      this.verdicts.push(verdict)
      say?.(`epoch ${this.#epoch}: ${this.#attempts.length} processes, ${verdict.changes} changes, ${verdict.delivered} delivered, ${verdict.snapshotRows} snapshot rows, ${verdict.violations.length} violations`)
      if (verdict.violations.length > 0) return
      this.#writers.resume()
    }
  }

  #start(kill?: Kill): MysqlProcess {
    const random = this.#random
    const { child, folder, kind, ignoreGtids = false } = this.#options
    const name = `chaos_${this.#epoch}`
    const file = (ending: string): string => path.join(folder, `${name}.${ending}`)
    return new MysqlProcess(child, {
      kind, port: this.#proxy.port, database: DATABASE, name, offsets: file('offset.json'), history: file('history'), log: file(`${String(this.#attempts.length + 1).padStart(3, '0')}.log`), ignoreGtids,
      ...random.pick(PACES), offsetIntervalMs: random.pick([0, 0, 5, 40]),
    }, kill?.kind === 'point' ? kill : undefined)
  }

  async #killed(kill: Kill): Promise<void> {
    if (this.#options.kind === 'mariadb' && this.#random.chance(0.3)) await this.#options.server.query(`set global log_bin_compress = ${this.#random.pick(['ON', 'OFF'])}`)
    await using engine = this.#start(kill)
    const label = await this.#provoke(kill, engine)
    await engine.kill()
    this.kills.set(label, (this.kills.get(label) ?? 0) + 1)
    this.#attempts.push(engine.evidence)
  }

  /** Brings about the kill; returns what it was. */
  async #provoke(kill: Kill, engine: MysqlProcess): Promise<string> {
    switch (kill.kind) {
      case 'time':
        // a snapshot that an earlier process has finished begins no more
        if (kill.from !== 'start') await engine.says(({ state }) => state === kill.from || state === 'streaming', CATCH_UP_MS)
        await engine.ended(kill.ms)
        return labelOf(kill)
      case 'server':
        await engine.inState('streaming', PATIENCE_MS)
        await this.#writers.killServer()
        await engine.ended(kill.ms)
        return labelOf(kill)
      case 'cut':
        await engine.inState('streaming', PATIENCE_MS)
        this.#proxy.cutAfter(kill.bytes)
        await engine.ended(kill.ms)
        return labelOf(kill)
      case 'point':
        await this.#lead(kill.point, engine)
        await engine.ended(PATIENCE_MS)
        return engine.signal === 'SIGKILL' ? labelOf(kill) : 'random (its point was not reached)'
    }
  }

  /** To points that it does not come to by itself. */
  async #lead(point: KillPoint, engine: MysqlProcess): Promise<void> {
    if (point !== 'engine.draining' && point !== 'engine.reconnect' && !this.#random.chance(0.15)) return
    await engine.inState('streaming', PATIENCE_MS)
    await delay(this.#random.between(0, 300))
    if (point === 'engine.draining') engine.terminate()
    else this.#proxy.cut()
  }

  /** Nobody writes: the last process delivers what is left and stops in order. */
  async #catchUp(): Promise<void> {
    const { server } = this.#options
    await server.query('insert into marker (id, ver) values (?, 1)', DATABASE, [this.#epoch])
    await using engine = this.#start()
    await engine.delivers(String(this.#epoch), CATCH_UP_MS)
    await engine.inState('streaming', CATCH_UP_MS)
    engine.terminate()
    await engine.ended(30_000)
    await engine.kill()
    this.#attempts.push(engine.evidence)
  }
}

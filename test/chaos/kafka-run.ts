import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'
import type { TcpProxy } from '../server/tcp-proxy.ts'
import type { KillPoint } from './engine-order.ts'
import type { KillAt } from './engine-process.ts'
import type { Fault, KafkaProcess, KafkaSubject } from './kafka-subject.ts'
import { compareTopic, type TopicLine, type TopicVerdict } from './kafka-verdict.ts'
import { Deck, Random } from './random.ts'

const LONG_MS = 90_000
const PATIENCE_MS = 6_000
/** On the way of a snapshot's rows. */
const SNAPSHOT_POINTS: readonly KillPoint[] = ['source.snapshot-row-chunk', 'source.snapshot-table-read', 'source.snapshot-read', 'pump.sink-before', 'kafka.transaction-sent', 'kafka.transaction-after']

export interface KafkaRunOptions {
  readonly kafka: KafkaServer
  /** Before the broker. */
  readonly proxy: TcpProxy
  readonly reader: KafkaClient
  /** For logs. */
  readonly folder: string
  /** How many, or which. */
  readonly faults: number | readonly (Fault | KillAt)[]
  /** Milliseconds until an engine streams, and that nothing may arrive at the end. Default 90000. */
  readonly patienceMs?: number
  readonly seed: number
  /** An initial snapshot is taken while changes flow, and its engine is killed so many times before one comes to its end. Default none, and no snapshot. */
  readonly snapshotKills?: number
  /** Changes at once. Default: now few, now many. */
  readonly maxBatchEvents?: number
  /** Ends with what goes wrong first, where a mistake only has to be found; what the topic has is judged if nothing does. Default false. */
  readonly untilWrong?: boolean
  readonly say?: (line: string) => void
}

export interface KafkaChaosResult extends TopicVerdict {
  /** Faults by what they were. */
  readonly faults: ReadonlyMap<string, number>
  readonly committed: number
  readonly notes: readonly string[]
}

/** Writers that never stop, an engine that writes to Kafka exactly once through faults of every kind, and what a consumer makes of the topic. */
export async function runFaults(subject: KafkaSubject, options: KafkaRunOptions): Promise<KafkaChaosResult> {
  const { faults } = options
  if (options.snapshotKills !== undefined) subject.flow!()
  await using run = new KafkaRun(subject, options)
  await run.begin()
  await subject.resume()
  const dealt: readonly (Fault | KillAt | undefined)[] = typeof faults === 'number' ? Array.from({ length: faults }, () => undefined) : faults
  for (const fault of dealt) if (!run.enough) await run.fault(fault)
  await subject.pause()
  options.say?.('the writers are still')
  if (!run.enough) await run.finish()
  options.say?.('the engine has stopped')
  const verdict = run.enough ? run.foundOut() : await run.verdict()
  return { ...verdict, faults: run.faults, committed: subject.committed, notes: subject.notes }
}

class KafkaRun implements AsyncDisposable {
  readonly faults = new Map<string, number>()
  readonly #subject: KafkaSubject
  readonly #options: KafkaRunOptions
  readonly #random: Random
  readonly #deck: Deck<Fault>
  readonly #points: Deck<KillPoint>
  readonly #wrong: string[] = []
  readonly #consumed: TopicLine[] = []
  readonly #begun = performance.now()
  #next = 0n
  #made = false
  #engine: KafkaProcess
  #started = 0

  constructor(subject: KafkaSubject, options: KafkaRunOptions) {
    this.#subject = subject
    this.#options = options
    this.#random = new Random(options.seed ^ 0x5eed)
    this.#deck = new Deck(subject.faults, this.#random)
    this.#points = new Deck(subject.points, this.#random)
    this.#engine = this.#start(options.snapshotKills === undefined ? undefined : this.#inSnapshot())
  }

  /** Something went wrong, and more is not asked for. */
  get enough(): boolean {
    return this.#options.untilWrong === true && this.#wrong.length > 0
  }

  async begin(): Promise<void> {
    if (this.#options.snapshotKills !== undefined) await this.#snapshots(this.#options.snapshotKills)
    await this.#streaming(this.#engine)
    if (!(await this.#engine.until(() => this.#subject.begun(this.#engine), this.#options.patienceMs ?? LONG_MS))) this.#wrong.push(`the first engine did not begin: ${this.#engine.complaint.slice(0, 1_500)} (${this.#engine.order.log})`)
  }

  async fault(fault: Fault | KillAt = this.#deck.deal()): Promise<void> {
    const label = await (typeof fault === 'string' ? this.#bringAbout(fault) : this.#killedAtPoint(fault))
    this.faults.set(label, (this.faults.get(label) ?? 0) + 1)
    this.#options.say?.(`${((performance.now() - this.#begun) / 1000).toFixed(1)} s: ${label}`)
  }

  /** Nobody writes: what is left arrives, and the engine stops in order. */
  async finish(): Promise<void> {
    await this.#subject.end()
    const patienceMs = this.#options.patienceMs ?? LONG_MS
    for (let end = performance.now() + patienceMs; ; await delay(100)) {
      if (!this.#engine.running) this.#replace('at the end')
      const consumed = this.#consumed.length
      if (this.enough) return
      await this.#consume()
      // what has piled up may take its time, as long as it comes
      if (this.#consumed.length > consumed) end = performance.now() + patienceMs
      const last = this.#consumed.at(-1)
      if (last !== undefined && this.#subject.isEnd(last)) break
      if (performance.now() > end) {
        this.#wrong.push('the last change did not arrive')
        break
      }
    }
    this.#engine.terminate()
    if (!(await this.#engine.ended(30_000))) this.#wrong.push('the engine did not stop')
  }

  /** What went wrong, without what the topic has. */
  foundOut(): TopicVerdict {
    return compareTopic([], [], 0, this.#wrong)
  }

  async verdict(): Promise<TopicVerdict> {
    await this.#consume()
    const [end] = await this.#options.kafka.endOffsets(this.#subject.name)
    const { truth, lines, wrong } = this.#options.snapshotKills === undefined ? { truth: await this.#subject.truth(), lines: this.#consumed, wrong: [] } : await this.#subject.judge!(this.#consumed)
    // with markers of transactions, of which there is one each
    return compareTopic(truth, lines, Number(end), [...this.#wrong, ...wrong], this.#subject.same?.bind(this.#subject))
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
        // in a controlled shutdown the only leader of a partition resigns, and the coordinator takes the partition for a deleted one: it commits without a marker (KAFKA-20734)
        await kafka.kill()
        await delay(this.#random.between(0, 500))
        await kafka.start()
        await this.#stillRuns('broker killed')
        return 'broker killed'
      case 'cut':
        await this.#running()
        for (let cut = this.#random.between(1, 5); cut > 0; cut--) {
          proxy.cut()
          await delay(this.#random.between(0, 200))
        }
        await this.#stillRuns('connections cut')
        return 'connections cut'
      case 'server':
      case 'source-cut':
      case 'registry': {
        await this.#running()
        const label = await this.#subject.disturb!(fault)
        await this.#stillRuns(label)
        return label
      }
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

  /** The engine takes the snapshot, is killed in it, and takes another one, until it is left alone. */
  async #snapshots(kills: number): Promise<void> {
    for (let left = kills; left > 0; left--) {
      await this.#engine.ended(PATIENCE_MS)
      await this.#engine.kill()
      const over = this.#engine.lines().some((line) => 'state' in line && line.state === 'streaming')
      const label = over ? 'killed behind the snapshot' : 'killed inside of the snapshot'
      this.faults.set(label, (this.faults.get(label) ?? 0) + 1)
      this.#options.say?.(label)
      this.#engine = this.#start(left === 1 || over ? undefined : this.#inSnapshot())
      if (over) return
    }
  }

  #inSnapshot(): KillAt {
    const point = this.#random.pick(SNAPSHOT_POINTS)
    return { point, nth: this.#random.between(1, point === 'source.snapshot-read' ? 1 : point === 'source.snapshot-table-read' ? 4 : 12) }
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

  #expectSuperseded(instance: KafkaProcess, which: string): void {
    const failed = instance.lines().find((line) => 'failed' in line)
    if (failed !== undefined && !this.#subject.superseded.has(failed.failed)) this.#wrong.push(`${which} ended with ${failed.failed}: ${failed.message} (${instance.order.log})`)
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

  async #streaming(engine: KafkaProcess): Promise<void> {
    const reached = await engine.until((lines) => lines.some((line) => 'state' in line && line.state === 'streaming'), this.#options.patienceMs ?? LONG_MS)
    // one that has ended is told of where that is no surprise
    if (!reached && engine.running) this.#wrong.push(`an engine runs and does not stream (${engine.order.log})`)
  }

  #start(killAt?: KillAt): KafkaProcess {
    const { folder, proxy } = this.#options
    const { name } = this.#subject
    const random = this.#random
    return this.#subject.start({
      name, brokers: [`127.0.0.1:${proxy.port}`], topic: name, offsetsTopic: 'chaos-offsets',
      log: path.join(folder, `${String(++this.#started).padStart(3, '0')}.log`), maxBatchEvents: this.#options.maxBatchEvents ?? random.pick([4, 32, 200]), offsetIntervalMs: random.pick([0, 10, 100]), ...(random.chance(0.3) ? { maxBufferedBytes: 65_536 } : {}), ...(this.#options.snapshotKills === undefined ? {} : { snapshot: true }),
    }, killAt)
  }

  /** What a consumer of committed records gets next. */
  async #consume(): Promise<void> {
    const { reader, kafka } = this.#options
    // every engine so far may have come to grief before it made the topic
    this.#made ||= (await kafka.withAdmin(async (admin) => await admin.listTopics())).includes(this.#subject.name)
    if (!this.#made) return
    const records = await reader.read({ url: kafka.url, topic: this.#subject.name, from: this.#next, timeoutMs: LONG_MS })
    for (const line of await this.#subject.lines(records)) this.#consumed.push(line)
    const last = records.at(-1)
    if (last !== undefined) this.#next = last.offset + 1n
  }
}

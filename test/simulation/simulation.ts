import type { Engine } from '../../src/engine/engine.ts'
import type { EngineOptions } from '../../src/engine/options.ts'
import { isTailraceError } from '../../src/error/tailrace-error.ts'
import type { Format } from '../../src/format/format.ts'
import { ABSENT } from '../../src/format/record-batch.ts'
import type { Failpoint } from '../../src/observe/failpoint.ts'
import { SimulatedOffsets } from './simulated-offsets.ts'
import { SimulatedSink } from './simulated-sink.ts'
import { SimulatedSource } from './simulated-source.ts'
import { World, type Life, type Mishaps } from './world.ts'

export type EngineClass = new (...parameters: ConstructorParameters<typeof Engine>) => Engine

const NO_MISHAPS: Mishaps = { disconnect: 0, final: 0, again: 0, reject: 0, never: 0, flush: 0, save: 0, delay: 0.3 }
const HOUR = 3_600_000
/** A stop may take the time it was given, and after that what stores and sinks take without failing. */
const STOP_SLACK = 20_000
/** The moves of the life cycle, written down a second time. */
const MOVES = new Set([
  'idle preflight', 'idle stopped', 'preflight snapshot', 'preflight streaming', 'preflight draining', 'preflight failed', 'snapshot streaming', 'snapshot draining', 'snapshot failed', 'streaming snapshot', 'streaming draining', 'streaming failed', 'draining stopped', 'draining failed',
])

const immediate = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** One seed: a few lives that end in all kinds of ways, then one without mishaps, after which everything must be there. */
export async function simulate(seed: number, Made: EngineClass): Promise<World> {
  const world = new World(seed)
  for (let number = 0, count = world.random.between(0, 6); number < count && world.violations.length === 0; number++) await live(world, Made, number, false)
  const saves = world.violations.length === 0 ? await live(world, Made, 99, true) : 0
  if (world.violations.length === 0) complete(world, saves)
  return world
}

/** Nothing is missing and nothing is out of order; what came twice came in whole runs. */
function complete(world: World, saves: number): void {
  const line = world.history.line(world.line!)
  const first: string[] = []
  const seen = new Set<string>()
  for (const unit of world.durable) if (seen.size !== seen.add(unit).size) first.push(unit)
  if (!world.lossy && first.join() !== line.join()) world.violate(`${first.length} of ${line.length} units arrived, or in another order`)
  const { storedIndex, durableIndex, sent } = world
  if (storedIndex !== line.length || durableIndex !== line.length || sent !== line.length) world.violate(`at the end stored ${storedIndex}, durable ${durableIndex}, sent ${sent} of ${line.length}`)
  if (saves > 0 && (world.confirmed === undefined || world.confirmed.compare(world.stored!.position) !== 0)) world.violate('at the end the source does not know what is stored')
}

function mishapsOf({ random }: World): Mishaps {
  const some = (most: number): number => (random.chance(0.4) ? random.next() * most : 0)
  return { disconnect: some(0.3), final: some(0.03), again: some(0.3), reject: some(0.1), never: some(0.05), flush: some(0.2), save: some(0.5), delay: random.next() * 0.8 }
}

/** Resolves to the number of saves that were asked for. */
async function live(world: World, Made: EngineClass, number: number, last: boolean): Promise<number> {
  const { random, clock } = world
  const life: Life = { number, alive: true, clock: clock.mortal(() => life.alive), mishaps: last ? NO_MISHAPS : mishapsOf(world), blame: new Set(), finalError: undefined, stopAskedAt: undefined, ended: false }
  const source = new SimulatedSource(world, life)
  const sink = new SimulatedSink(world, life)
  const offsets = new SimulatedOffsets(world, life)
  const end = last ? 'complete' : random.pick(['crash', 'crash', 'failpoint', 'stop', 'signal', 'limit', 'idle'] as const)
  let crashed = false
  let countdown = end === 'failpoint' ? random.between(1, 150) : Infinity
  const reach = (point: Failpoint): void => {
    if (!life.alive || --countdown > 0) return
    world.note(`dies at ${point}`)
    crashed = true
    life.alive = false
    throw new Error('dead')
  }
  const stopAfter = end === 'limit' ? random.between(1, 30) : undefined
  const options: EngineOptions = {
    name: 'simulated', source, offsets, sink, runtime: { clock: life.clock, random: random.next, reach },
    offsetFlush: { intervalMs: random.pick([0, 10, 1_000]), every: random.pick([1, 5, 100_000]), failAfterMs: random.pick([500, 10_000]) },
    limits: { maxBatchEvents: random.pick([1, 3, 8, 1_024]) },
    retry: { initialDelayMs: 100, maxDelayMs: 1_500, maxAttempts: last ? Infinity : random.pick([2, 50]), maxStartAttempts: random.pick([2, 10]) },
    stopTimeoutMs: 5_000,
    ...(stopAfter === undefined ? {} : { stopAfter }), ...(end === 'idle' ? { stopWhenIdleMs: 20_000 } : {}),
  }
  const engine = new Made(options, sink, world.accepts === 'records' ? FORMAT : undefined, undefined)
  watch(world, life, engine, options)
  world.shown = []
  world.note(`life ${number} begins, ${end}, ${JSON.stringify(life.mishaps)}`)
  const controller = new AbortController()
  let outcome: Outcome | undefined
  engine.run({ signal: controller.signal }).then(() => (outcome = { error: undefined }), (error: Error) => (outcome = { error }))
  const stop = (): void => {
    life.stopAskedAt = clock.monotonicMs()
    if (end === 'signal') controller.abort()
    else void engine.stop()
  }
  const endAt = clock.monotonicMs() + random.between(0, 30_000)
  // every life ends: one that has found no way by itself is stopped
  const stopAt = end === 'crash' || end === 'stop' || end === 'signal' ? endAt : clock.monotonicMs() + 300_000
  const giveUpAt = clock.monotonicMs() + HOUR
  // a sink that never settles leaves nothing to wait for: time goes on all the same
  for (const at of [endAt, stopAt]) clock.after(at - clock.monotonicMs(), () => {})
  while (outcome === undefined && world.violations.length === 0) {
    await immediate()
    if (outcome !== undefined || crashed) break
    observe(world, engine)
    const now = clock.monotonicMs()
    if (end === 'crash' && now >= endAt) break
    if (life.stopAskedAt === undefined && (now >= stopAt || (last && idle(world)))) {
      // time stands still until the engine has done what it can
      stop()
      continue
    }
    if (life.stopAskedAt !== undefined && now > life.stopAskedAt + 5_000 + STOP_SLACK) world.violate('a stop does not end')
    if (now > giveUpAt) world.violate('it does not come to an end')
    if (!clock.advance()) world.violate('nothing will ever happen any more')
  }
  if (outcome === undefined || crashed) {
    life.alive = false
    sink.crash()
    world.note(`life ${number} dies`)
    return offsets.saves
  }
  world.note(`life ${number} ends: ${engine.state} ${String((outcome).error ?? '')}`)
  judge(world, life, engine, outcome, { source, sink, offsets, stopAfter, stopsItself: end === 'limit' || end === 'idle' })
  // what is left over must do nothing any more
  life.ended = true
  for (let step = 0; step < 20 && clock.advance(); step++) await immediate()
  life.alive = false
  return offsets.saves
}

function idle(world: World): boolean {
  const whole = world.line === undefined ? Infinity : world.history.line(world.line).length
  const { stored } = world
  return world.storedIndex === whole && stored?.position.phase === 'stream' && stored.position.snapshot === world.line
}

/** What an engine tells while it lives. */
function watch(world: World, life: Life, engine: Engine, { retry, stopAfter }: EngineOptions): void {
  let attempts = 0
  let units = 0
  engine.on('state', ({ from, state }) => {
    world.note(`${from} → ${state}`)
    if (!MOVES.has(`${from} ${state}`)) world.violate(`it went from ${from} to ${state}`)
  })
  engine.on('delivered', (delivered) => {
    units += delivered.units
    // what a snapshot delivers, it delivers again after a failure
    if (engine.state === 'streaming') attempts = 0
    if (units > (stopAfter ?? Infinity)) world.violate(`delivered ${units}, the limit is ${stopAfter!}`)
  })
  engine.on('retry', ({ attempt, delayMs, error }) => {
    world.note(`retry ${attempt} after ${delayMs} for ${error.code}`)
    attempts++
    const ceiling = Math.min(retry!.maxDelayMs!, retry!.initialDelayMs! * 2 ** (attempt - 1))
    if (error.kind !== 'transient') world.violate(`retried ${error.code}, which is ${error.kind}`)
    if (life.finalError !== undefined) world.violate(`retried after ${life.finalError}`)
    if (attempt > attempts || attempt > retry!.maxAttempts!) world.violate(`attempt ${attempt} of ${retry!.maxAttempts!}, told of ${attempts}`)
    if (delayMs < Math.floor(ceiling / 2) || delayMs > Math.ceil(ceiling)) world.violate(`attempt ${attempt} waits ${delayMs}, allowed is ${ceiling / 2} to ${ceiling}`)
  })
}

/** The engine's own figures are in order, and no better than the truth. */
function observe(world: World, engine: Engine): void {
  world.check()
  const { positions } = engine.stats()
  const at = (text: string | undefined): number => (text === undefined ? 0 : indexOf(world, text))
  const [confirmed, stored, durable, sent] = [at(positions.confirmed), at(positions.stored), at(positions.durable), at(positions.sent)]
  if (confirmed > stored || (positions.durable !== undefined && stored > durable) || durable > sent) world.violate(`stats: C ${confirmed} R ${stored} D ${durable} S ${sent}`)
  const figures = [confirmed, stored, durable, sent]
  if (figures.some((figure, index) => figure < (world.shown[index] ?? 0))) world.violate(`stats went back from ${world.shown.join()} to ${figures.join()}`)
  world.shown = figures
  if (durable > world.durableIndex) world.violate(`stats say ${durable} is durable, ${world.durableIndex} is`)
}

function indexOf(world: World, text: string): number {
  const json = JSON.parse(text) as { snapshot: number; phase: 'snapshot' | 'stream'; lsn: number; part?: { commit: number; changes: number } }
  return json.snapshot === world.line ? world.history.index(json as never, 0) : 0
}

interface Outcome {
  readonly error: Error | undefined
}

interface Parts {
  readonly source: SimulatedSource
  readonly sink: SimulatedSink
  readonly offsets: SimulatedOffsets
  readonly stopAfter: number | undefined
  readonly stopsItself: boolean
}

function judge(world: World, life: Life, engine: Engine, outcome: Outcome, { source, sink, offsets, stopAfter, stopsItself }: Parts): void {
  const { error } = outcome
  const expected = error === undefined ? 'stopped' : 'failed'
  if (engine.state !== expected) world.violate(`it ended ${engine.state}, not ${expected}`)
  if (source.disposed !== 1 || sink.disposed !== 1 || offsets.disposed !== 1 || source.opened?.closed === false) world.violate(`not closed: source ${source.disposed}, sink ${sink.disposed}, offsets ${offsets.disposed}`)
  if (error !== undefined) {
    const code = isTailraceError(error) ? error.code : String(error)
    if (code !== 'TR_PG_DISCONNECTED' && !life.blame.has(code)) world.violate(`it failed with ${code}: ${String(error)}; made to happen: ${[...life.blame].join()}`)
    if (code === 'TR_PG_DISCONNECTED' && life.mishaps.disconnect === 0) world.violate('it failed with an error that nobody made')
    return
  }
  if (life.finalError !== undefined && life.stopAskedAt === undefined && !stopsItself) world.violate(`it ended well after ${life.finalError}`)
  if (world.line === undefined || sink.taken === 0) return
  if (stopAfter !== undefined && life.stopAskedAt === undefined && sink.taken !== stopAfter) world.violate(`it delivered ${sink.taken}, the limit was ${stopAfter}`)
  if (world.stored?.position.phase === 'stream' && world.storedIndex !== world.sent) world.violate(`after a good end stored ${world.storedIndex}, sent ${world.sent}`)
}

/** Each record's value names its unit. */
const FORMAT: Format = {
  encode(event, into) {
    const count = [1, 2, 0, 1][(Number(event.transaction.id) + event.ordinal + event.part) % 4]!
    for (let number = 0; number < count; number++) {
      const text = `${event.id}#${number}`
      const start = into.length
      into.reserve(text.length).write(text, start)
      into.length += text.length
      into.append(into.events, 'simulated', ABSENT, ABSENT, start, into.length, [])
    }
    into.events++
  },
}

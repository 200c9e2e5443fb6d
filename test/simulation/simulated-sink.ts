import { TailraceError } from '../../src/error/tailrace-error.ts'
import type { Batch, Sink } from '../../src/sink/sink.ts'
import { pause } from '../../src/async/abort.ts'
import type { Life, World } from './world.ts'

const never = (): Promise<never> => new Promise<never>(() => {})

/** A sink that knows what must come next. */
export class SimulatedSink implements Sink {
  readonly accepts: 'events' | 'records'
  readonly #world: World
  readonly #life: Life
  readonly #mode: 'durable' | 'accepted' | 'mixed'
  #writing: { readonly units: readonly string[]; readonly from: number } | undefined
  #rejected = false
  #lost = false
  /** Accepted, not durable: gone with a crash or a failed flush. */
  #pending: { readonly units: readonly string[]; readonly from: number }[] = []
  #disposed = 0
  /** Units that were taken in this life. */
  taken = 0

  constructor(world: World, life: Life) {
    this.#world = world
    this.#life = life
    this.accepts = world.accepts
    this.#mode = world.random.pick(['durable', 'accepted', 'mixed'])
  }

  get disposed(): number {
    return this.#disposed
  }

  async write(batch: Batch, signal: AbortSignal): Promise<'durable' | 'accepted'> {
    if (!this.#life.alive) return never()
    const { random } = this.#world
    const units = unitsIn(batch)
    this.#begin(units)
    const from = this.#world.sent
    this.#world.sent += units.length
    this.#writing = { units, from }
    this.#world.check()
    await this.#strike(signal)
    if (random.chance(this.#life.mishaps.delay)) await pause(random.between(1, 2_500), this.#life.clock, new AbortController().signal)
    if (!this.#life.alive) return never()
    this.#writing = undefined
    if (unitsIn(batch).join() !== units.join()) this.#world.violate('a batch was changed while the sink had it')
    this.taken += units.length
    const status = this.#mode === 'mixed' ? random.pick(['durable', 'accepted'] as const) : this.#mode
    this.#pending.push({ units, from })
    if (status === 'durable') this.#settle(this.#pending.length)
    return status
  }

  async flush(signal: AbortSignal): Promise<void> {
    if (!this.#life.alive) return never()
    const { random } = this.#world
    const { mishaps, blame, clock } = this.#life
    if (this.#disposed > 0) this.#world.violate('flushed after disposing')
    const count = this.#pending.length
    if (random.chance(mishaps.delay)) await pause(random.between(1, 1_000), clock, new AbortController().signal)
    if (random.chance(mishaps.never)) {
      blame.add('TR_ENGINE_STOP_TIMEOUT')
      await (random.chance(0.5) ? untilAborted(signal) : never())
    }
    if (random.chance(mishaps.flush)) {
      blame.add('TR_SINK_FAILED')
      // a write may begin at the same moment
      setImmediate(() => {
        this.#life.finalError = 'TR_SINK_FAILED'
        this.#rejected = true
      })
      // what was accepted is lost; a flush that succeeds later does not bring it back
      this.#pending = []
      this.#lost = true
      this.#world.lossy = true
      this.#world.note('flush fails')
      throw random.pick([new TailraceError('TR_SINK_FAILED'), new Error('flush failed')])
    }
    if (this.#life.alive) this.#settle(count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#life.alive && this.#writing !== undefined && !this.#life.blame.has('TR_ENGINE_STOP_TIMEOUT')) this.#world.violate('disposed while it was writing')
    this.#disposed++
  }

  /** The process is gone: of what was being written, any beginning may have arrived. */
  crash(): void {
    const { random } = this.#world
    if (this.#writing === undefined || this.#pending.length > 0 || this.#lost) return
    const { units, from } = this.#writing
    this.#arrived(units.slice(0, random.between(0, units.length)), from)
  }

  #begin(units: readonly string[]): void {
    const { history, line, sent } = this.#world
    if (this.#writing !== undefined) this.#world.violate('a batch was written while one is in flight')
    if (this.#rejected) this.#world.violate('a batch was written after a rejection')
    if (this.#disposed > 0) this.#world.violate('a batch was written after disposing')
    if (this.#life.ended) this.#world.violate('a batch was written after the end')
    if (units.length === 0) this.#world.violate('a batch of nothing was written')
    const expected = history.line(line!).slice(sent, sent + units.length)
    this.#world.note(`life ${this.#life.number}: write ${units.length} at ${sent}`)
    if (units.join() !== expected.join()) this.#world.violate(`wrong units at ${sent}: expected ${expected.slice(0, 5).join()}, got ${units.slice(0, 5).join()}`)
  }

  #settle(count: number): void {
    for (const { units, from } of this.#pending.splice(0, count)) this.#arrived(units, from)
  }

  #arrived(units: readonly string[], from: number): void {
    this.#world.durable.push(...units)
    if (from <= this.#world.durableIndex) this.#world.durableIndex = Math.max(this.#world.durableIndex, from + units.length)
  }

  async #strike(signal: AbortSignal): Promise<void> {
    const { random } = this.#world
    const { mishaps, blame } = this.#life
    if (random.chance(mishaps.never)) {
      blame.add('TR_ENGINE_STOP_TIMEOUT').add('TR_SINK_FAILED')
      await (random.chance(0.5) ? untilAborted(signal) : never())
    }
    if (!random.chance(mishaps.reject)) return
    this.#rejected = true
    this.#writing = undefined
    blame.add('TR_SINK_FAILED').add('TR_SINK_CLOSED')
    this.#life.finalError = 'TR_SINK_FAILED'
    this.#world.note('write fails')
    // a sink may throw what it likes, even an error that says it may heal
    throw random.pick([new TailraceError('TR_SINK_FAILED'), new TailraceError('TR_SINK_CLOSED'), new Error('refused'), new TailraceError('TR_PG_CONNECT')])
  }
}

function unitsIn({ events, records }: Batch): string[] {
  if (records === undefined) return events.map(({ id }) => id)
  return Array.from({ length: records.end - records.first }, (_, index) => {
    const record = records.first + index
    return records.bytes.toString('utf8', records.valueStart[record], records.valueEnd[record])
  })
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

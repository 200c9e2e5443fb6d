import type { ChangeEvent } from '../../src/event/change-event.ts'
import type { Position } from '../../src/event/position.ts'
import { TailraceError } from '../../src/error/tailrace-error.ts'
import type { StoredOffset } from '../../src/offset/offset-store.ts'
import type { ChangeBatch, ChangeStream, Finding, Source, SourceContext, StreamStatus } from '../../src/source/source.ts'
import { pause } from '../../src/async/abort.ts'
import { SimPosition } from './history.ts'
import type { Life, World } from './world.ts'

/** A database whose connections break. */
export class SimulatedSource implements Source {
  readonly kind = 'simulated'
  readonly #world: World
  readonly #life: Life
  disposed = 0
  opened: SimulatedStream | undefined

  constructor(world: World, life: Life) {
    this.#world = world
    this.#life = life
  }

  async preflight(context: SourceContext): Promise<Finding[]> {
    await strike(this.#world, this.#life, context, 'preflight', new AbortController().signal)
    return this.#world.random.chance(0.1) ? [{ level: 'warning', error: new TailraceError('TR_PG_REPLICA_IDENTITY') }] : []
  }

  async open(from: StoredOffset | undefined, context: SourceContext, signal: AbortSignal): Promise<ChangeStream> {
    const { history, random, clock } = this.#world
    if (this.#life.finalError !== undefined) this.#world.violate(`opened again after ${this.#life.finalError}`)
    if (this.opened?.closed === false) this.#world.violate('opened while a stream is open')
    await strike(this.#world, this.#life, context, 'open', signal)
    const stored = from === undefined ? undefined : SimPosition.from(from.position)
    // the slot may be lost, and once a new snapshot was begun there is no way back
    const startsOver = stored?.phase !== 'stream' || stored.snapshot !== this.#world.line || random.chance(this.#life.mishaps.again)
    if (startsOver) this.#world.beginLine(history.snapshot(clock.monotonicMs(), random))
    else this.#world.resume(history.index(stored, from?.partial ?? 0))
    this.#world.note(`life ${this.#life.number}: open from ${JSON.stringify(from?.position)} partial ${from?.partial ?? 0}`)
    this.opened = new SimulatedStream(this.#world, this.#life, context, startsOver ? undefined : stored)
    return this.opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed++
  }
}

/** A stream as PostgreSQL's: what is behind the position is left out, transactions are cut anywhere between changes. */
export class SimulatedStream implements ChangeStream {
  readonly identity = { system: 'simulated' }
  readonly startsOver: boolean
  readonly #world: World
  readonly #life: Life
  readonly #context: SourceContext
  readonly #from: SimPosition | undefined
  readonly #abort = new AbortController()
  #confirmed: SimPosition | undefined
  closed = false

  constructor(world: World, life: Life, context: SourceContext, from: SimPosition | undefined) {
    this.#world = world
    this.#life = life
    this.#context = context
    this.#from = from
    this.startsOver = from === undefined
  }

  [Symbol.asyncIterator](): AsyncIterator<ChangeBatch> {
    this.#world.shown = []
    return this.#batches()
  }

  async *#batches(): AsyncGenerator<ChangeBatch, void, undefined> {
    let position = this.#from
    if (position === undefined) {
      this.#context.enter('snapshot')
      position = yield* this.#snapshot()
    }
    this.#context.enter('stream')
    const { history, random, clock } = this.#world
    const start = position
    const { snapshot } = start
    let end = start.lsn
    for (const { commit, end: next, at, changes } of history.transactions) {
      if (commit < (start.part?.commit ?? start.lsn)) {
        end = Math.max(end, next)
        continue
      }
      while (at > clock.monotonicMs()) {
        await this.#wait(Math.min(at - clock.monotonicMs(), random.between(500, 3_000)))
        if (at > clock.monotonicMs() && random.chance(0.5)) yield keepalive(new SimPosition('stream', snapshot, Math.max(end, history.endAt(clock.monotonicMs()))))
      }
      yield* this.#transaction(commit, next, changes, new SimPosition('stream', snapshot, end), start.part?.commit === commit ? start.part.changes : 0)
      end = next
    }
    for (;;) {
      await this.#wait(random.between(500, 3_000))
      yield keepalive(new SimPosition('stream', snapshot, end))
    }
  }

  async *#snapshot(): AsyncGenerator<ChangeBatch, SimPosition, undefined> {
    const { history, line, random } = this.#world
    const here = new SimPosition('snapshot', line!, history.point(line!))
    const there = new SimPosition('stream', line!, history.point(line!))
    const rows = [...history.rows(line!)]
    if (random.chance(0.5)) yield { events: [], bytes: 0, barrier: true, position: () => here }
    while (rows.length > 4) {
      await this.#strike()
      yield { events: rows.splice(0, random.between(1, 4)), bytes: 1, barrier: false, position: () => here }
    }
    await this.#strike()
    const last = rows.length
    yield { events: rows, bytes: 1, barrier: true, position: (count) => (count === last ? there : here) }
    return there
  }

  async *#transaction(commit: number, end: number, changes: readonly (readonly ChangeEvent[])[], before: SimPosition, skip: number): AsyncGenerator<ChangeBatch, void, undefined> {
    const { random } = this.#world
    for (let done = skip; done < changes.length; ) {
      await this.#strike()
      const most = random.between(1, Math.max(1, this.#context.limits.maxBatchEvents))
      let next = done
      let count = 0
      while (next < changes.length && count < most) count += changes[next++]!.length
      const first = done
      const at = (change: number): SimPosition => (change === changes.length ? new SimPosition('stream', before.snapshot, end) : change === 0 ? before : new SimPosition('stream', before.snapshot, before.lsn, { commit, changes: change }))
      const ends = changes.slice(first, next).reduce<number[]>((list, parts) => [...list, list.at(-1)! + parts.length], [0])
      yield { events: changes.slice(first, next).flat(), bytes: count, barrier: false, position: (units) => {
        if (!ends.includes(units)) this.#world.violate(`asked for a position in the middle of a change: ${units} of ${ends.join()}`)
        return at(first + ends.indexOf(units))
      } }
      done = next
    }
  }

  async #strike(): Promise<void> {
    await strike(this.#world, this.#life, this.#context, 'pull', this.#abort.signal)
    if (this.closed) throw new TailraceError('TR_PG_DISCONNECTED', { message: 'closed' })
  }

  async #wait(ms: number): Promise<void> {
    await pause(ms, this.#context.clock, this.#abort.signal)
    await this.#strike()
  }

  acknowledge(position: Position): void {
    if (!this.#life.alive) return
    const to = position as SimPosition
    if (this.closed) this.#world.violate('acknowledged on a closed stream')
    if (this.#confirmed !== undefined && to.compare(this.#confirmed) < 0) this.#world.violate(`acknowledged backwards: ${String(this.#confirmed)} ${String(to)}`)
    this.#confirmed = to
    if (to.phase === 'stream') this.#world.confirmed = to
    this.#world.check()
  }

  status(): StreamStatus {
    return { phase: 'stream', confirmed: this.#confirmed?.toString(), received: undefined, server: undefined, lagBytes: undefined, bufferedBytes: 0, snapshot: [] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true
    this.#abort.abort()
  }
}

function keepalive(position: SimPosition): ChangeBatch {
  return { events: [], bytes: 0, barrier: false, position: () => position }
}

/** Perhaps waits, perhaps fails. */
async function strike(world: World, life: Life, context: SourceContext, where: string, signal: AbortSignal): Promise<void> {
  const { random } = world
  const { mishaps } = life
  if (random.chance(mishaps.delay)) await pause(random.between(1, 800), context.clock, signal)
  if (random.chance(mishaps.disconnect)) throw new TailraceError('TR_PG_DISCONNECTED')
  if (!random.chance(mishaps.final)) return
  const error = random.pick([new TailraceError('TR_PG_PROTOCOL'), new TailraceError('TR_PG_PRIVILEGE'), new TypeError('a bug')])
  life.finalError = error instanceof TailraceError ? error.code : 'TR_ENGINE_INVARIANT'
  life.blame.add(life.finalError)
  world.note(`${where}: ${life.finalError}`)
  throw error
}

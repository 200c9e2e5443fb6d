import { TailraceError } from '../../src/error/tailrace-error.ts'
import type { OffsetStore, StoredOffset } from '../../src/offset/offset-store.ts'
import { pause } from '../../src/async/abort.ts'
import { SimPosition } from './history.ts'
import type { Life, World } from './world.ts'


/** A store that is slow, fails, or fails after it has stored; it stores in the order of the calls. */
export class SimulatedOffsets implements OffsetStore {
  readonly #world: World
  readonly #life: Life
  #loaded = false
  #last: Promise<unknown> = Promise.resolve()
  disposed = 0
  /** Saves that were asked for. */
  saves = 0

  constructor(world: World, life: Life) {
    this.#world = world
    this.#life = life
  }

  async load(engine: string): Promise<StoredOffset | undefined> {
    this.#loaded = true
    const { stored } = this.#world
    if (stored === undefined) return undefined
    return { engine, source: 'simulated', identity: {}, position: stored.position.toJSON(), ...(stored.partial > 0 ? { partial: stored.partial } : {}) }
  }

  save(offset: StoredOffset): Promise<void> {
    if (!this.#life.alive) return new Promise<never>(() => {})
    const position = SimPosition.from(offset.position)
    const partial = offset.partial ?? 0
    this.saves++
    this.#begin(position, partial)
    const save = this.#last.then(() => this.#save(position, partial))
    this.#last = save.catch(() => {})
    return save
  }

  #begin(position: SimPosition, partial: number): void {
    const { world, life } = { world: this.#world, life: this.#life }
    if (!this.#loaded) world.violate('saved before loading')
    if (this.disposed > 0) world.violate('saved after disposing')
    if (life.ended) world.violate('saved after the end')
    if (position.snapshot !== world.line) world.violate(`saved a position of snapshot ${position.snapshot}, deliveries are of ${world.line}`)
    else if (world.history.index(position, partial) > world.durableIndex) world.violate(`saved ${world.history.index(position, partial)}, durable is ${world.durableIndex}`)
    const before = world.stored
    if (before !== undefined && before.position.snapshot === position.snapshot && position.compare(before.position) < 0) world.violate(`saved backwards: ${String(before.position)} ${String(position)}`)
  }

  async #save(position: SimPosition, partial: number): Promise<void> {
    const { random, clock } = { random: this.#world.random, clock: this.#life.clock }
    const { mishaps, blame } = this.#life
    const early = random.chance(0.5)
    if (early) this.#store(position, partial)
    if (random.chance(mishaps.delay)) await pause(random.between(1, 1_500), clock, new AbortController().signal)
    if (random.chance(mishaps.save)) {
      blame.add('TR_OFFSET_WRITE')
      throw new TailraceError('TR_OFFSET_WRITE')
    }
    if (!early) this.#store(position, partial)
  }

  #store(position: SimPosition, partial: number): void {
    if (!this.#life.alive) return
    this.#world.note(`life ${this.#life.number}: stored ${String(position)} partial ${partial}`)
    this.#world.stored = { position, partial }
    this.#world.check()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    this.disposed++
  }
}

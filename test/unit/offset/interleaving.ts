import * as nodeFs from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { FileSystem } from '../../../src/offset/file/file-offsets.ts'

/** A process of the simulation: one task whose every step on the file system waits for its turn. */
export interface Actor {
  readonly name: string
  readonly fs: FileSystem
  /** A step that touches nothing. */
  pause(): Promise<void>
  killed: boolean
}

type Turn = { readonly actor: Actor; readonly go: () => void }

/**
 * Runs processes on the real file system, one step of one process at a time, in an order drawn from `random` (uniform in
 * [0, 1)). A killed process takes no further step.
 */
export class Interleaving {
  readonly #random: () => number
  readonly #waiting: Turn[] = []
  readonly #open = new Set<FileHandle>()
  readonly #rank = new Map<Actor, number>()
  readonly #uniform: boolean
  readonly #links: boolean
  #running = 0
  #quiet: (() => void) | undefined
  kills = 0
  /** What the processes threw. */
  readonly errors: unknown[] = []

  /** `links`: whether the file system has hard links. */
  constructor(random: () => number, links: boolean) {
    this.#random = random
    this.#links = links
    // Drawn anew at each step, a slow process is never slow for long. With ranks that change now and then it is.
    this.#uniform = random() < 0.3
  }

  start(name: string, run: (actor: Actor) => Promise<void>): Actor {
    const actor: Actor = { name, fs: undefined as never, pause: () => this.#turn(actor), killed: false }
    Object.assign(actor, { fs: this.#gated(actor) })
    this.#rank.set(actor, this.#random())
    this.#running++
    void this.#turn(actor)
      .then(() => run(actor))
      .catch((error: unknown) => this.errors.push(error))
      .finally(() => this.#stepped())
    return actor
  }

  /** Until every process has ended or was killed. `killRate`: the chance that a step is a process's last. */
  async run(killRate: number): Promise<void> {
    while (this.#waiting.length > 0) {
      const turn = this.#pick()
      if (this.#random() < killRate) {
        turn.actor.killed = true
        this.kills++
        continue
      }
      this.#running++
      const quiet = new Promise<void>((resolve) => (this.#quiet = resolve))
      turn.go()
      await quiet
    }
    for (const handle of this.#open) await handle.close()
  }

  #pick(): Turn {
    if (this.#random() < 0.05) for (const { actor } of this.#waiting) if (this.#random() < 0.3) this.#rank.set(actor, this.#random())
    let index = Math.floor(this.#random() * this.#waiting.length)
    if (!this.#uniform) {
      const ranks = this.#waiting.map(({ actor }) => this.#rank.get(actor)!)
      index = ranks.indexOf(Math.max(...ranks))
    }
    return this.#waiting.splice(index, 1)[0]!
  }

  /** A process waits for its next turn, or has ended. */
  #stepped(): void {
    if (--this.#running === 0) this.#quiet?.()
  }

  #turn(actor: Actor): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ actor, go })
      this.#stepped()
    })
  }

  #gated(actor: Actor): FileSystem {
    return new Proxy(nodeFs, {
      get: (target, key: keyof FileSystem) => async (...args: unknown[]) => {
        await this.#turn(actor)
        if (key === 'link' && !this.#links) throw Object.assign(new Error('EPERM: no hard links here'), { code: 'EPERM', syscall: 'link' })
        const result: unknown = await (target[key] as (...args: unknown[]) => unknown)(...args)
        return key === 'open' ? this.#gatedHandle(actor, result as FileHandle) : result
      },
    })
  }

  #gatedHandle(actor: Actor, handle: FileHandle): FileHandle {
    this.#open.add(handle)
    return new Proxy(handle, {
      get: (target, key) => {
        const name = key === Symbol.asyncDispose ? 'close' : key
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          // Only a failure of power makes a difference here, which cannot be had: all the more runs in the same time.
          if (name === 'sync') return undefined
          await this.#turn(actor)
          if (name === 'close') this.#open.delete(handle)
          return (member as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  }
}

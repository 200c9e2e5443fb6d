import { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Clock } from '../../src/time/clock.ts'

/** Turns of the event loop that a reader may keep the socket paused while nothing happens. */
const PATIENCE = 5

/** A connection that has been taken over, of which the server's bytes are played by the test. No timers: what hangs is seen at once. */
export class ReplayedSocket extends EventEmitter {
  writable = true
  destroyed = false
  #paused = false

  /** What {@link MessageSocket} takes over. */
  get client(): pg.Client {
    return { connection: { stream: this }, end: () => Promise.resolve() } as unknown as pg.Client
  }

  /** Plays the chunks at the reader's pace. Throws when the reader stops for good without having failed. */
  async play(chunks: Iterable<Buffer>): Promise<void> {
    for (const chunk of chunks) {
      await this.#flowing()
      if (this.destroyed) return
      this.emit('data', chunk)
    }
    await this.#flowing()
    // what was decoded last is still on its way to the reader
    await turn()
  }

  async #flowing(): Promise<void> {
    for (let turns = 0; this.#paused && !this.destroyed; turns++) {
      if (turns === PATIENCE) throw new Error('the reader has stopped reading for good')
      await turn()
    }
  }

  pause(): this {
    this.#paused = true
    return this
  }

  resume(): this {
    this.#paused = false
    return this
  }

  write(): boolean {
    return true
  }

  end(): this {
    return this.destroy()
  }

  destroy(): this {
    if (this.destroyed) return this
    this.destroyed = true
    this.writable = false
    this.emit('close')
    return this
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

let now = 0
/** Every look at it is a millisecond later, and no timer ever fires. */
export const stillClock: Clock = { nowMicros: () => 1_700_000_000_000_000n, monotonicMs: () => now++, after: () => () => {} }

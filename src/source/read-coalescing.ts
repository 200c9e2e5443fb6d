import type { Socket } from 'node:net'
import type { Clock } from '../time/clock.ts'

/** What a turn of the event loop reads is worth waiting a moment for more, if it is less than this and the server is busy. */
const SHORT_READ = 32_768
/** After a wait, more than this says that the server is still busy. */
const BUSY_READ = 4_096
const BUSY_GAP_MS = 0.3
const BUSY_READS = 4
const COALESCE_MS = 1

/**
 * Bytes that a paused socket reads on, in as many small reads as they come in, until it lets the kernel collect: Node 20's default. Since
 * Node 22 the default is four times as much, and a pause would do little.
 */
export const READ_AHEAD = 16_384

export interface CoalescingOptions {
  readonly clock: () => Clock
  /** Whether nothing holds reading back but a pause of ours. */
  readonly wanted: () => boolean
}

/**
 * Read coalescing: a server that follows its log sends one small packet a row or event, and waking up for each costs more than the row. While reads
 * come thick and fast, reading pauses for a millisecond, so that the kernel collects. A lone read is never delayed. Judged is what
 * one turn of the event loop brings: TLS hands out each of its records as a read of its own, however small.
 */
export class ReadCoalescing {
  readonly #socket: Socket
  readonly #options: CoalescingOptions
  #lastReadAt = 0
  #quickReads = 0
  #pausing = false
  /** Read in this turn of the event loop. */
  #turnBytes = 0

  constructor(socket: Socket, options: CoalescingOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** To be told of each read. */
  note(bytes: number): void {
    if (this.#turnBytes === 0) setImmediate(() => this.#endTurn())
    this.#turnBytes += bytes
  }

  /** Lets the socket read, now or at the end of the pause. */
  resume(): void {
    if (!this.#pausing && this.#options.wanted()) this.#socket.resume()
  }

  #endTurn(): void {
    const size = this.#turnBytes
    this.#turnBytes = 0
    if (this.#options.wanted() && this.#busy(size)) this.#pause()
  }

  #busy(size: number): boolean {
    const now = this.#options.clock().monotonicMs()
    const quick = now - this.#lastReadAt < BUSY_GAP_MS
    this.#lastReadAt = now
    // what follows a wait is judged by its size, any other by how soon it came
    if (this.#quickReads >= BUSY_READS && !quick) this.#quickReads = size >= BUSY_READ ? BUSY_READS : 0
    else this.#quickReads = quick ? this.#quickReads + 1 : 0
    return this.#quickReads >= BUSY_READS && size < SHORT_READ
  }

  #pause(): void {
    this.#pausing = true
    this.#socket.pause()
    this.#options.clock().after(COALESCE_MS, () => {
      this.#pausing = false
      this.resume()
    })
  }
}

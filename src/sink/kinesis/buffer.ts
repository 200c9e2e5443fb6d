import type { TailraceError } from '../../error/tailrace-error.ts'

/** Records that were copied together: their bytes are free when the last of them is stored. */
export interface Chunk {
  readonly number: number
  bytes: number
  /** Records not stored yet. */
  waiting: number
}

/** What a record costs beside its bytes. */
export const RECORD_OVERHEAD = 256

interface Waiter {
  readonly satisfied: () => boolean
  readonly settle: (error?: TailraceError) => void
}

/** What was taken from the engine and is not stored yet; whoever waits for it. */
export class SendBuffer {
  readonly #maxBytes: number
  readonly #chunks = new Map<number, Chunk>()
  #bytes = 0
  #last = 0
  #stored = 0
  readonly #waiters = new Set<Waiter>()
  #failure: TailraceError | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get full(): boolean {
    return this.#bytes >= this.#maxBytes
  }

  /** Records stored so far. */
  get storedCount(): number {
    return this.#stored
  }

  /** What ended the sending, if something did. */
  get failure(): TailraceError | undefined {
    return this.#failure
  }

  /** The number of the chunk taken last. */
  get last(): number {
    return this.#last
  }

  open(): Chunk {
    const chunk = { number: ++this.#last, bytes: 0, waiting: 0 }
    this.#chunks.set(chunk.number, chunk)
    return chunk
  }

  /** The chunk gets no more records. */
  close(chunk: Chunk, bytes: number): void {
    if (chunk.waiting === 0) this.#chunks.delete(chunk.number)
    else this.#bytes += chunk.bytes = bytes + RECORD_OVERHEAD * chunk.waiting
  }

  /** One of its records is stored. */
  stored(chunk: Chunk): void {
    this.#stored++
    if (--chunk.waiting > 0) return
    this.#chunks.delete(chunk.number)
    this.#bytes -= chunk.bytes
  }

  /** Lets whoever waits look again. */
  notify(): void {
    for (const waiter of [...this.#waiters]) if (waiter.satisfied()) waiter.settle()
  }

  /** Nothing more is sent: everybody who waits, or comes, gets this. */
  fail(error: TailraceError): void {
    this.#failure ??= error
    for (const waiter of [...this.#waiters]) waiter.settle(this.#failure)
  }

  /** Until all chunks up to this one are stored. Rejects with what ended the sending, or the signal's reason. */
  storedUpTo(number: number, signal: AbortSignal): Promise<void> {
    return this.until(() => this.#oldest() > number, signal)
  }

  until(satisfied: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      if (this.#failure !== undefined) return reject(this.#failure)
      if (satisfied()) return resolve()
      const end = (): void => {
        this.#waiters.delete(waiter)
        signal.removeEventListener('abort', aborted)
      }
      const aborted = (): void => {
        end()
        reject(signal.reason as Error)
      }
      const settle = (error?: TailraceError): void => {
        end()
        if (error === undefined) resolve()
        else reject(error)
      }
      const waiter: Waiter = { satisfied, settle }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  #oldest(): number {
    for (const number of this.#chunks.keys()) return number
    return Infinity
  }
}

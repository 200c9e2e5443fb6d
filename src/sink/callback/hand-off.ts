import type { ChangeEvent } from '../../event/change-event.ts'
import type { Batch, Sink } from '../sink.ts'

/** The sink behind `for await`: a batch is durable when the reader asks for the next one. */
export class HandOff implements Sink {
  readonly accepts = 'events' as const
  #batch: { events: readonly ChangeEvent[]; done: (error?: Error) => void } | undefined
  #taken: { events: readonly ChangeEvent[]; done: (error?: Error) => void } | undefined
  #waiting: (() => void) | undefined
  #ended = false

  write(batch: Batch): Promise<'durable'> {
    return new Promise((resolve, reject) => {
      this.#batch = { events: batch.events, done: (error) => (error === undefined ? resolve('durable') : reject(error)) }
      this.#waiting?.()
    })
  }

  /** The next batch, after the one before is done with; undefined at the end. */
  async next(): Promise<readonly ChangeEvent[] | undefined> {
    this.#taken?.done()
    this.#taken = undefined
    while (this.#batch === undefined && !this.#ended) await new Promise<void>((resolve) => (this.#waiting = resolve))
    this.#taken = this.#batch
    this.#batch = undefined
    return this.#taken?.events
  }

  /** The engine has ended: no batch follows. */
  end(): void {
    this.#ended = true
    this.#waiting?.()
  }

  /** The reader went away in the middle of a batch: it was not delivered. */
  abandon(error: Error): void {
    this.#ended = true
    this.#taken?.done(error)
    this.#batch?.done(error)
    this.#taken = this.#batch = undefined
  }

  async flush(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.end()
  }
}

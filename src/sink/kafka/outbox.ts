import type { Accumulator } from '../../kafka/accumulator.ts'
import type { StoredOffset } from '../../offset/offset-store.ts'

/** What a sink's records wait in until Kafka has them. */
export interface Outbox {
  /** Records are added here; then comes {@link Outbox.dispatch}. */
  readonly records: Accumulator
  /** What was added may go. With transactions, `offset` is where the engine resumes behind it. */
  dispatch(offset: StoredOffset | undefined): void
  /** Resolves once there is room for more. Errors: what ended the delivery. */
  room(signal: AbortSignal): Promise<void>
  /** Resolves once Kafka has everything that was added before. Errors: what ended the delivery. */
  flush(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Waits that many may have for the same thing, until it happens or fails. */
export class Waiting {
  #waiting: { readonly met: () => boolean; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  #failure: Error | undefined

  /** Resolves once `met` is true at a {@link Waiting.look}. */
  async until(met: () => boolean, signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (met()) return
    if (signal.aborted) throw signal.reason as Error
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', abort, { once: true })
      const done = (): void => signal.removeEventListener('abort', abort)
      this.#waiting.push({
        met,
        resolve: () => {
          done()
          resolve()
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
    })
  }

  /** Something has changed. */
  look(): void {
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ met }) => !met())
    for (const one of waiting) if (one.met()) one.resolve()
  }

  fail(error: Error): void {
    this.#failure ??= error
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(error)
  }

  get failure(): Error | undefined {
    return this.#failure
  }
}

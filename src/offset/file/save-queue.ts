/**
 * One write at a time, and of what is asked for meanwhile only the newest. A promise resolves once the value it was given
 * for, or a newer one, is written; it rejects when that write fails. A failed write does not keep the next from being tried.
 */
export class SaveQueue<T> {
  readonly #write: (value: T) => Promise<void>
  #running: Promise<void> | undefined
  #next: { value: T; readonly written: Promise<void> } | undefined

  constructor(write: (value: T) => Promise<void>) {
    this.#write = write
  }

  push(value: T): Promise<void> {
    if (this.#next !== undefined) {
      this.#next.value = value
      return this.#next.written
    }
    if (this.#running === undefined) return this.#start(value)
    const startNext = (): Promise<void> => {
      const next = this.#next!
      this.#next = undefined
      return this.#start(next.value)
    }
    this.#next = { value, written: this.#running.then(startNext, startNext) }
    return this.#next.written
  }

  /** Resolves, never rejects, when nothing is being written and nothing waits. */
  async idle(): Promise<void> {
    for (;;) {
      const last = this.#next?.written ?? this.#running
      if (last === undefined) return
      await last.catch(() => {})
    }
  }

  #start(value: T): Promise<void> {
    const run = this.#write(value)
    this.#running = run
    const end = (): void => {
      // Registered before the next one's start, so that this never clears the next.
      if (this.#running === run) this.#running = undefined
    }
    run.then(end, end)
    return run
  }
}

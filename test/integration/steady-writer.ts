import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Inserts 1, 2, 3 … into `t`, a transaction each, whatever happens to the server; ended by disposing. */
export class SteadyWriter implements AsyncDisposable {
  /** Ids whose commit the server has confirmed. One whose outcome is unknown is never used again. */
  readonly committed: number[] = []
  readonly #url: string
  readonly #done: Promise<void>
  #stopped = false

  constructor(url: string) {
    this.#url = url
    this.#done = this.#run()
  }

  /** The last commit that was confirmed. */
  get last(): number {
    return this.committed.at(-1) ?? 0
  }

  /** Until so many more were committed. */
  async more(count: number): Promise<void> {
    const goal = this.committed.length + count
    for (const end = performance.now() + 60_000; this.committed.length < goal; await delay(5)) {
      if (performance.now() > end) throw new Error(`the writer stands at ${this.last}`)
    }
  }

  async #run(): Promise<void> {
    let id = 0
    while (!this.#stopped) {
      const client = new pg.Client({ connectionString: this.#url })
      client.on('error', () => undefined)
      try {
        await client.connect()
        while (!this.#stopped) {
          id++
          await client.query('insert into t values ($1)', [id])
          this.committed.push(id)
        }
      } catch {
        await delay(20)
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#done
  }
}

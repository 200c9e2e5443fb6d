import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { copyIn } from './copy-in.ts'
import { scripts, type Script } from './writer-script.ts'

/** Connections that write at the same time, each its own script. */
export class Writers implements AsyncDisposable {
  readonly #clients: pg.Client[] = []
  readonly #running: Promise<void>[] = []
  #paused: { readonly released: Promise<void>; readonly release: () => void } | undefined
  #idle = 0
  #stopped = false
  committed = 0
  rolledBack = 0
  /** Statements the server refused: deadlocks and duplicate keys, which belong to the workload. */
  refused = 0

  static async start(url: string, count: number, seed: number): Promise<Writers> {
    const writers = new Writers()
    for (let writer = 0; writer < count; writer++) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query("set lock_timeout = '3s'; set deadlock_timeout = '50ms'")
      writers.#clients.push(client)
      writers.#running.push(writers.#write(client, scripts(seed, writer)))
    }
    return writers
  }

  /** Resolves when every writer has ended its transaction; none begins another one. */
  async pause(): Promise<void> {
    let release = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    this.#paused = { released, release }
    while (this.#idle < this.#clients.length) {
      // a writer that has failed is told of here
      await Promise.race([delay(5), ...this.#running])
    }
  }

  resume(): void {
    this.#paused?.release()
    this.#paused = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.resume()
    await Promise.allSettled(this.#running)
    for (const client of this.#clients) await client.end()
  }

  async #write(client: pg.Client, source: Iterator<Script, never>): Promise<void> {
    while (!this.#stopped) {
      const script = source.next().value
      await this.#transaction(client, script)
      await delay(script.restMs)
      while (this.#paused !== undefined && !this.#stopped) {
        this.#idle++
        await this.#paused.released
        this.#idle--
      }
    }
  }

  async #transaction(client: pg.Client, { steps, end }: Script): Promise<void> {
    try {
      await client.query('begin')
      for (const { sql, copy, waitMs } of steps) {
        await (copy === undefined ? client.query(sql) : copyIn(client, sql, copy))
        if (waitMs !== undefined) await delay(waitMs)
      }
      await client.query(end)
      if (end === 'commit') this.committed++
      else this.rolledBack++
    } catch (error) {
      // deadlock, lock timeout, unique violation: the workload's own; anything else is a mistake in it
      if (!['40P01', '55P03', '23505'].includes((error as { code?: string }).code ?? '')) throw error
      this.refused++
      await client.query('rollback')
    }
  }
}

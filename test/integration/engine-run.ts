import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createEngine, fileOffsets, type ChangeEvent, type Engine, type EngineOptions, type EngineState, type Handler, type StoredOffset, type TailraceError } from '../../src/index.ts'
import { postgres, type PostgresOptions } from '../../src/source/postgres/index.ts'
import type { Source } from '../../src/source/source.ts'

/** What a change said, independent of the engine's buffers. */
export interface Seen {
  readonly id: string
  readonly op: string
  readonly table: string
  readonly transaction: string
  readonly snapshot: string
  readonly key: Record<string, unknown> | null
  readonly before: Record<string, unknown> | null
  readonly after: Record<string, unknown> | null
}

export interface EngineRunOptions {
  /** Names the engine. */
  readonly name: string
  readonly source: Source
  /** Of the offset file; default none is kept beyond this run. */
  readonly offsets: string
  readonly engine?: Partial<EngineOptions>
  /** Called before a batch counts as seen; it may wait, or throw. */
  readonly handle?: Handler
}

export interface RunOptions extends Omit<EngineRunOptions, 'source'> {
  /** The server's, or a proxy's in front of it. */
  readonly port: number
  readonly database: string
  /** The engine's name is that of slot and publication as well. */
  readonly source?: Partial<PostgresOptions>
}

/** Starts an engine in this process and keeps what it delivers and tells. Intervals are short, so that tests are. */
export function runEngine({ port, database, source, ...options }: RunOptions): EngineRun {
  const { name } = options
  return new EngineRun({
    ...options,
    source: postgres({
      connection: { host: '127.0.0.1', port, database, user: 'postgres', sslmode: 'disable' },
      slot: { name, activeTimeoutMs: 5_000, createTimeoutMs: 10_000 }, publication: { name }, status: { intervalMs: 200 }, ...source,
    }),
  })
}

/** An engine that runs; stopped by disposing. */
export class EngineRun implements AsyncDisposable {
  readonly engine: Engine
  readonly seen: Seen[] = []
  readonly batches: (readonly Seen[])[] = []
  readonly states: EngineState[] = []
  readonly retries: TailraceError[] = []
  readonly warnings: TailraceError[] = []
  readonly offsets: StoredOffset[] = []
  /** The error it ended with, undefined when it was stopped. Never rejects. */
  readonly ended: Promise<TailraceError | undefined>
  #end: { readonly error: TailraceError | undefined } | undefined

  constructor(options: EngineRunOptions) {
    this.engine = createEngine({
      name: options.name,
      source: options.source,
      offsets: fileOffsets(options.offsets),
      sink: async (events, signal) => {
        await options.handle?.(events, signal)
        const batch = events.map(see)
        this.batches.push(batch)
        this.seen.push(...batch)
      },
      offsetFlush: { intervalMs: 20 },
      retry: { initialDelayMs: 50, maxDelayMs: 400 },
      ...options.engine,
    })
    this.engine
      .on('state', ({ state }) => this.states.push(state))
      .on('retry', ({ error }) => this.retries.push(error))
      .on('warning', (error) => this.warnings.push(error))
      .on('offset', (offset) => this.offsets.push(offset))
    this.ended = this.engine.run().then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended(error as TailraceError),
    )
  }

  /** Looks again and again until it holds. An engine that fails meanwhile is an error. */
  async until(holds: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
    for (const end = performance.now() + timeoutMs; !(await holds()); await delay(5)) {
      if (this.#end?.error !== undefined) throw this.#end.error
      if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}; seen ${this.seen.length}, states ${this.states.join()}, retries ${this.retries.map(String).join()}`)
    }
  }

  async streaming(): Promise<void> {
    await this.until(() => this.engine.state === 'streaming', 'streaming')
  }

  /** Until so many changes were delivered. */
  async delivered(count: number): Promise<void> {
    await this.until(() => this.seen.length >= count, `${count} changes`)
  }

  /** Until the offset is stored and confirmed up to what was delivered last. */
  async settled(): Promise<void> {
    await this.until(() => {
      const { durable, stored, confirmed } = this.engine.stats().positions
      return durable !== undefined && durable === stored && stored === confirmed
    }, 'everything stored and confirmed')
  }

  /** Stops it; an error if it had failed. */
  async stop(): Promise<void> {
    await this.engine.stop()
    const error = await this.ended
    if (error !== undefined) throw error
  }

  /** The error it ends with. */
  async failure(timeoutMs = 60_000): Promise<TailraceError> {
    const limit = new AbortController()
    const error = await Promise.race([this.ended, delay(timeoutMs, 'late' as const, { signal: limit.signal })])
    limit.abort()
    if (error === 'late') throw new Error(`no error within ${timeoutMs} ms; states ${this.states.join()}, retries ${this.retries.map(String).join()}`)
    if (error === undefined) throw new Error('it stopped without an error')
    return error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.stop()
  }

  #ended(error: TailraceError | undefined): TailraceError | undefined {
    this.#end = { error }
    return error
  }
}

export function see(event: ChangeEvent): Seen {
  return {
    id: event.id, op: event.op, table: `${event.table.schema}.${event.table.name}`, transaction: event.transaction.id, snapshot: event.snapshot,
    key: event.key, before: event.before, after: event.after,
  }
}

/** `c1 u1 d1 …`: operation and id of each change, for tables with a column `id`. */
export function brief(seen: readonly Seen[]): string[] {
  return seen.map(({ op, after, before }) => `${op}${((after ?? before)?.['id'] as number | undefined) ?? ''}`)
}

/** The ids that were delivered more than once. */
export function doubled(seen: readonly Seen[]): string[] {
  const once = new Set<string>()
  return seen.filter(({ id }) => once.size === once.add(id).size).map(({ id }) => id)
}

/** `prefix1` to `prefix<count>`. */
export function numbered(prefix: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`)
}

/** A folder for one test file's offset files. */
export function offsetFolder(): { readonly file: (name: string) => string } & Disposable {
  const folder = mkdtempSync(path.join(tmpdir(), 'tailrace-integration-'))
  return { file: (name) => path.join(folder, `${name}.offset.json`), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

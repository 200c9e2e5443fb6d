import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { CompiledChild } from './compiled-child.ts'
import { FAILPOINT_VARIABLE, type EngineOrder, type KillPoint, type LogLine, type StoredPosition } from './engine-order.ts'

/** Where a child kills itself. */
export interface KillAt {
  readonly point: KillPoint
  readonly nth: number
}

export type DeliveredLine = Extract<LogLine, { e: string }>

/** What one process delivered and stored, from its start to its end. */
export interface Attempt {
  readonly log: string
  /** undefined: it did not come to load its offset. */
  readonly loaded: StoredPosition | null | undefined
  readonly events: readonly DeliveredLine[]
  readonly saves: readonly { readonly position: StoredPosition; readonly settled: number }[]
  readonly failed: { readonly code: string; readonly message: string } | undefined
  /** What the offset file holds at the end. */
  readonly stored: StoredPosition | null
  /** C, the server's confirmed position, asked after the end; null: no slot, or it is being made. */
  readonly confirmed: string | null
}

/** An engine in a process of its own. */
export class EngineProcess<Order extends { readonly log: string } = EngineOrder> implements AsyncDisposable {
  readonly order: Order
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown>
  readonly #lines: LogLine[] = []
  #stderr = ''
  #read = 0
  #rest = ''

  constructor(child: CompiledChild, order: Order, killAt?: KillAt) {
    this.order = order
    closeSync(openSync(order.log, 'a'))
    this.#child = spawn(process.execPath, [child.script, JSON.stringify(order)], {
      stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, [FAILPOINT_VARIABLE]: killAt === undefined ? '' : `${killAt.point}:${killAt.nth}` },
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.#exit = once(this.#child, 'close')
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get signal(): NodeJS.Signals | null {
    return this.#child.signalCode
  }

  /** What it said to standard error: nothing, unless it crashed. */
  get complaint(): string {
    return this.#stderr
  }

  /** Lines so far; one that was cut off by the kill is none. */
  lines(): readonly LogLine[] {
    const file = openSync(this.order.log, 'r')
    const buffer = Buffer.allocUnsafe(1 << 20)
    for (let size = readSync(file, buffer, 0, buffer.length, this.#read); size > 0; size = readSync(file, buffer, 0, buffer.length, this.#read)) {
      this.#read += size
      const lines = (this.#rest + buffer.toString('latin1', 0, size)).split('\n')
      this.#rest = lines.pop()!
      for (const line of lines) this.#lines.push(JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as LogLine)
    }
    closeSync(file)
    return this.#lines
  }

  /** Waits until the lines satisfy this; false when it ended, or the time was over, before. */
  async until(satisfied: (lines: readonly LogLine[]) => boolean, timeoutMs: number): Promise<boolean> {
    for (const end = performance.now() + timeoutMs; ; await delay(10)) {
      const { running } = this
      if (satisfied(this.lines())) return true
      if (!running || performance.now() > end) return false
    }
  }

  /** Waits for its end; false when the time was over before. */
  async ended(timeoutMs: number): Promise<boolean> {
    const limit = new AbortController()
    const late = await Promise.race([this.#exit.then(() => false), delay(timeoutMs, true, { signal: limit.signal }).catch(() => true)])
    limit.abort()
    return !late
  }

  terminate(): void {
    this.#child.kill('SIGTERM')
  }

  /** It stands still until it is woken. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  wake(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL')
    await this.#exit
  }

  /** After its end. */
  attempt(this: EngineProcess, confirmed: string | null): Attempt {
    const lines = this.lines()
    const loaded = lines.find((line) => 'loaded' in line)
    const failed = lines.find((line) => 'failed' in line)
    const crashed = this.signal === null && this.#child.exitCode !== 0 && failed === undefined
    return {
      log: this.order.log,
      loaded: loaded?.loaded,
      events: lines.filter((line) => 'e' in line),
      saves: lines.flatMap((line) => ('saving' in line ? [{ position: line.saving, settled: line.settled }] : [])),
      failed: failed !== undefined ? { code: failed.failed, message: failed.message } : crashed ? { code: 'crashed', message: this.#stderr } : undefined,
      stored: storedIn(this.order.offsets),
      confirmed,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

/** The position in an offset file; null without one. */
export function storedIn(file: string): StoredPosition | null {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { position: StoredPosition }).position
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

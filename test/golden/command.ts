import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** TAILRACE_COMMAND: the same suites against another build, as an installed package. */
const PROGRAM = process.env['TAILRACE_COMMAND'] ?? path.join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')

/** A line of `--status json`. */
export interface Status {
  readonly state: string
  readonly code?: string
  readonly [field: string]: unknown
}

/** Starts `tailrace run FILE --status json` as a process of its own. */
export function startCommand(file: string, args: readonly string[] = []): Command {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: npm run build`)
  return new Command([PROGRAM, 'run', file, '--status', 'json', ...args])
}

/** A running command: its records, its states, and waiting for either. */
export class Command {
  /** The lines of stdout. */
  readonly records: string[] = []
  readonly states: Status[] = []
  /** What stderr held beside the states: warnings, a stack trace. */
  readonly notes: string[] = []
  /** The exit code, or the signal's name, once both outputs are read to their end. */
  readonly ended: Promise<number | NodeJS.Signals>
  #end: number | NodeJS.Signals | undefined
  readonly #child: ChildProcess
  readonly #news = new EventEmitter()

  constructor(args: readonly string[]) {
    // Another zone than the server's and the capture's: nothing may depend on it. No PG* setting of the developer's either.
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && name !== 'NODE_OPTIONS'))
    const child = spawn(process.execPath, args, { env: { ...own, TZ: 'Asia/Kathmandu' }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => this.#learn(() => this.records.push(line)))
    createInterface({ input: child.stderr }).on('line', (line) => this.#learn(() => this.#note(line)))
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        this.#learn(() => (this.#end = code ?? signal ?? 0))
        resolve(code ?? signal ?? 0)
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** The error code of a failed run. */
  get failure(): string | undefined {
    return this.states.find(({ state }) => state === 'failed')?.code
  }

  /** Resolves true once the condition holds, false when `timeoutMs` are over or the command has ended without it. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    for (const end = performance.now() + timeoutMs; !condition(); ) {
      if (this.hasEnded || performance.now() >= end) return false
      await this.#newsWithin(end - performance.now())
    }
    return true
  }

  /** Resolves when it streams, true, or has ended, false. */
  async streaming(timeoutMs: number): Promise<boolean> {
    return await this.until(() => this.states.some(({ state }) => state === 'streaming'), timeoutMs)
  }

  /** Resolves when no record came for so long, or the command has ended. */
  async quiet(ms: number): Promise<void> {
    for (let seen = -1; seen !== this.records.length && !this.hasEnded; ) {
      seen = this.records.length
      await this.until(() => this.records.length !== seen, ms)
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** SIGTERM, and its end; SIGKILL and an error when it does not stop within `timeoutMs`. */
  async stop(timeoutMs = 15_000): Promise<number | NodeJS.Signals> {
    if (!this.hasEnded) this.kill('SIGTERM')
    return await this.end(timeoutMs)
  }

  /** Its end by itself; SIGKILL and an error when it does not come within `timeoutMs`. */
  async end(timeoutMs: number): Promise<number | NodeJS.Signals> {
    await this.until(() => this.hasEnded, timeoutMs)
    if (this.hasEnded) return await this.ended
    this.kill('SIGKILL')
    await this.ended
    throw new Error(`the command did not end within ${timeoutMs} ms\n${this.describe()}`)
  }

  /** Its last states and notes, for an error's message. */
  describe(): string {
    return [...this.states.slice(-5).map((status) => JSON.stringify(status)), ...this.notes.slice(-15)].join('\n')
  }

  #note(line: string): void {
    try {
      const parsed = JSON.parse(line) as Status
      if (typeof parsed.state === 'string') {
        this.states.push(parsed)
        return
      }
    } catch {
      // Not a status.
    }
    this.notes.push(line)
  }

  #learn(what: () => unknown): void {
    what()
    this.#news.emit('news')
  }

  #newsWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#news.off('news', done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(1, ms))
      this.#news.once('news', done)
    })
  }
}

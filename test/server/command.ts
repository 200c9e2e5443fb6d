import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npm run build` made, or another build in the folder that TAILRACE_DIST names. */
const DIST = process.env['TAILRACE_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url))

/** The path of a built file. */
export function builtFile(name: string): string {
  const file = path.join(DIST, name)
  if (!existsSync(file)) throw new Error(`${file} is not there: run npm run build`)
  return file
}

/** Starts `tailrace …` as a process of its own. */
export function startCommand(args: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningCommand {
  return new RunningCommand(spawn(process.execPath, [builtFile('cli/main.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } }))
}

/** Runs it to its end. */
export async function runCommand(...args: readonly string[]): Promise<Ended> {
  await using command = startCommand(args)
  return await command.ended
}

/** What a command left behind. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs; ended, if it still does, by disposing. */
export class RunningCommand implements AsyncDisposable {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''
  #exited = false

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    // 'close' comes after the streams have ended; 'exit' may come before.
    this.ended = once(child, 'close').then(([code, signal]) => {
      this.#exited = true
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout: this.#stdout, stderr: this.#stderr }
    })
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Resolves once what was written so far to one of the streams satisfies this. */
  async until(stream: 'stdout' | 'stderr', satisfied: (text: string) => boolean, timeoutMs = 60_000): Promise<void> {
    const limit = AbortSignal.timeout(timeoutMs)
    while (!satisfied(this[stream])) {
      if (this.#exited || limit.aborted) throw new Error(`It did not come to that. stdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`)
      const waiting = new AbortController()
      const signal = AbortSignal.any([waiting.signal, limit])
      await Promise.race([once(this.#child[stream]!, 'data', { signal }), this.ended]).catch(() => {})
      waiting.abort()
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Closes our end of its standard output, as `| head` does. */
  hangUp(): void {
    this.#child.stdout?.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exited) this.#child.kill('SIGKILL')
    await this.ended
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface JavaServer {
  /** For messages. */
  readonly name: string
  /** Folder under the watchdog; the server stands in `data` below it, and writes `server.log` in it. */
  readonly dir: string
  readonly java: string
  readonly args: readonly string[]
  /** Asked again and again; gets what the server logged since this start. */
  readonly ready: (log: string) => boolean | Promise<boolean>
  /** Default 60 s. */
  readonly timeoutMs?: number
}

/** Little memory and a quick start: the second compiler and parallel collectors pay in hours, not in a test's seconds. */
export const JAVA_OPTIONS = ['-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Djava.awt.headless=true']

/** Starts it and resolves once it is ready; an error carries what it logged. */
export async function startJavaServer(server: JavaServer): Promise<JavaProcess> {
  const { dir, name } = server
  const data = path.join(dir, 'data')
  mkdirSync(data, { recursive: true })
  const file = path.join(dir, 'server.log')
  const log = openSync(file, 'a')
  const from = readFileSync(file).length
  const child = spawn(server.java, server.args, {
    cwd: data,
    stdio: ['ignore', log, log],
    // Detached: a Ctrl-C at the terminal is for the tests, the watchdog ends the server then.
    detached: true,
    env: { PATH: process.env['PATH'], HOME: dir, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  })
  closeSync(log)
  child.unref()
  // What the watchdog looks for.
  if (child.pid !== undefined) writeFileSync(path.join(dir, 'server.pid'), String(child.pid))
  const said = (): string => (existsSync(file) ? readFileSync(file).subarray(from).toString() : '')
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(said()))
  })
  const started = new JavaProcess(child)
  for (const limit = performance.now() + (server.timeoutMs ?? 60_000); !(await server.ready(said())); ) {
    const failure = await Promise.race([ended, delay(20)])
    if (failure !== undefined) throw new Error(`${name} did not start: ${failure}`)
    if (performance.now() < limit) continue
    await started.kill()
    throw new Error(`${name} is not ready: ${said()}`)
  }
  return started
}

/** A process that runs until it is ended here, or by itself. */
export class JavaProcess {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
  }

  get pid(): number | undefined {
    return this.running ? this.#child.pid : undefined
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** In order, with its shutdown hooks. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** As a crash; a paused one as well. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** It stands still, its connections stay open. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return
    const exit = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exit
  }
}

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { compileInto } from '../../child/compile.ts'
import type { ChildOrder } from './offset-child.ts'

/** What a child says, a line each. */
export interface ChildLine {
  readonly pid: number
  readonly held?: boolean
  readonly loaded?: { readonly position: { readonly number: number } } | null
  readonly released?: boolean
  readonly saved?: number
  readonly code?: string
  readonly message?: string
  readonly where?: Readonly<Record<string, unknown>>
  readonly remedy?: string
}

/** The child as JavaScript, which Node 20 runs. */
export interface CompiledChild extends Disposable {
  start(order: ChildOrder, options?: ChildOptions): OffsetProcess
}

export interface ChildOptions {
  readonly uid?: number
  readonly gid?: number
  /** A command that starts the child, for example one that puts it into a container's namespace. */
  readonly through?: readonly string[]
}

/** Compiles the child and what it imports, nothing else: whether the rest compiles is another test's matter. */
export function compileChild(): CompiledChild {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'tailrace-offset-child-'))
  // Children of other users read it as well.
  chmodSync(outDir, 0o755)
  const script = compileInto(outDir, 'test/unit/offset/offset-child.ts')
  return {
    start: (order, options = {}) => new OffsetProcess(script, order, options),
    [Symbol.dispose]: () => rmSync(outDir, { recursive: true, force: true }),
  }
}

/** A running child. */
export class OffsetProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: NodeJS.AsyncIterator<string>
  readonly #ended: Promise<unknown>

  constructor(script: string, order: ChildOrder, { through = [], uid, gid }: ChildOptions) {
    const [command = process.execPath, ...args] = [...through, process.execPath, script, JSON.stringify(order)]
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    })
    this.#child.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#ended = once(this.#child, 'exit')
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The next line; undefined when it has ended. */
  async line(): Promise<ChildLine | undefined> {
    const next = await this.#lines.next()
    return next.done === true ? undefined : (JSON.parse(next.value) as ChildLine)
  }

  /** What it says once it has tried to load. */
  async outcome(): Promise<ChildLine> {
    for (;;) {
      const line = await this.line()
      if (line === undefined) throw new Error('the child ended before it had loaded')
      if (line.held === true || line.code !== undefined) return line
    }
  }

  async ready(): Promise<void> {
    await this.line()
  }

  command(): void {
    this.#child.stdin.write('go\n')
  }

  async end(): Promise<void> {
    this.#child.stdin.end()
    await this.#ended
  }

  /** Resolves once the system has the process's end, which it tells the parent only after all its threads are gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  signal(): NodeJS.Signals | null {
    return this.#child.signalCode
  }

  async ended(): Promise<void> {
    await this.#ended
  }
}

import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { ServerUnavailableError } from '../server/binary.ts'
import { JAVA_OPTIONS } from '../server/java-process.ts'
import { installed, javaProgram } from '../server/maven.ts'

/** The folder with the classes of these source files, compiled on the first call and again when one of them has changed. */
export async function compiledJava(name: string, classPath: readonly string[], sources: readonly string[]): Promise<string> {
  return await installed(`${name}-classes`, [...classPath, ...sources.map((file) => readFileSync(file, 'utf8'))], async (staging) => {
    const made = path.join(staging, 'classes')
    try {
      await promisify(execFile)(javaProgram('javac'), ['--release', '17', '-encoding', 'UTF-8', '-d', made, '-cp', classPath.join(path.delimiter), ...sources])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new ServerUnavailableError(`${name}: the command "javac" (Java Development Kit) is not installed`, { cause: error })
    }
    return made
  })
}

/** A Java program that answers commands (CommandLoop.java), one after the other. It ends when our end of its input closes. */
export class JavaPeer implements AsyncDisposable {
  readonly #name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #stderr = ''

  constructor(mainClass: string, classPath: readonly string[]) {
    this.#name = mainClass
    this.#child = spawn(javaProgram(), [...JAVA_OPTIONS, '-Xmx256m', '-cp', classPath.join(path.delimiter), mainClass], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-10_000)))
    // Answers come in the order of the commands.
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line))
    this.#child.stdin.on('error', () => undefined)
    const gone = (error: Error): void => this.#waiting.splice(0).forEach(({ reject }) => reject(error))
    this.#child.on('error', gone).on('close', () => gone(this.#ended()))
  }

  /** One command, one answer. Rejects with what it threw. */
  async ask(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw this.#ended()
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin.write(`${JSON.stringify(command)}\n`)
    })
    const { answer, error } = JSON.parse(line) as { answer?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  #ended(): Error {
    return new Error(`${this.#name} has ended: ${this.#stderr}`)
  }
}

/** As commands carry bytes. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Answers that are JSON texts, parsed. `text` is exact where a number is beyond 2^53. */
export function parsed<T>(texts: unknown): (T & { readonly text: string })[] {
  return (texts as string[]).map((text) => ({ ...(JSON.parse(text) as T), text }))
}

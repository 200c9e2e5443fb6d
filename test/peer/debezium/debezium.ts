/**
 * Debezium's own engine and Kafka Connect's own offset file, in processes of their own. Needs Java 17 with its compiler, and Maven.
 *
 *     await using debezium = await startDebezium('engine.properties')           // records arrive in debezium.records
 *     await debezium.until(() => debezium.records.length > 10)
 *     await debezium.stop()                                                     // or kill()
 *     await connectEntries('offsets.dat')                                       // what Java makes of the file
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ServerUnavailableError } from '../../server/binary.ts'
import { JAVA_OPTIONS } from '../../server/java-process.ts'
import { installed, javaProgram, mavenJars, requireJava } from '../../server/maven.ts'

export const DEBEZIUM_VERSION = '3.6.1.Final'

/** Which of its connectors is on the class path. */
export type DebeziumConnector = 'postgres' | 'mysql' | 'mariadb'

/** That of MariaDB could not be had in any later version from Maven Central when this was written. */
const VERSION: Readonly<Record<DebeziumConnector, string>> = { postgres: DEBEZIUM_VERSION, mysql: DEBEZIUM_VERSION, mariadb: '3.5.0.Final' }
const SOURCE = fileURLToPath(new URL('DebeziumPeer.java', import.meta.url))
const run = promisify(execFile)

/** Fetches the jars and compiles the program, on the first call; the options of `java` to start it with. */
export async function installDebezium(connector: DebeziumConnector = 'postgres'): Promise<readonly string[]> {
  const version = VERSION[connector]
  requireJava(`Debezium ${version}`, 17)
  const name = connector === 'postgres' ? `debezium-${version}` : `debezium-embedded-${connector}-${version}`
  const jars = await mavenJars(name, [`io.debezium:debezium-embedded:${version}`, `io.debezium:debezium-connector-${connector}:${version}`, 'org.slf4j:slf4j-simple:1.7.36'])
  const classes = await installed('debezium-peer-classes', [jars, readFileSync(SOURCE, 'utf8')], async (staging) => {
    const made = path.join(staging, 'classes')
    try {
      await run(javaProgram('javac'), ['--release', '17', '-encoding', 'UTF-8', '-d', made, '-cp', path.join(jars, '*'), SOURCE])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new ServerUnavailableError('Debezium: the command "javac" (Java Development Kit) is not installed', { cause: error })
    }
    return made
  })
  return [...JAVA_OPTIONS, '-Xmx256m', `-Dorg.slf4j.simpleLogger.defaultLogLevel=${process.env['TAILRACE_PEER_LOG'] ?? 'warn'}`, '-cp', [classes, path.join(jars, '*')].join(path.delimiter), 'DebeziumPeer']
}

/** A record as its converters wrote it. */
export interface PeerRecord {
  readonly key: unknown
  readonly value: unknown
}

export interface DebeziumOptions {
  readonly connector?: DebeziumConnector
  /** Processes exactly so many records, and ends. */
  readonly count?: number | undefined
  /** Does not end then, but says that it holds, once the offset is stored. */
  readonly holds?: boolean
}

/** Starts the engine with a file of properties. */
export async function startDebezium(file: string, { connector = 'postgres', count, holds = false }: DebeziumOptions = {}): Promise<DebeziumRun> {
  const options = await installDebezium(connector)
  return new DebeziumRun(spawn(javaProgram(), [...options, 'run', file, ...(count === undefined ? [] : [String(count)]), ...(holds ? ['hold'] : [])], { stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** An engine that runs; killed by disposing. */
export class DebeziumRun implements AsyncDisposable {
  readonly records: PeerRecord[] = []
  readonly #child: ChildProcess
  readonly #ended: Promise<number | string>
  #end: number | string | undefined
  #stderr = ''

  constructor(child: ChildProcess) {
    this.#child = child
    createInterface({ input: child.stdout! }).on('line', (line) => this.records.push(JSON.parse(line) as PeerRecord))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-100_000)))
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve((this.#end = error.message)))
      child.once('close', (code, signal) => resolve((this.#end = code ?? signal ?? 'unknown')))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Looks again and again until it holds; an engine that ends meanwhile is an error. */
  async until(holds: () => boolean | Promise<boolean>, what: string, timeoutMs = 60_000): Promise<void> {
    for (const limit = performance.now() + timeoutMs; !(await holds()); await delay(10)) {
      if (this.#end !== undefined || performance.now() > limit) throw new Error(`Debezium: not ${what}, ended ${this.#end ?? 'not yet'}, records ${this.records.length}\n${this.#stderr}`)
    }
  }

  /** Its end by itself; an error of its own is one here. */
  async end(): Promise<void> {
    const end = await Promise.race([this.#ended, delay(60_000, 'late', { ref: false })])
    if (end !== 0) throw new Error(`Debezium ended with ${end}\n${this.#stderr}`)
  }

  /** Until it holds where it was told to. */
  async held(): Promise<void> {
    await this.until(() => /^HELD$/m.test(this.#stderr), 'held')
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const end = await Promise.race([this.#ended, delay(60_000, 'late', { ref: false })])
    // Java's own status after SIGTERM
    if (end !== 0 && end !== 143) throw new Error(`Debezium ended with ${end}\n${this.#stderr}`)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  get log(): string {
    return this.#stderr
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end === undefined) await this.kill()
  }
}

export type ConnectEntry = readonly [key: string | null, value: string | null]

/** The entries of an offset file as Kafka Connect's FileOffsetBackingStore reads them. */
export async function connectEntries(file: string): Promise<ConnectEntry[]> {
  const { stdout } = await run(javaProgram(), [...(await installDebezium()), 'read', file])
  return JSON.parse(stdout) as ConnectEntry[]
}

/** Has FileOffsetBackingStore write (or add to) an offset file. */
export async function writeConnectEntries(file: string, entries: readonly ConnectEntry[]): Promise<void> {
  const writing = run(javaProgram(), [...(await installDebezium()), 'write', file])
  writing.child.stdin!.end(JSON.stringify(entries))
  await writing
}

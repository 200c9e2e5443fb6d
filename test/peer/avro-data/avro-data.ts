/**
 * Confluent's AvroConverter in a process of its own: the schema it registers and the bytes it writes for data that Kafka's JsonConverter
 * reads from JSON with a schema. Confluent publishes it in a repository of its own only; the connector of Snowflake, which Maven's default
 * repository has, carries its classes unchanged. Needs Java 17 with its compiler, and Maven.
 *
 *     await using peer = await startAvroData()
 *     await peer.convert(json)                                  // { schema, bytes }: the text of the schema, bytes without a frame
 *     await peer.convert(json, { 'connect.meta.data': 'false' })
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ServerUnavailableError } from '../../server/binary.ts'
import { JAVA_OPTIONS } from '../../server/java-process.ts'
import { installed, javaProgram, mavenJars, requireJava } from '../../server/maven.ts'

const SOURCE = fileURLToPath(new URL('AvroDataOracle.java', import.meta.url))
/** With version 7.7.0 of Confluent's converter, and Avro 1.11.4. */
const CARRIER = 'com.snowflake:snowflake-kafka-connector:2.5.0'

export interface ConvertedData {
  readonly schema: string
  readonly bytes: Buffer
}

/** Fetches the jars and compiles the program, on the first call. */
export async function installAvroData(): Promise<{ jars: string; classes: string }> {
  requireJava('Confluent’s AvroConverter', 17)
  const jars = await mavenJars('avro-data', ['org.apache.kafka:connect-json:3.9.1', 'org.slf4j:slf4j-nop:1.7.36'], [CARRIER])
  const classes = await installed('avro-data-classes', [jars, readFileSync(SOURCE, 'utf8')], async (staging) => {
    const made = path.join(staging, 'classes')
    try {
      await promisify(execFile)(javaProgram('javac'), ['--release', '17', '-encoding', 'UTF-8', '-d', made, '-cp', path.join(jars, '*'), SOURCE])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new ServerUnavailableError('Confluent’s AvroConverter: the command "javac" (Java Development Kit) is not installed', { cause: error })
    }
    return made
  })
  return { jars, classes }
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startAvroData(): Promise<AvroDataPeer> {
  const { jars, classes } = await installAvroData()
  const classPath = [classes, path.join(jars, '*')].join(path.delimiter)
  return new AvroDataPeer(spawn(javaProgram(), [...JAVA_OPTIONS, '-Xmx256m', '-cp', classPath, 'AvroDataOracle'], { stdio: ['pipe', 'pipe', 'pipe'] }))
}

export class AvroDataPeer implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #stderr = ''

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-10_000)))
    // Answers come in the order of the questions.
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line))
    child.stdin.on('error', () => undefined)
    const gone = (error: Error): void => this.#waiting.splice(0).forEach(({ reject }) => reject(error))
    child.on('error', gone).on('close', () => gone(new Error(`the converter has ended: ${this.#stderr}`)))
  }

  /** `json`: one line, `{"schema":…,"payload":…}`. `options`: the converter's. Rejects with what it threw. */
  async convert(json: string, options: Readonly<Record<string, string>> = {}): Promise<ConvertedData> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`the converter has ended: ${this.#stderr}`)
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin.write(`${Object.entries(options).map(([name, value]) => `${name}=${value}`).join(',')}\t${json}\n`)
    })
    if (line.startsWith('! ')) throw new Error(line.slice(2))
    const [schema = '', hex = ''] = line.split('\t')
    return { schema, bytes: Buffer.from(hex, 'hex') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}

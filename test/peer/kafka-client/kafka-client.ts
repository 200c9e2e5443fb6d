/**
 * What others make of our bytes: Kafka's own Java client, Connect's converters, Avro's own reader, in a process of their
 * own, which is asked again and again (its start costs most of a second). Needs Java 17 with its compiler, and Maven.
 *
 *     await using client = await startKafkaClient()
 *     await client.read({ url: kafka.url, topic: 't' })                      // every record, exact bytes, read_committed
 *     await client.partitions([Buffer.from('key')], 12)                      // what Java's producer chooses
 *     await client.connectOfJson([bytes])                                    // JSON with a schema → { schema, payload, text }
 *     await client.connectOfAvro([bytes], { registry: 'http://127.0.0.1:1' })  // framed Avro → { schema, payload, text }
 *     await client.avro([bytes], { registry })                               // framed Avro → { id, schema, value, text }
 *     await client.avroOfConnect([json])                                     // JSON with a schema → { schema, value }
 *
 * `text` is the JSON that the rest was parsed from: numbers beyond 2^53 are exact in it alone.
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
import { KAFKA_VERSION } from '../../server/kafka-jars.ts'
import { installed, javaProgram, mavenJars, requireJava } from '../../server/maven.ts'

const SOURCES = ['KafkaClient.java', 'TopicReader.java', 'ConnectData.java'].map((name) => fileURLToPath(new URL(name, import.meta.url)))

export interface ReadRequest {
  /** Bootstrap server: `host:port`. */
  readonly url: string
  readonly topic: string
  /** Default read_committed: to the last stable offset, without records of aborted transactions. */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** Other settings of the consumer (`security.protocol`, …). */
  readonly config?: Readonly<Record<string, string>>
  /** Default 20 s. */
  readonly timeoutMs?: number
}

/** One record as it is in the log. */
export interface StoredRecord {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: bigint
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer | null])[]
}

/** What Connect's JsonConverter writes for data and its schema. */
export interface ConnectJson {
  readonly schema: unknown
  readonly payload: unknown
  readonly text: string
}

/** A value by its writer's schema, in Avro's JSON encoding (a union's branch by name, bytes as Latin 1). */
export interface AvroJson {
  readonly id: number
  readonly schema: unknown
  readonly value: unknown
  readonly text: string
}

export interface AvroRequest {
  /** Address of the registry, Confluent's API at its root. */
  readonly registry: string
  /** The header `authorization`. */
  readonly authorization?: string
  /** Settings of the converter, e.g. `enhanced.avro.schema.support`. */
  readonly options?: Readonly<Record<string, string>>
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startKafkaClient(): Promise<KafkaClient> {
  const { jars, classes } = await installKafkaClient()
  const classPath = [classes, path.join(jars, '*')].join(path.delimiter)
  const args = [...JAVA_OPTIONS, '-Xmx256m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath, 'KafkaClient']
  const client = new KafkaClient(spawn(javaProgram(), args, { stdio: ['pipe', 'pipe', 'pipe'] }))
  await client.ask({ do: 'ready' })
  return client
}

/** Fetches the jars and compiles the program, on the first call. */
export async function installKafkaClient(): Promise<{ jars: string; classes: string }> {
  requireJava('Kafka client', 17)
  const jars = await mavenJars(`kafka-client-${KAFKA_VERSION}`, [
    `org.apache.kafka:kafka-clients:${KAFKA_VERSION}`,
    `org.apache.kafka:connect-json:${KAFKA_VERSION}`,
    'org.apache.avro:avro:1.12.1',
    'org.slf4j:slf4j-simple:1.7.36',
  ], [
    // Two classes of each are needed, and none of what they bring along.
    'io.apicurio:apicurio-registry-utils-converter:2.6.13.Final',
    'io.apicurio:apicurio-registry-serdes-avro-serde:2.6.13.Final',
  ])
  const classes = await installed('kafka-client-classes', [jars, ...SOURCES.map((file) => readFileSync(file, 'utf8'))], async (staging) => {
    const made = path.join(staging, 'classes')
    try {
      await promisify(execFile)(javaProgram('javac'), ['--release', '17', '-encoding', 'UTF-8', '-d', made, '-cp', path.join(jars, '*'), ...SOURCES])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new ServerUnavailableError('Kafka client: the command "javac" (Java Development Kit) is not installed', { cause: error })
    }
    return made
  })
  return { jars, classes }
}

export class KafkaClient implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #stderr = ''

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-10_000)))
    // Answers come in the order of the commands.
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line))
    child.stdin.on('error', () => undefined)
    const gone = (error: Error): void => this.#waiting.splice(0).forEach(({ reject }) => reject(error))
    child.on('error', gone).on('close', () => gone(new Error(`the Kafka client has ended: ${this.#stderr}`)))
  }

  /** Every record from the beginning of each partition to its end at that moment; in order within a partition. */
  async read({ url, topic, isolation = 'read_committed', config = {}, timeoutMs = 20_000 }: ReadRequest): Promise<StoredRecord[]> {
    const all = { ...config, 'bootstrap.servers': url, 'isolation.level': isolation }
    const records = (await this.ask({ do: 'read', topic, config: all, timeoutMs })) as RecordLine[]
    const bytes = (base64: string | null): Buffer | null => (base64 === null ? null : Buffer.from(base64, 'base64'))
    return records
      .map((record) => ({
        ...record,
        offset: BigInt(record.offset),
        timestamp: BigInt(record.timestamp),
        key: bytes(record.key),
        value: bytes(record.value),
        headers: record.headers.map(([name, value]) => [name, bytes(value)] as const),
      }))
      .sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1))
  }

  /** The partition of each key: murmur2 as Java's default partitioner uses it. */
  async partitions(keys: readonly Uint8Array[], partitions: number): Promise<number[]> {
    return (await this.ask({ do: 'partition', keys: keys.map(base64), partitions })) as number[]
  }

  /** JSON as Connect's JsonConverter writes it with `schemas.enable`, read by it and written by it again. */
  async connectOfJson(values: readonly Uint8Array[]): Promise<ConnectJson[]> {
    return await this.#askForJson<ConnectJson>('connectOfJson', values)
  }

  /** Avro with the registry's frame, as a sink connector gets it from the Avro converter. */
  async connectOfAvro(values: readonly Uint8Array[], request: AvroRequest): Promise<ConnectJson[]> {
    return await this.#askForJson<ConnectJson>('connectOfAvro', values, request)
  }

  /** The same without Connect: the writer's schema from the registry, and the value in Avro's JSON encoding. */
  async avro(values: readonly Uint8Array[], request: AvroRequest): Promise<AvroJson[]> {
    return await this.#askForJson<AvroJson>('avro', values, request)
  }

  /** The schema and the bytes (without a frame) that the Avro converter makes of JSON with a Connect schema. */
  async avroOfConnect(values: readonly Uint8Array[], options: Readonly<Record<string, string>> = {}): Promise<{ schema: unknown; value: Buffer }[]> {
    const made = (await this.ask({ do: 'avroOfConnect', values: values.map(base64), options })) as { schema: unknown; value: string }[]
    return made.map(({ schema, value }) => ({ schema, value: Buffer.from(value, 'base64') }))
  }

  /** One command, one answer. */
  async ask(command: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`the Kafka client has ended: ${this.#stderr}`)
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#child.stdin.write(`${JSON.stringify(command)}\n`)
    })
    const { answer, error } = JSON.parse(line) as { answer?: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return answer
  }

  async #askForJson<T extends { text: string }>(name: string, values: readonly Uint8Array[], request?: AvroRequest): Promise<T[]> {
    const texts = (await this.ask({ do: name, values: values.map(base64), ...request })) as string[]
    return texts.map((text) => ({ ...(JSON.parse(text) as T), text }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}

interface RecordLine {
  partition: number
  offset: string
  timestamp: string
  timestampType: 'CreateTime' | 'LogAppendTime'
  key: string | null
  value: string | null
  headers: [string, string | null][]
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

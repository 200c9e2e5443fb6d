/**
 * Confluent's AvroConverter in a process of its own: the schema it registers and the bytes it writes for data that Kafka's JsonConverter
 * reads from JSON with a schema. Confluent publishes it in a repository of its own only; the connector of Snowflake, which Maven's default
 * repository has, carries its classes unchanged. Needs Java 17 with its compiler, and Maven.
 *
 *     await using peer = await startAvroData()
 *     await peer.convert(json)                                  // { schema, bytes }: the text of the schema, bytes without a frame
 *     await peer.convert(json, { 'connect.meta.data': 'false' })
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { mavenJars, requireJava } from '../../server/maven.ts'
import { compiledJava, JavaPeer } from '../java-peer.ts'

const SOURCES = ['../CommandLoop.java', 'AvroDataOracle.java'].map((name) => fileURLToPath(new URL(name, import.meta.url)))
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
  return { jars, classes: await compiledJava('avro-data', [path.join(jars, '*')], SOURCES) }
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startAvroData(): Promise<AvroDataPeer> {
  const { jars, classes } = await installAvroData()
  const peer = new JavaPeer('AvroDataOracle', [classes, path.join(jars, '*')])
  await peer.ask({ do: 'ready' })
  return new AvroDataPeer(peer)
}

export class AvroDataPeer implements AsyncDisposable {
  readonly #peer: JavaPeer

  constructor(peer: JavaPeer) {
    this.#peer = peer
  }

  /** `json`: `{"schema":…,"payload":…}`. `options`: the converter's. Rejects with what it threw. */
  async convert(json: string, options: Readonly<Record<string, string>> = {}): Promise<ConvertedData> {
    const { schema, bytes } = (await this.#peer.ask({ do: 'convert', json, options })) as { schema: string; bytes: string }
    return { schema, bytes: Buffer.from(bytes, 'base64') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]()
  }
}

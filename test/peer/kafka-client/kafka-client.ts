/**
 * What Kafka's own Java client and Connect's JSON converter make of our bytes, in a process of their own, which is asked
 * again and again (its start costs half a second). Needs Java 17 with its compiler, and Maven.
 *
 *     await using client = await startKafkaClient()
 *     await client.read({ url: kafka.url, topic: 't' })      // every record, exact bytes, read_committed
 *     await client.partitions([Buffer.from('key')], 12)      // what Java's producer chooses
 *     await client.connect([bytes])                          // JSON with a schema → { schema, payload, text }
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { KAFKA_VERSION } from '../../server/kafka-jars.ts'
import { mavenJars, requireJava } from '../../server/maven.ts'
import { base64, compiledJava, JavaPeer, parsed } from '../java-peer.ts'

const SOURCES = ['../CommandLoop.java', 'KafkaClient.java', 'TopicReader.java'].map((name) => fileURLToPath(new URL(name, import.meta.url)))

export interface ReadRequest {
  /** Bootstrap server: `host:port`. */
  readonly url: string
  readonly topic: string
  /** Default read_committed: to the last stable offset, without records of aborted transactions. */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** Other settings of the consumer (`security.protocol`, …). */
  readonly config?: Readonly<Record<string, string>>
  /** Default 20 s, for about 16 MB. */
  readonly timeoutMs?: number
  /** The first offset, of every partition. Default: the beginning. */
  readonly from?: bigint
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
  /** What the two were parsed from: numbers beyond 2^53 are exact in it alone. */
  readonly text: string
}

/** Starts it. Ended by `await using`, or with this process. */
export async function startKafkaClient(): Promise<KafkaClient> {
  const peer = new JavaPeer('KafkaClient', await installKafkaClient())
  await peer.ask({ do: 'ready' })
  return new KafkaClient(peer)
}

/** Its class path: fetched and compiled on the first call. */
export async function installKafkaClient(): Promise<string[]> {
  requireJava('Kafka client', 17)
  const jars = await mavenJars(`kafka-client-${KAFKA_VERSION}`, [
    `org.apache.kafka:kafka-clients:${KAFKA_VERSION}`,
    `org.apache.kafka:connect-json:${KAFKA_VERSION}`,
    'org.slf4j:slf4j-nop:1.7.36',
  ])
  const all = path.join(jars, '*')
  return [await compiledJava('kafka-client', [all], SOURCES), all]
}

export class KafkaClient implements AsyncDisposable {
  readonly #peer: JavaPeer

  constructor(peer: JavaPeer) {
    this.#peer = peer
  }

  /** Every record from the beginning of each partition to its end at that moment; in order within a partition. */
  async read({ url, topic, isolation = 'read_committed', config = {}, timeoutMs = 20_000, from = 0n }: ReadRequest): Promise<StoredRecord[]> {
    const request = { do: 'read', topic, config: { ...config, 'bootstrap.servers': url, 'isolation.level': isolation }, timeoutMs, from: String(from) }
    const records: StoredRecord[] = []
    for (let page: Partial<Page> = {}; page.done !== true; ) {
      page = (await this.#peer.ask({ ...request, next: page.next, ends: page.ends })) as Page
      for (const record of page.records!) records.push(toRecord(record))
    }
    return records.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1))
  }

  /** The partition of each key: murmur2 as Java's default partitioner uses it. */
  async partitions(keys: readonly Uint8Array[], partitions: number): Promise<number[]> {
    return (await this.#peer.ask({ do: 'partition', keys: keys.map(base64), partitions })) as number[]
  }

  /** JSON as Connect's JsonConverter writes it with `schemas.enable`, read by it and written by it again. */
  async connect(values: readonly Uint8Array[]): Promise<ConnectJson[]> {
    return parsed(await this.#peer.ask({ do: 'connect', values: values.map(base64) }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]()
  }
}

/** An answer of TopicReader.java. */
interface Page {
  readonly records: readonly RecordLine[]
  readonly done: boolean
  readonly next: Readonly<Record<string, string>>
  readonly ends: Readonly<Record<string, string>>
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

function toRecord(record: RecordLine): StoredRecord {
  return {
    ...record, offset: BigInt(record.offset), timestamp: BigInt(record.timestamp), key: bytes(record.key), value: bytes(record.value),
    headers: record.headers.map(([name, value]) => [name, bytes(value)] as const),
  }
}

function bytes(base64: string | null): Buffer | null {
  return base64 === null ? null : Buffer.from(base64, 'base64')
}

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readJavaMap } from '../../src/offset/debezium/java-map.ts'
import type { KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'

/** Debezium stores its offset as often. */
const FLUSH_MS = 500

export const OFFSET_KEY = '["orders",{"server":"shop"}]'

export type Properties = Readonly<Record<string, string | number>>

/** Where Debezium and the command keep their one offset. */
export interface OffsetPlace {
  /** What names it in the configuration. */
  readonly properties: Properties
  /** The value that Debezium would find now. */
  newest(): Promise<Uint8Array | null | undefined>
  /** Resolves at a moment at which Debezium is not writing it. */
  atRest(): Promise<void>
}

function fileOffsets(file: string): OffsetPlace {
  return {
    properties: { 'offset.storage': 'org.apache.kafka.connect.storage.FileOffsetBackingStore', 'offset.storage.file.filename': file },
    newest: async () => readJavaMap(await readFile(file))[0]?.[1],
    // Connect writes the file in place (FileOffsetBackingStore.save): a kill in the middle leaves a torn one, from which nobody can go on
    async atRest() {
      for (let tries = 0; tries < 2_000; tries++) {
        const age = Date.now() - (await stat(file)).mtimeMs
        if (age > FLUSH_MS / 10 && age < FLUSH_MS / 2) return
        await delay(5)
      }
      throw new Error('Debezium did not store an offset')
    },
  }
}

/** The topic is made by whoever comes first. */
export function topicOffsets(kafka: KafkaServer, client: KafkaClient, topic: string): OffsetPlace {
  return {
    properties: {
      'offset.storage': 'org.apache.kafka.connect.storage.KafkaOffsetBackingStore', 'bootstrap.servers': kafka.url, 'offset.storage.topic': topic,
      'offset.storage.partitions': 5, 'offset.storage.replication.factor': 1,
    },
    // Connect reads what is not committed too, unless its isolation.level says otherwise (KafkaOffsetBackingStore)
    newest: async () => (await client.read({ url: kafka.url, topic, isolation: 'read_uncommitted' })).findLast(({ key }) => key?.toString() === OFFSET_KEY)?.value,
    atRest: async () => {},
  }
}

/** One configuration and one place of the offset for Debezium and the command. */
export class SharedConfiguration implements AsyncDisposable {
  readonly file: string
  /** The offset file, unless the offset is kept elsewhere. */
  readonly offsets: string
  /** The file of the schema history, of sources that have one, unless it is kept elsewhere. */
  readonly history: string
  readonly #folder: string
  readonly #place: OffsetPlace

  private constructor(folder: string, place: OffsetPlace | undefined) {
    this.#folder = folder
    this.file = path.join(folder, 'engine.properties')
    this.offsets = path.join(folder, 'offsets.dat')
    this.history = path.join(folder, 'history.ndjson')
    this.#place = place ?? fileOffsets(this.offsets)
  }

  /** `properties`: what the source needs; the rest is the same for all. */
  static async write(properties: (configuration: SharedConfiguration) => Properties, place?: OffsetPlace): Promise<SharedConfiguration> {
    const configuration = new SharedConfiguration(await mkdtemp(path.join(tmpdir(), 'tailrace-take-over-')), place)
    const all = {
      'name': 'orders', 'topic.prefix': 'shop', 'skipped.operations': 'none', 'poll.interval.ms': 5, ...configuration.#place.properties, 'offset.flush.interval.ms': FLUSH_MS,
      'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false', ...properties(configuration),
    }
    await writeFile(configuration.file, Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join(''))
    return configuration
  }

  /** The one offset that is stored. */
  async stored<Fields>(): Promise<Fields> {
    return parsed(Buffer.from((await this.#place.newest()) ?? []).toString(), 'the stored offset') as Fields
  }

  async atRest(): Promise<void> {
    await this.#place.atRest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** JSON that must be one; what is not is shown. */
export function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${what} is no JSON: ${text}`, { cause })
  }
}

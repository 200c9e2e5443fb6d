import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readJavaMap } from '../../src/offset/debezium/java-map.ts'
import { formatLsn } from '../../src/source/postgres/position.ts'
import { startCommand } from '../golden/command.ts'
import { startDebezium } from '../peer/debezium/debezium.ts'
import type { KafkaClient } from '../peer/kafka-client/kafka-client.ts'
import type { KafkaServer } from '../server/kafka.ts'
import type { PostgresServer } from '../server/postgres.ts'
import { wordOf, type Leg } from './relay.ts'

/** Debezium stores its offset as often. */
const FLUSH_MS = 500

export const OFFSET_KEY = '["orders",{"server":"shop"}]'

/** Where Debezium and the command keep their one offset. */
export interface OffsetPlace {
  /** What names it in the configuration. */
  readonly properties: Readonly<Record<string, string | number>>
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
  readonly #folder: string
  readonly #place: OffsetPlace

  private constructor(folder: string, place: OffsetPlace | undefined) {
    this.#folder = folder
    this.file = path.join(folder, 'engine.properties')
    this.offsets = path.join(folder, 'offsets.dat')
    this.#place = place ?? fileOffsets(this.offsets)
  }

  static async make(server: PostgresServer, database: string, more: Readonly<Record<string, string | number>> = {}, place?: OffsetPlace): Promise<SharedConfiguration> {
    const configuration = new SharedConfiguration(await mkdtemp(path.join(tmpdir(), 'tailrace-take-over-')), place)
    const properties = {
      'name': 'orders', 'connector.class': 'io.debezium.connector.postgresql.PostgresConnector', 'topic.prefix': 'shop',
      'database.hostname': server.host, 'database.port': server.port, 'database.user': 'postgres', 'database.password': 'postgres', 'database.dbname': database,
      'plugin.name': 'pgoutput', 'slot.name': 'relay', 'publication.name': 'relay', 'skipped.operations': 'none', 'poll.interval.ms': 5,
      ...configuration.#place.properties, 'offset.flush.interval.ms': FLUSH_MS,
      'key.converter.schemas.enable': 'false', 'value.converter.schemas.enable': 'false', ...more,
    }
    await writeFile(configuration.file, Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join(''))
    return configuration
  }

  /** The one offset that is stored. */
  async stored(): Promise<{ readonly lsn: number; readonly snapshot?: string; readonly messageType?: string; readonly tailrace?: string }> {
    return parsed(Buffer.from((await this.#place.newest()) ?? []).toString(), 'the stored offset') as Awaited<ReturnType<SharedConfiguration['stored']>>
  }

  async atRest(): Promise<void> {
    await this.#place.atRest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** How a leg ends: after exactly so many records; in order, or killed, once so many have come, or one that says so. */
export type Ending = { readonly after: number } | { readonly stop: number | string } | { readonly kill: number }

/** Debezium delivers until the ending. */
export async function byDebezium(configuration: SharedConfiguration, ending: Ending): Promise<Leg> {
  await using debezium = await startDebezium(configuration.file, 'after' in ending ? ending.after : undefined)
  if ('after' in ending) await debezium.end()
  else {
    const goal = 'stop' in ending ? ending.stop : ending.kill
    await debezium.until(() => (typeof goal === 'number' ? debezium.records.length >= goal : debezium.records.slice(-500).some(({ value }) => wordOf(value) === goal)), `${goal} delivered`)
    if ('kill' in ending) await configuration.atRest()
    await ('stop' in ending ? debezium.stop() : debezium.kill())
  }
  // closed while its consumer has a batch, it may leave an older offset than what it delivered: from there it would go on itself
  const stored = await configuration.stored()
  // in a TRUNCATE of several tables its offset has no word for the place: the transaction comes again
  const inexact = 'kill' in ending || stored.messageType === 'TRUNCATE'
  return { name: 'Debezium', delivered: words(debezium.records.map(({ value }) => value)), last: formatLsn(BigInt(stored.lsn)), killed: inexact, offset: JSON.stringify(stored) }
}

/** The command delivers until the ending. */
export async function byCommand(configuration: SharedConfiguration, ending: Ending): Promise<Leg> {
  const command = startCommand(configuration.file, 'after' in ending ? ['--stop-after', String(ending.after)] : [])
  try {
    if ('after' in ending) await ended(command.end(60_000), command)
    else {
      const goal = 'stop' in ending ? ending.stop : ending.kill
      const there = await command.until(() => (typeof goal === 'number' ? command.records.length >= goal : command.records.slice(-500).some((line) => wordOf((parsed(line, 'a record') as { value: unknown }).value) === goal)), 60_000)
      if (!there) throw new Error(`not delivered: ${goal}\n${command.describe()}`)
      if ('stop' in ending) await ended(command.stop(), command)
      else {
        command.kill('SIGKILL')
        await command.ended
      }
    }
  } finally {
    command.kill('SIGKILL')
  }
  // a line that a kill has cut off was not delivered
  const whole = command.records.filter((line) => line.endsWith('}}'))
  return { name: 'tailrace', delivered: words(whole.map((line) => (parsed(line, 'a record') as { value: unknown }).value)), last: undefined, killed: 'kill' in ending, offset: JSON.stringify(await configuration.stored()) }
}

async function ended(end: Promise<number | NodeJS.Signals>, command: { describe(): string }): Promise<void> {
  const code = await end
  if (code !== 0) throw new Error(`the command ended with ${code}\n${command.describe()}`)
}

function words(values: readonly unknown[]): string[] {
  return values.map(wordOf).filter((word) => word !== undefined)
}

/** JSON that must be one; what is not is shown. */
function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${what} is no JSON: ${text}`, { cause })
  }
}
